import type { NodeName } from "../domain/ids.ts";
import { isUp, type LinkState } from "../domain/link.ts";
import type { Membership } from "../domain/membership.ts";
import type { StoreSpec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Subscription } from "../ports/engine.ts";
import type { Link } from "../ports/link.ts";
import type { StoreWatch } from "../ports/store.ts";
import type { NodeAccess } from "../ports/world.ts";
import { DemoLink } from "./link.ts";
import type { StoreModel } from "./store-model.ts";

/** Changes that come together are one picture. */
const gatherMs = 100;
/** How long an answer is waited for. */
const answerMs = 5000;
/** Without a change the picture is repeated this often. */
const repeatMs = 10_000;

/** The demo's store as the spec has it, watched over the links to the machines that run it. */
export class DemoStoreWatch implements StoreWatch {
  readonly #store: StoreModel;
  readonly #spec: StoreSpec;
  readonly #links: readonly Link[];
  readonly #clock: Clock;

  constructor(store: StoreModel, spec: StoreSpec, nodes: ReadonlyMap<NodeName, NodeAccess>, clock: Clock) {
    this.#store = store;
    this.#spec = spec;
    this.#links = linksTo(spec, nodes);
    this.#clock = clock;
  }

  watch(listener: (outcome: Outcome<Membership>) => void): Subscription {
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
        // Nothing is wrong yet while the ways to the store are being opened.
        if (this.#links.some((link) => !isOpening(link.state)) || this.#links.length === 0) listener(this.#look());
      });
    };
    const changed = (): void => soon(gatherMs);
    const undo = [this.#store.listen(changed), ...this.#links.map((link) => link.onState(changed))];
    soon(this.#roundTripMs);
    return {
      close: () => {
        for (const one of undo) one();
        cancel();
      },
    };
  }

  async ask({ ms, signal }: Deadline): Promise<Outcome<Membership>> {
    const machines = this.#links.flatMap((link) => (link instanceof DemoLink ? [link.machine] : []));
    const reachable = machines.some((machine) => machine.reachable);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#clock.after(Math.min(ms, reachable ? this.#roundTripMs : answerMs), done);
      signal?.addEventListener("abort", done, { once: true });
      if (signal?.aborted) done();
    });
    return signal?.aborted ? bad({ kind: "cancelled" }) : this.#look();
  }

  get #roundTripMs(): number {
    const [first] = this.#links;
    return first instanceof DemoLink ? first.machine.roundTripMs : 1;
  }

  /** The first member that answers; else what is wrong with the first. */
  #look(): Outcome<Membership> {
    const seen = this.#links.map((link) => this.#ask(link));
    return seen.find((one) => one.ok) ?? seen[0] ?? bad(notConnected);
  }

  #ask(link: Link): Outcome<Membership> {
    if (!(link instanceof DemoLink) || !isUp(link.state)) return bad(notConnected);
    const { machine } = link;
    const { kind, port } = this.#spec;
    const what: SafeText = text`${programs[kind]} at ${machine.address}:${port}`;
    if (!machine.reachable) return bad({ kind: "timed-out", what, afterMs: answerMs });
    const server = this.#store.serverOn(machine);
    if (server?.kind !== kind || server.port !== port) {
      return bad({ kind: "connection-refused", host: machine.address, port });
    }
    if (!this.#store.hasLeader) return bad({ kind: "store-refused", from: what, detail: text`no cluster leader` });
    return good(this.#store.picture(server, machine.roundTripMs));
  }
}

const programs = { consul: text`Consul`, etcd: text`etcd`, zookeeper: text`ZooKeeper` } as const;

const notConnected = { kind: "connection-lost", detail: text`the node that runs the store is not connected` } as const;

/** The ways to the store's members, in the order of the spec. */
function linksTo(spec: StoreSpec, nodes: ReadonlyMap<NodeName, NodeAccess>): Link[] {
  if (spec.at === "nodes") return spec.nodes.flatMap((node) => nodes.get(node)?.link ?? []);
  const links = [...nodes.values()].map((one) => one.link);
  return spec.endpoints.flatMap(({ host }) =>
    links.filter(
      (link) => link instanceof DemoLink && [link.machine.address, link.machine.hostname].includes(clean(host)),
    ),
  );
}

/** Connecting for the first time, or since it was last up. */
const isOpening = (link: LinkState): boolean => link.state === "connecting" && link.after === undefined;
