import type { NodeName } from "../../domain/ids.ts";
import type { Membership, StoreKind } from "../../domain/membership.ts";
import type { StoreSpec } from "../../domain/spec/spec.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { StoreWatch } from "../../ports/store.ts";
import { withDeadline } from "../deadline.ts";
import type { Transport } from "../transport.ts";
import { followConsul } from "./consul.ts";
import { followEtcd } from "./etcd.ts";
import type { Follow } from "./following.ts";
import { serversOf, type Way } from "./servers.ts";
import { followZooKeeper } from "./zookeeper.ts";

const follow: Readonly<Record<StoreKind, Follow>> = {
  consul: followConsul,
  etcd: followEtcd,
  zookeeper: followZooKeeper,
};

/** Before the next way is tried beside those that have not answered yet (RFC 8305, "Connection Attempt Delay"). */
const nextWayMs = 250;
/** A server that is lost is not worth a word when another takes over within this. */
const takeoverMs = 1000;
/** The longest wait between two rounds in which nobody answered; it grows from a sixteenth of this. */
const longestWaitMs = 5000;

/** The spec's store, asked through its nodes, or from here where the spec names endpoints. */
export function createStoreWatch(options: {
  spec: StoreSpec;
  transports: ReadonlyMap<NodeName, Transport>;
  clock: Clock;
  /** The address that carries a node's cluster traffic, once it is known. */
  advertise(node: NodeName): string | undefined;
}): StoreWatch {
  return {
    watch: (listener) => {
      const watch = new Watch(options, listener);
      watch.begin();
      return watch;
    },
    ask: (within) =>
      withDeadline(options.clock, within, text`the ${clean(options.spec.kind)} store`, (signal) => {
        const { promise, resolve } = Promise.withResolvers<Outcome<Membership>>();
        const watch = new Watch(options, (outcome) => {
          watch.close();
          resolve(outcome);
        });
        signal.addEventListener("abort", () => watch.close(), { once: true });
        watch.begin();
        return promise;
      }),
  };
}

/** One listener's watch: a round of tries until one way answers, then that way until it fails, then the next round. */
class Watch implements Subscription {
  readonly #options: Parameters<typeof createStoreWatch>[0];
  readonly #listener: (outcome: Outcome<Membership>) => void;
  /** The ways that are being followed: those of a round, or the one that answered. */
  readonly #followed = new Map<Way, Subscription>();
  #answering: Way | undefined;
  #failedRounds = 0;
  #timers = new Set<() => void>();
  #closed = false;

  constructor(options: Parameters<typeof createStoreWatch>[0], listener: (outcome: Outcome<Membership>) => void) {
    this.#options = options;
    this.#listener = listener;
  }

  close(): void {
    this.#closed = true;
    this.#quiet();
  }

  /** Tries all ways, one after another but without waiting long for any, `last` at the end. */
  begin(last?: string): void {
    const { spec, transports, clock, advertise } = this.#options;
    const servers = serversOf(spec, transports, advertise);
    const ways = servers.flatMap((server) => server.ways);
    const waiting = [...ways.filter((way) => way.endpoint !== last), ...ways.filter((way) => way.endpoint === last)];
    const troubles: Trouble[] = [];
    const next = () => {
      const way = waiting.shift();
      if (way === undefined) return;
      if (waiting.length > 0) this.#after(nextWayMs, next);
      this.#followed.set(
        way,
        follow[spec.kind](
          way,
          { servers, clock },
          {
            picture: (membership) => this.#answered(way, membership),
            failed: (trouble) => {
              this.#followed.delete(way);
              if (this.#closed) return;
              if (this.#answering === way) return this.#lost(way, trouble);
              troubles.push(trouble);
              if (waiting.length > 0) next();
              else if (this.#followed.size === 0) this.#nobody(troubles);
            },
          },
        ),
      );
    };
    if (ways.length === 0) this.#nobody([]);
    else next();
  }

  #answered(way: Way, membership: Membership): void {
    if (this.#closed) return;
    if (this.#answering === undefined) {
      this.#answering = way;
      this.#failedRounds = 0;
      const winner = this.#followed.get(way);
      this.#followed.delete(way);
      this.#quiet();
      if (winner !== undefined) this.#followed.set(way, winner);
    }
    if (this.#answering === way) this.#listener(good(membership));
  }

  #lost(way: Way, trouble: Trouble): void {
    this.#answering = undefined;
    this.#after(takeoverMs, () => this.#listener(bad(trouble)));
    this.begin(way.endpoint);
  }

  #nobody(troubles: readonly Trouble[]): void {
    this.#quiet();
    this.#listener(bad(mostTelling(troubles)));
    if (this.#closed) return;
    const ceiling = Math.min(longestWaitMs, (longestWaitMs / 16) * 2 ** this.#failedRounds);
    this.#failedRounds += 1;
    this.#after(ceiling * (0.5 + this.#options.clock.random() / 2), () => this.begin());
  }

  #quiet(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const followed of this.#followed.values()) followed.close();
    this.#followed.clear();
  }

  /** A listener may have closed the watch when it heard the news. */
  #after(ms: number, then: () => void): void {
    if (this.#closed) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      then();
    });
    this.#timers.add(cancel);
  }
}

/** A server that answered, if only to refuse, tells more than one that did not, and that more than a closed port. */
const telling: readonly Trouble["kind"][] = ["store-refused", "bad-answer", "timed-out", "connection-refused"];

function mostTelling(troubles: readonly Trouble[]): Trouble {
  for (const kind of telling) {
    const found = troubles.find((trouble) => trouble.kind === kind);
    if (found !== undefined) return found;
  }
  return (
    troubles[0] ?? {
      kind: "misconfigured",
      detail: text`no node of the store is connected to`,
      remedy: text`name the store's node in ovl.yaml under store.node`,
    }
  );
}
