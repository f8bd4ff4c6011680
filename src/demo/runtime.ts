import type { PublishedPort } from "../domain/engine.ts";
import type { ContainerId } from "../domain/ids.ts";
import type { LogLine } from "../domain/logs/line.ts";
import type { ContainerDefinition } from "../domain/plan/change.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import { macOf } from "./addresses.ts";
import { type Chance, newContainerId } from "./chance.ts";
import { ContainerLog } from "./container-log.ts";
import type { DemoContainer, Place, RestartPolicy } from "./containers.ts";
import type { EventLog } from "./event-log.ts";
import { Overlay, type Segment } from "./networks.ts";
import { refused } from "./refusal.ts";

/** What a container's process writes and how it ends, by itself, so long after its start. */
export interface Course {
  says: readonly { afterMs: number; from: LogLine["from"]; words: string }[];
  /** Undefined: it goes on. */
  end: { afterMs: number; code: number } | undefined;
}

/** What containers need of the machine that runs them. */
export interface RuntimeGround {
  clock: Clock;
  chance: Chance;
  events: EventLog;
  /** The engine's address, by which others find its containers. */
  address: SafeText;
  /** Engines of 20.10 say first that a container died, those of 26.1 that it left its network. */
  diesFirst: boolean;
  /** The network as the engine finds it. */
  find(nameOrId: string): Outcome<Segment>;
  /** What the container's process does when it is started now. */
  course(container: DemoContainer): Course;
  isServer(argv: readonly string[]): boolean;
  changed(): void;
}

/** What a container of the demo's own is made from. */
export interface ContainerPlan {
  name: SafeText;
  image: SafeText;
  command: readonly string[];
  network: string;
  restart: RestartPolicy;
  remove?: boolean;
  ports?: readonly PublishedPort[];
  /** When it was created and started; now when left out. */
  at?: Instant;
}

/** Waits before a container that fell over is started again: twice as long each time, until it ran for a while (moby restartmanager). */
const firstRestartMs = 100;
const longestRestartMs = 60_000;
const ranWellMs = 10_000;

/** The containers of one engine, and what can be done to them. Refusals have the engine's own words. */
export class Runtime {
  readonly all = new Map<ContainerId, DemoContainer>();
  readonly #byName = new Map<string, ContainerId>();
  readonly #on: RuntimeGround;

  constructor(ground: RuntimeGround) {
    this.#on = ground;
  }

  named(name: string): DemoContainer | undefined {
    const id = this.#byName.get(name);
    return id === undefined ? undefined : this.all.get(id);
  }

  /** `docker run -d`. What was created and could not be started stays, as an engine leaves it. */
  run(plan: ContainerPlan): Outcome<ContainerId> {
    const { at = this.#on.clock.now(), name, image, command, network, restart, remove = false, ports = [] } = plan;
    // As the set-up makes them: `--hostname` as the name, and for an init `--privileged` and the signal that ends it.
    const isInit = command[0] === "/usr/sbin/init";
    const stopSignal = isInit ? "SIGRTMIN+3" : undefined;
    const asked = { hostname: name, privileged: isInit, environment: {}, mounts: [], stopSignal };
    const parts = { name, image, argv: command, restart, remove, ports, createdAt: at, labels: new Map(), asked };
    const created = this.#add(parts, [placeOn(network, undefined)]);
    if (!created.ok) return created;
    const started = this.start(created.value, at);
    return started.ok ? good(created.value.id) : started;
  }

  /** `docker create`. `argv`: the image's own command where the definition has none. */
  create(definition: ContainerDefinition, argv: readonly string[]): Outcome<DemoContainer> {
    const { name, image, network = "bridge", address, remove, restart, labels } = definition;
    const { hostname, privileged, environment, mounts, stopSignal } = definition;
    if (address !== undefined && ["bridge", "host", "none"].includes(network)) {
      return refused(400, text`user specified IP address is supported on user defined networks only`);
    }
    return this.#add(
      {
        ...{ name: clean(name), image: clean(image), argv, remove, ports: [], createdAt: this.#on.clock.now() },
        asked: { hostname, privileged, environment, mounts, stopSignal },
        restart: policyOf(restart),
        labels: new Map(Object.entries(labels).map(([key, value]) => [clean(key), clean(value)])),
      },
      [placeOn(network, address)],
    );
  }

  /** `docker start`: of one that runs, nothing. What it fell over before does not count any more. */
  start(container: DemoContainer, at = this.#on.clock.now()): Outcome<void> {
    if (container.run.state === "running") return good(undefined);
    container.falls = 0;
    return this.#begin(container, at);
  }

  #begin(container: DemoContainer, at: Instant): Outcome<void> {
    const joined = this.#join(container, container.places);
    if (!joined.ok) return joined;
    if (container.run.state === "restarting") container.run.cancel();
    container.run = { state: "running", startedAt: at, paused: false };
    for (const place of container.places) this.#sayNetwork(container, place, text`connect`);
    this.#say(container, text`start`);
    container.log.begins(at);
    this.#live(container, this.#on.course(container), container.run);
    this.#on.changed();
    return good(undefined);
  }

