import type { ContainerId } from "../../domain/ids.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import type { Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DemoContainer } from "../containers.ts";
import type { Machine } from "../machine.ts";
import { configuredMembers, type DemoMaster, type DemoMember, freshMember, trusts } from "./member.ts";
import type { Worker } from "./pool-model.ts";

/** HTCondor in the demo's containers: its files, and who of them make up a pool. */
export class Members {
  readonly #machines: () => readonly Machine[];
  readonly #clock: Clock;
  readonly #members = new Map<ContainerId, DemoMember>();
  readonly #installed = new Set<ContainerId>();

  constructor(machines: () => readonly Machine[], clock: Clock) {
    this.#machines = machines;
    this.#clock = clock;
  }

  /** The containers that are there are as an apply of `spec` left them at `since`. */
  configure(spec: Spec, since: Instant): void {
    const members = configuredMembers(spec, since);
    for (const machine of this.#machines()) {
      for (const container of machine.runtime.all.values()) {
        const member = members.get(container.name);
        if (member !== undefined) this.#members.set(container.id, member);
      }
    }
  }

  /** Whether the container has HTCondor in it. */
  hasCondor(container: DemoContainer): boolean {
    return /^big_computing(?::|$)/.test(container.image) || this.#installed.has(container.id);
  }

  /** Puts HTCondor into a container whose image has none; nothing starts it. */
  install(container: DemoContainer): void {
    this.#installed.add(container.id);
    this.#members.set(container.id, { ...freshMember(this.#clock.now()), master: undefined });
  }

  /** HTCondor in the container, as it was left there. */
  of(container: DemoContainer): DemoMember {
    const known = this.#members.get(container.id) ?? this.#fresh(container);
    this.#members.set(container.id, known);
    return known;
  }

  /** Only an init starts HTCondor by itself. */
  #fresh({ argv }: DemoContainer): DemoMember {
    const member = freshMember(this.#clock.now());
    return /(?:^|\/)(?:init|systemd)$/.test(argv[0] ?? "") ? member : { ...member, master: undefined };
  }

  /** The collector that the container is configured for is there. */
  hasCollector(container: DemoContainer): boolean {
    const manager = this.#manager();
    return manager !== undefined && this.of(container).master?.manager === manager.name;
  }

  /** That collector lets the container's daemons in. */
  isLetIn(container: DemoContainer): boolean {
    const manager = this.#manager();
    const own = this.of(container).master;
    return manager !== undefined && own !== undefined && this.hasCollector(container) && trusts(manager.master, own);
  }

  /** Who takes part in the pool now. */
  workers(): Worker[] {
    const manager = this.#manager();
    if (manager === undefined) return [];
    return this.#running()
      .filter(({ master }) => master.manager === manager.name && trusts(manager.master, master))
      .map(({ container, machine, master }) => ({
        name: container.name,
        address: container.places[0]?.held?.address,
        daemons: master.daemons,
        since: master.since,
        heard: machine.reachable && machine.engine !== undefined,
      }));
  }

  /** The first container that runs a collector for itself: the demo has one pool. */
  #manager(): { name: string; master: DemoMaster } | undefined {
    const found = this.#running().find(
      ({ container, master }) => master.daemons.includes("collector") && master.manager === container.name,
    );
    return found === undefined ? undefined : { name: found.container.name, master: found.master };
  }

  #running(): { container: DemoContainer; machine: Machine; master: DemoMaster }[] {
    return this.#machines().flatMap((machine) =>
      [...machine.containers.values()].flatMap((container) => {
        if (container.run.state !== "running" || !this.hasCondor(container)) return [];
        const { master } = this.of(container);
        return master === undefined ? [] : [{ container, machine, master }];
      }),
    );
  }
}
