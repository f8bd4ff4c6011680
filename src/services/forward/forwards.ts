import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { explain } from "../../domain/explain.ts";
import type { ForwardTarget } from "../../domain/forward.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Loopback } from "../../ports/tunnels.ts";
import type { NodeAccess } from "../../ports/world.ts";
import type { Audit } from "../audit.ts";
import { Holder, type State } from "../state.ts";

/** A port of this machine's loopback that leads to something on a node. */
export interface Forward {
  id: number;
  target: ForwardTarget;
  /** On 127.0.0.1. */
  port: number;
  /** Connections that are open now. */
  open: number;
  /** What the last connection failed with; it goes when one succeeds. */
  trouble: SafeText | undefined;
}

/** How long the other end may take to answer a new connection, ms. */
const dialMs = 10_000;

/** Forwards of this run of the program. They change nothing on a node, so that read-only allows them, and end with the program. */
export class Forwards {
  readonly state: State<readonly Forward[]>;
  readonly #holder = new Holder<readonly Forward[]>([]);
  readonly #closers = new Map<number, () => void>();
  readonly #access: ReadonlyMap<NodeName, NodeAccess>;
  readonly #loopback: Loopback;
  readonly #audit: Audit;
  #next = 1;

  constructor(access: ReadonlyMap<NodeName, NodeAccess>, loopback: Loopback, audit: Audit) {
    this.#access = access;
    this.#loopback = loopback;
    this.#audit = audit;
    this.state = this.#holder;
  }

  /** Opens a forward, or gives the one that is open already. Whether somebody answers there is tried first. */
  async open(target: ForwardTarget): Promise<Outcome<Forward>> {
    const there = this.#holder.get().find((one) => same(one.target, target));
    if (there !== undefined) return good(there);
    const trial = await this.#dial(target);
    if (!trial.ok) return trial;
    trial.value.destroy();
    const id = this.#next++;
    const listener = await this.#loopback.listen(target.port, (socket) => void this.#carry(id, target, socket));
    if (!listener.ok) return listener;
    const { port, close } = listener.value;
    const forward: Forward = { id, target, port, open: 0, trouble: undefined };
    this.#closers.set(id, close);
    this.#holder.set([...this.#holder.get(), forward]);
    await this.#audit.write({
      ...{ node: target.node, step: "forward", event: "begun" },
      title: text`forward 127.0.0.1:${port} to ${target.label} on ${target.node}`,
    });
    return good(forward);
  }

  close(id: number): void {
    const forward = this.#holder.get().find((one) => one.id === id);
    if (forward === undefined) return;
    this.#closers.get(id)?.();
    this.#closers.delete(id);
    this.#holder.set(this.#holder.get().filter((one) => one.id !== id));
    const { target, port } = forward;
    void this.#audit.write({
      ...{ node: target.node, step: "forward", event: "done" },
      title: text`forward 127.0.0.1:${port} to ${target.label} on ${target.node}`,
    });
  }

  closeAll(): void {
    for (const { id } of this.#holder.get()) this.close(id);
  }

  #dial({ node, host, port }: ForwardTarget): Promise<Outcome<Duplex>> {
    const access = this.#access.get(node);
    if (access === undefined) return Promise.resolve(bad({ kind: "cancelled" }));
    return access.tunnels.open(host, port, AbortSignal.timeout(dialMs));
  }

  /** Carries one connection until either end closes it. */
  async #carry(id: number, target: ForwardTarget, socket: Duplex): Promise<void> {
    const dialed = await this.#dial(target);
    if (!dialed.ok) {
      socket.destroy();
      this.#change(id, (one) => ({ ...one, trouble: explain(dialed.trouble, target.node).what }));
      return;
    }
    if (socket.destroyed) {
      dialed.value.destroy();
      return;
    }
    this.#change(id, (one) => ({ ...one, open: one.open + 1, trouble: undefined }));
    const there = dialed.value;
    // How a connection ends is the business of its two ends; both are closed when one is.
    const broken = (): void => {
      socket.destroy();
      there.destroy();
    };
    await Promise.all([pipeline(socket, there).catch(broken), pipeline(there, socket).catch(broken)]);
    this.#change(id, (one) => ({ ...one, open: one.open - 1 }));
  }

  #change(id: number, change: (forward: Forward) => Forward): void {
    this.#holder.set(this.#holder.get().map((one) => (one.id === id ? change(one) : one)));
  }
}

const same = (a: ForwardTarget, b: ForwardTarget): boolean =>
  a.node === b.node && a.host === b.host && a.port === b.port;
