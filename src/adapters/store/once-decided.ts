import { isUp, type LinkState } from "../../domain/link.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { Link } from "../../ports/link.ts";
import type { StoreWatch } from "../../ports/store.ts";

/**
 * `inner`, begun once one of `links` is up or all are known to be down: while the ways to a store are only being opened,
 * nothing is wrong with it, and a trouble told then would be taken for one.
 */
export function onceDecided(inner: StoreWatch, links: readonly Link[]): StoreWatch {
  return {
    // Who asks once wants the answer as it is now.
    ask: (within) => inner.ask(within),
    watch: (listener) => {
      let watching: Subscription | undefined;
      const unlisten = links.map((link) => link.onState(begin));
      const stopListening = () => {
        for (const one of unlisten) one();
      };
      function begin(): void {
        if (watching !== undefined) return;
        if (!links.some(({ state }) => isUp(state)) && links.some(({ state }) => isOpening(state))) return;
        stopListening();
        watching = inner.watch(listener);
      }
      begin();
      return {
        close: () => {
          stopListening();
          watching?.close();
        },
      };
    },
  };
}

/** Connecting for the first time, or anew after it was up. */
const isOpening = (link: LinkState): boolean => link.state === "connecting" && link.after === undefined;
