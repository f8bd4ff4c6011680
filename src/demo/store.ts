import type { NodeName } from "../domain/ids.ts";
import { isUp, type LinkState } from "../domain/link.ts";
import type { Membership } from "../domain/membership.ts";
import { text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Subscription } from "../ports/engine.ts";
import type { StoreWatch } from "../ports/store.ts";
import type { NodeAccess } from "../ports/world.ts";
import { type StoreModel, storePort } from "./store-model.ts";

/** Changes that come together are one picture. */
const gatherMs = 100;
/** How long an answer is waited for. */
const answerMs = 5000;
/** Without a change the picture is repeated this often. */
const repeatMs = 10_000;

/** The demo's store, watched over the link to the machine that runs it. */
export class DemoStoreWatch implements StoreWatch {
  readonly #store: StoreModel;
  readonly #nodes: ReadonlyMap<NodeName, NodeAccess>;
  readonly #clock: Clock;

  constructor(store: StoreModel, nodes: ReadonlyMap<NodeName, NodeAccess>, clock: Clock) {
    this.#store = store;
    this.#nodes = nodes;
    this.#clock = clock;
  }

  watch(listener: (outcome: Outcome<Membership>) => void): Subscription {
    const machine = this.#store.machine;
    const link = machine === undefined ? undefined : this.#nodes.get(machine.spec.name)?.link;
    let cancel = (): void => {};
    let dueAt = Number.POSITIVE_INFINITY;
    const soon = (ms: number): void => {
      const at = this.#clock.now() + ms;
      if (at >= dueAt) return;
      cancel();
      dueAt = at;
      cancel = this.#clock.after(ms, () => {
        dueAt = Number.POSITIVE_INFINITY;
        soon(repeatMs);
        // Nothing is wrong yet while the way to the store is being opened.
        if (!isOpening(link?.state)) listener(this.#look(link));
      });
    };
    const changed = (): void => soon(gatherMs);
    const undo = [this.#store.listen(changed), link?.onState(changed)];
    soon(machine?.roundTripMs ?? 0);
    return {
      close: () => {
        for (const one of undo) one?.();
        cancel();
      },
    };
  }

  ask(within: Deadline): Promise<Outcome<Membership>> {
    const { machine } = this.#store;
    const link = machine === undefined ? undefined : this.#nodes.get(machine.spec.name)?.link;
    const after = Math.min(within.ms, machine?.reachable === false ? answerMs : (machine?.roundTripMs ?? 0));
    return new Promise((resolve) => {
      const settle = (outcome: Outcome<Membership>): void => {
        stop();
        within.signal?.removeEventListener("abort", cancelled);
        resolve(outcome);
      };
      const cancelled = (): void => settle(bad({ kind: "cancelled" }));
      const stop = this.#clock.after(after, () => settle(this.#look(link)));
      within.signal?.addEventListener("abort", cancelled, { once: true });
      if (within.signal?.aborted) cancelled();
    });
  }

  #look(link: NodeAccess["link"] | undefined): Outcome<Membership> {
    const { machine } = this.#store;
    if (machine === undefined || link === undefined || !isUp(link.state)) {
      return bad({ kind: "connection-lost", detail: text`the node that runs the store is not connected` });
    }
    if (!machine.reachable) {
      return bad({ kind: "timed-out", what: text`Consul at ${this.#store.endpoint}`, afterMs: answerMs });
    }
    if (!this.#store.running) return bad({ kind: "connection-refused", host: machine.address, port: storePort });
    if (!this.#store.hasLeader) {
      const from = text`Consul at ${this.#store.endpoint}`;
      return bad({ kind: "store-refused", from, detail: text`no cluster leader` });
    }
    return good(this.#store.picture(machine.roundTripMs));
  }
}

/** Connecting for the first time, or since it was last up. */
const isOpening = (link: LinkState | undefined): boolean => link?.state === "connecting" && link.after === undefined;
