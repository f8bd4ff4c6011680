import type { ContainerId, NetworkId, NodeName } from "../../domain/ids.ts";
import { type HeldAddress, type LaunchSurvey, nothingSurveyed } from "../../domain/launch/ground.ts";
import { lastSeen } from "../../domain/part.ts";
import type { Image } from "../../domain/plan/survey.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { SafeText } from "../../domain/text.ts";
import { isLive } from "../../domain/views/condition.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { Holder, type State } from "../state.ts";

const askMs = 15_000;

/**
 * What launching needs to know besides the snapshot, asked node by node as they answer: one node's silence keeps nothing
 * of the others. It is asked again of nodes that come back, and of containers that are new.
 */
export class LaunchLook {
  readonly state: State<LaunchSurvey>;
  readonly #survey = new Holder<LaunchSurvey>(nothingSurveyed);
  readonly #access: ReadonlyMap<NodeName, NodeAccess>;
  readonly #seen: State<Snapshot>;
  readonly #closing = new AbortController();
  readonly #askedImages = new Set<NodeName>();
  readonly #askedContainers = new Set<ContainerId>();
  #network: string | undefined;
  #unlisten: (() => void) | undefined;

  constructor(access: ReadonlyMap<NodeName, NodeAccess>, seen: State<Snapshot>) {
    this.#access = access;
    this.#seen = seen;
    this.state = this.#survey;
  }

  /** Begins to ask; the result ends it. */
  start(): () => void {
    this.#unlisten = this.#seen.listen(() => this.#look());
    this.#look();
    return () => {
      this.#unlisten?.();
      this.#closing.abort();
    };
  }

  /** The network by that name is looked at from every node that lists it. */
  follow(network: string): void {
    if (network === this.#network) return;
    this.#network = network;
    for (const node of this.#seen.get().nodes.values()) {
      const control = this.#access.get(node.name)?.control;
      const here = (lastSeen(node.networks) ?? []).find((one) => one.name === network);
      if (control === undefined || here === undefined || !isLive(node)) continue;
      void control.inspection.heldAddresses(here.id, this.#within).then((held) => {
        if (held.ok) this.#become({ held: merged(this.#survey.get().held, here.id, held.value) });
      });
    }
  }

  get #within() {
    return { ms: askMs, signal: this.#closing.signal };
  }

  #look(): void {
    for (const node of this.#seen.get().nodes.values()) {
      const { name } = node;
      const control = this.#access.get(name)?.control;
      if (control === undefined) continue;
      // A node that was away is asked anew: its images may be others by then.
      if (!isLive(node)) {
        this.#askedImages.delete(name);
        continue;
      }
      if (!this.#askedImages.has(name)) {
        this.#askedImages.add(name);
        void control.load(this.#within).then((load) => {
          if (load.ok) this.#become({ loads: new Map([...this.#survey.get().loads, [name, load.value]]) });
        });
        void control.engine.images(this.#within).then((images) => {
          if (images.ok) this.#become({ images: withEntry(this.#survey.get().images, name, images.value) });
          else this.#askedImages.delete(name);
        });
      }
      const fresh = [...(lastSeen(node.containers)?.keys() ?? [])].filter((id) => !this.#askedContainers.has(id));
      if (fresh.length > 0) void this.#askHostnames(control.inspection, fresh);
    }
  }

  async #askHostnames(
    inspection: NonNullable<NodeAccess["control"]>["inspection"],
    containers: readonly ContainerId[],
  ): Promise<void> {
    for (const id of containers) this.#askedContainers.add(id);
    const named = await inspection.hostnames(containers, this.#within);
    if (!named.ok) {
      for (const id of containers) this.#askedContainers.delete(id);
      return;
    }
    const hostnames = new Map<ContainerId, SafeText>(this.#survey.get().hostnames);
    for (const { container, hostname } of named.value) hostnames.set(container, hostname);
    this.#become({ hostnames });
  }

  #become(part: Partial<LaunchSurvey>): void {
    if (!this.#closing.signal.aborted) this.#survey.set({ ...this.#survey.get(), ...part });
  }
}

function withEntry(
  before: ReadonlyMap<NodeName, readonly Image[]>,
  name: NodeName,
  images: readonly Image[],
): ReadonlyMap<NodeName, readonly Image[]> {
  return new Map([...before, [name, images]]);
}

/** What several engines say of one network, together. */
export function merged(
  before: ReadonlyMap<NetworkId, readonly HeldAddress[]>,
  network: NetworkId,
  held: readonly HeldAddress[],
): ReadonlyMap<NetworkId, readonly HeldAddress[]> {
  return new Map([...before, [network, [...(before.get(network) ?? []), ...held]]]);
}
