import type { NodeName } from "../domain/ids.ts";
import type { LinkState } from "../domain/link.ts";

/** The connection to one node, which keeps itself: it connects when made, and reconnects as `LinkState` tells. */
export interface Link {
  readonly node: NodeName;
  readonly state: LinkState;
  /** Called after every change of `state`. The result ends it. */
  onState(listener: (state: LinkState) => void): () => void;
  /**
   * Tries at once: the operator asked, or mended what was refused. The state of a link that is up or connecting stays;
   * questions that were refused on it (a sudo password) may then be asked once more.
   */
  retryNow(): void;
  /** Ends it for good; resolves when nothing is open any more. */
  close(): Promise<void>;
}