  /** `docker stop`, for one that runs; if it was run with `--rm`, it is removed. */
  stop(container: DemoContainer, code: number): void {
    if (!this.#end(container, code, true)) return;
    this.#say(container, text`kill`);
    this.#sayDeath(container);
    this.#say(container, text`stop`);
    if (container.remove) this.#forget(container);
    this.#on.changed();
  }

  /** `docker kill` with a signal that ends it. */
  kill(container: DemoContainer, code: number): void {
    if (!this.#end(container, code, true)) return;
    this.#say(container, text`kill`);
    this.#sayDeath(container);
    if (container.remove) this.#forget(container);
    this.#on.changed();
  }

  /** Its process ends by itself: what becomes of it then is for its restart policy to say. */
  fall(container: DemoContainer, { code, words }: { code: number; words: readonly string[] }): void {
    const { run } = container;
    const now = this.#on.clock.now();
    if (run.state !== "running") return;
    if (now - run.startedAt >= ranWellMs) container.falls = 0;
    for (const line of words) container.log.say(now, "stderr", line);
    this.#end(container, code, false);
    this.#sayDeath(container);
    if (container.remove) this.#forget(container);
    else if (container.restart !== "no" && (container.restart !== "on-failure" || code !== 0)) {
      this.#restartLater(container, code);
    }
    this.#on.changed();
  }

  setPaused(container: DemoContainer, paused: boolean): void {
    if (container.run.state !== "running") return;
    container.run.paused = paused;
    this.#say(container, paused ? text`pause` : text`unpause`);
    this.#on.changed();
  }

  rename(container: DemoContainer, name: string): Outcome<void> {
    const taken = this.#taken(name);
    if (taken !== undefined) return taken;
    this.#byName.delete(container.name);
    container.name = clean(name);
    this.#byName.set(name, container.id);
    this.#say(container, text`rename`);
    this.#on.changed();
    return good(undefined);
  }

  /** `docker rm -f`. */
  remove(container: DemoContainer): void {
    if (this.#end(container, 137, true)) {
      this.#say(container, text`kill`);
      this.#sayDeath(container);
    }
    this.#forget(container);
    this.#on.changed();
  }

  /** `docker network connect` (moby daemon/container_operations.go; libnetwork for a name that is there twice). */
  connect(container: DemoContainer, segment: Segment, address: string | undefined): Outcome<void> {
    if (container.places.some((place) => place.network === "host")) {
      return refused(
        400,
        text`container sharing network namespace with another container or host cannot be connected to any other network`,
      );
    }
    if (container.places.some((place) => isOn(place, segment))) {
      if (segment instanceof Overlay && segment.scope === "swarm") {
        return refused(409, text`${container.name} is already attached to network ${segment.name}`);
      }
      return refused(403, text`endpoint with name ${container.name} already exists in network ${segment.name}`);
    }
    const place: Place = { ...placeOn(segment.name, address), segment };
    if (container.run.state === "running") {
      const joined = this.#join(container, [place]);
      if (!joined.ok) return joined;
      this.#sayNetwork(container, place, text`connect`);
    }
    container.places.push(place);
    this.#on.changed();
    return good(undefined);
  }

  /** `docker network disconnect` */
  disconnect(container: DemoContainer, segment: Segment): Outcome<void> {
    const at = container.places.findIndex((place) => isOn(place, segment));
    const place = container.places[at];
    if (place === undefined) {
      return refused(403, text`container ${container.id} is not connected to network ${segment.name}`);
    }
    leave([place]);
    container.places.splice(at, 1);
    this.#sayNetwork(container, place, text`disconnect`);
    this.#on.changed();
    return good(undefined);
  }

  /** The engine, or the machine, ends them all; who listens to events is gone by then. */
  endAll(code: number): void {
    for (const container of [...this.all.values()]) {
      this.#end(container, code, false);
      if (container.remove) this.#forget(container);
    }
  }

  /** What an engine that starts brings back. */
  bringBack(): void {
    for (const container of this.all.values()) {
      const { run, restart } = container;
      if (run.state !== "exited" || restart === "no") continue;
      if (restart === "on-failure" && run.code === 0) continue;
      if (restart !== "always" && run.byHand) continue;
      // Its network may not be there yet: it is tried again, as after a fall.
      if (!this.start(container).ok) this.#restartLater(container, run.code);
    }
  }

  #add(parts: Omit<DemoContainer, "id" | "places" | "log" | "falls" | "run">, places: Place[]): Outcome<DemoContainer> {
    const taken = this.#taken(parts.name);
    if (taken !== undefined) return taken;
    const id = newContainerId(this.#on.chance);
    const log = new ContainerLog(id, this.#on.isServer(parts.argv));
    const container: DemoContainer = { ...parts, id, places, log, falls: 0, run: { state: "created" } };
    this.all.set(id, container);
    this.#byName.set(parts.name, id);
    this.#say(container, text`create`);
    this.#on.changed();
    return good(container);
  }

  /** In the words of moby daemon/names.go. */
  #taken(name: string) {
    const holder = this.#byName.get(name);
    if (holder === undefined) return undefined;
    return refused(
      409,
      text`Conflict. The container name "/${clean(name)}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  }

  /** An address on every one of `places`, or on none of them. */
  #join(container: DemoContainer, places: readonly Place[]): Outcome<void> {
    for (const [at, place] of places.entries()) {
      const joined = this.#joinOne(container, place);
      if (!joined.ok) {
        leave(places.slice(0, at));
        return joined;
      }
    }
    return good(undefined);
  }

  #joinOne(container: DemoContainer, place: Place): Outcome<void> {
    const found = this.#on.find(place.segment?.id ?? place.network);
    if (!found.ok) return found;
    const { id, name } = found.value;
    const address = found.value.join(container.name, this.#on.address, place.wanted);
    if (!address.ok) return address;
    place.segment = found.value;
    const mac = address.value === undefined ? undefined : macOf(address.value);
    place.held = { network: name, networkId: id, address: address.value, mac };
    return good(undefined);
  }

  /** It does not run any more and its addresses are free; false when it did not run. */
  #end(container: DemoContainer, code: number, byHand: boolean): boolean {
    const { run } = container;
    if (run.state === "restarting") {
      run.cancel();
      container.run = { state: "exited", at: run.at, code: run.code, byHand };
    }
    if (run.state !== "running") return false;
    const at = this.#on.clock.now();
    container.run = { state: "exited", at, code, byHand };
    container.log.ends(at);
    leave(container.places);
    return true;
  }

  /** The process does what it does by itself, as long as it is the one that was `begun`. */
  #live(container: DemoContainer, { says, end }: Course, begun: DemoContainer["run"]): void {
    const later = (afterMs: number, then: () => void): void => {
      this.#on.clock.after(afterMs, () => {
        if (container.run === begun) then();
      });
    };
    for (const { afterMs, from, words } of says) {
      later(afterMs, () => container.log.say(this.#on.clock.now(), from, words));
    }
    if (end !== undefined) later(end.afterMs, () => this.fall(container, { code: end.code, words: [] }));
  }

  #restartLater(container: DemoContainer, code: number): void {
    const wait = Math.min(longestRestartMs, firstRestartMs * 2 ** Math.min(16, container.falls));
    container.falls += 1;
    const cancel = this.#on.clock.after(wait, () => {
      if (!this.#begin(container, this.#on.clock.now()).ok) this.#restartLater(container, code);
    });
    container.run = { state: "restarting", at: this.#on.clock.now(), code, cancel };
  }

  #sayDeath(container: DemoContainer): void {
    if (this.#on.diesFirst) this.#say(container, text`die`);
    for (const place of container.places) this.#sayNetwork(container, place, text`disconnect`);
    if (!this.#on.diesFirst) this.#say(container, text`die`);
  }

  #forget(container: DemoContainer): void {
    this.all.delete(container.id);
    this.#byName.delete(container.name);
    this.#say(container, text`destroy`);
  }

  #say({ id, name }: DemoContainer, action: SafeText): void {
    this.#on.events.say({ type: "container", action, id, name, container: undefined });
  }

  #sayNetwork(container: DemoContainer, { segment }: Place, action: SafeText): void {
    if (segment === undefined) return;
    const { id, name, driver } = segment;
    this.#on.events.say({ type: "network", action, id, name, driver: clean(driver), container: container.id });
  }
}

const placeOn = (network: string, wanted: string | undefined): Place => ({
  ...{ network, wanted, segment: undefined, held: undefined },
});

const isOn = (place: Place, segment: Segment): boolean =>
  place.segment === segment || (place.segment === undefined && place.network === segment.name);

function leave(places: readonly Place[]): void {
  for (const place of places) {
    if (place.held?.address !== undefined) place.segment?.leave(place.held.address);
    place.held = undefined;
  }
}

const policies: readonly RestartPolicy[] = ["always", "unless-stopped", "on-failure"];

const policyOf = (restart: string | undefined): RestartPolicy =>
  policies.find((one) => one === restart?.replace(/:\d+$/, "")) ?? "no";
