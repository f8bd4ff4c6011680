import type { ContainerId } from "../../domain/ids.ts";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { ContainerSession, ExecAsked, Output, Session, Shells, TerminalSize } from "../../ports/shells.ts";
import { call } from "../calls.ts";
import type { Cluster } from "../cluster.ts";
import type { DemoContainer } from "../containers.ts";
import { asRoot, engineChange } from "../control/change.ts";
import { DemoCondor } from "../control/condor.ts";
import type { DemoLink } from "../link.ts";
import { DemoProbes } from "../probes.ts";
import { refused } from "../refusal.ts";
import type { Place, ProgramGround } from "./ground.ts";
import { type Pretended, PretendedSession } from "./pretended.ts";
import { isProgram } from "./programs.ts";

/** What runc takes to start a program in a container, ms. */
const execMs = 60;
/** What a program waits at most for what it asks, ms. */
const programMs = 5000;

/** Images without bash, and those without any shell. */
const withoutBash = /^(?:consul|alpine|busybox|nginx)\b/;
const withoutShell = /^(?:hello-world|traefik)\b/;

/** Pretended shells on one of the demo's machines, with a handful of programs. */
export class DemoShells implements Shells {
  readonly #on: { link: DemoLink; clock: Clock; cluster: Cluster };

  constructor(link: DemoLink, cluster: Cluster, clock: Clock) {
    this.#on = { link, clock, cluster };
  }

  exec(
    { container: id, command, terminal }: ExecAsked,
    output: Output,
    within: Deadline,
  ): Promise<Outcome<ContainerSession>> {
    const { link } = this.#on;
    return engineChange(this.#on, within, execMs, () => {
      const container = this.#running(id);
      if (!container.ok) return container;
      const ground = this.#ground({ at: "container", container: container.value });
      const what = pretended(command, container.value.image, ground);
      return good(new PretendedSession(what, ground, link, terminal, output));
    });
  }

  login(size: TerminalSize, _term: string, output: Output, within: Deadline): Promise<Outcome<Session>> {
    return this.#shell({ at: "machine" }, size, output, within);
  }

  inNetworkOf(
    container: ContainerId,
    size: TerminalSize,
    _term: string,
    output: Output,
    within: Deadline,
  ): Promise<Outcome<Session>> {
    return asRoot(this.#on, async () => {
      const running = this.#running(container);
      if (!running.ok) return running;
      return this.#shell({ at: "network", container: running.value }, size, output, within);
    });
  }

  #shell(place: Place, size: TerminalSize, output: Output, within: Deadline): Promise<Outcome<Session>> {
    const { link, clock } = this.#on;
    return call(link, clock, text`a terminal on ${link.node}`, within, () =>
      good(new PretendedSession({ kind: "shell", name: "bash" }, this.#ground(place), link, size, output)),
    );
  }

  /** Refusals in the words of moby (daemon/exec.go). */
  #running(id: ContainerId): Outcome<DemoContainer> {
    const container = this.#on.link.machine.runtime.all.get(id);
    if (container === undefined) return refused(404, text`No such container: ${id}`);
    const { run } = container;
    if (run.state !== "running") return refused(409, text`Container ${id} is not running`);
    return run.paused
      ? refused(409, text`Container ${id} is paused, unpause the container before exec`)
      : good(container);
  }

  #ground(place: Place): ProgramGround {
    const { link, clock, cluster } = this.#on;
    const probes = new DemoProbes(link, cluster, clock);
    const within = { ms: programMs };
    const condor = new DemoCondor(this.#on);
    return {
      machine: link.machine,
      place,
      clock,
      ping: async (address) => {
        const ways = place.at === "machine" ? [] : [{ container: place.container.id, address, name: undefined }];
        const nodes = place.at === "machine" ? [address] : [];
        const asked = await probes.probe({ ways, nodes, port: undefined }, within);
        return (asked.ok ? [...asked.value.ways, ...asked.value.nodes][0]?.small : undefined) ?? { state: "no answer" };
      },
      resolve: (name) => {
        // A host's own resolver knows nothing of an engine's networks.
        if (place.at !== "container") {
          return [...cluster.machines.values()].find((one) => one.hostname === name)?.address;
        }
        const networks = new Set(place.container.places.map((one) => one.network));
        for (const machine of cluster.machines.values()) {
          const found = machine.runtime.named(name)?.places.find((one) => networks.has(one.network));
          if (found?.held?.address !== undefined) return found.held.address;
        }
        return undefined;
      },
      condor:
        place.at === "container" && cluster.members.hasCondor(place.container)
          ? {
              printed: () => condor.printed(place.container.id, within),
              queue: () => condor.queue(place.container.id, within),
            }
          : undefined,
    };
  }
}

/** What a command comes to in a container of that image, as runc would tell it. */
function pretended(command: readonly string[], image: string, ground: ProgramGround): Pretended {
  const [name = "", ...words] = command;
  const hasShell = !withoutShell.test(image);
  const hasBash = hasShell && !withoutBash.test(image);
  const missing: Pretended = { kind: "missing", name };
  if (name === "bash" && !hasBash) return missing;
  if (name === "sh" && !hasShell) return missing;
  if (name === "sh" || name === "bash") {
    if (words[0] !== "-c") return { kind: "shell", name };
    const line = (words[1] ?? "").trim();
    if (line.startsWith("command -v bash"))
      return { kind: "program", words: hasBash ? ["echo", "/bin/bash"] : ["true"] };
    return { kind: "script", name, line };
  }
  if (name === "cat" && words.length === 0) return { kind: "copy" };
  return isProgram(name, ground) ? { kind: "program", words: command } : missing;
}
