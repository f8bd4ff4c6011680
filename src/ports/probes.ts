import type { ContainerId } from "../domain/ids.ts";
import type { Echo } from "../domain/ping/echo.ts";
import type { FullSize, Naming, Opening } from "../domain/ping/matrix.ts";
import type { Life } from "../domain/ping/place.ts";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** One way to try: from a container of the node to an address. */
export interface WayAsked {
  container: ContainerId;
  address: string;
  /** Asked of the container's name server; undefined: it is not. */
  name: string | undefined;
}

export interface ProbesAsked {
  ways: readonly WayAsked[];
  /** Addresses of other nodes, pinged from the node itself. */
  nodes: readonly string[];
  /** TCP port that is tried on every way. */
  port: number | undefined;
}

/** What was sent on one way and came back. */
export interface WayTold {
  /** Of the container that was sent from; "stopped" also when it was started anew meanwhile. */
  life: Life;
  small: Echo;
  full: FullSize;
  name: Naming;
  port: Opening | undefined;
  printed: readonly SafeText[];
}

/** What came of pinging another node. */
export interface NodeTold {
  small: Echo;
  full: FullSize;
  printed: readonly SafeText[];
}

/** Each in the order of what was asked. */
export interface ProbesTold {
  ways: readonly WayTold[];
  nodes: readonly NodeTold[];
}

/** Active measurements from one node. They change nothing there, but make kernels forget which packets were too large once. */
export interface Probes {
  /** Everything side by side, in one process of the node. */
  probe(asked: ProbesAsked, within: Deadline): Promise<Outcome<ProbesTold>>;
  /** ICMP echo requests that each container received since it was started; those that cannot be asked are missing. */
  echoesReceived(
    containers: readonly ContainerId[],
    within: Deadline,
  ): Promise<Outcome<ReadonlyMap<ContainerId, number>>>;
}
