import type { DaemonSources, EngineService, HostFacts } from "../domain/host.ts";
import { clean, text } from "../domain/text.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Host } from "../ports/host.ts";
import { macOf } from "./addresses.ts";
import { call } from "./calls.ts";
import type { DemoLink } from "./link.ts";
import { interfaceName } from "./machine.ts";

/** The machine under one demo engine. */
export class DemoHost implements Host {
  readonly #link: DemoLink;
  readonly #clock: Clock;

  constructor(link: DemoLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  facts(within: Deadline): Promise<Outcome<HostFacts>> {
    return this.#ask(within, () => factsOf(this.#link));
  }

  daemonSources(within: Deadline): Promise<Outcome<DaemonSources>> {
    const { machine } = this.#link;
    return this.#ask(within, () => machine.sources());
  }

  engineService(within: Deadline): Promise<Outcome<EngineService>> {
    const { machine } = this.#link;
    return this.#ask(within, () => {
      if (machine.engine !== undefined) return { state: "running", detail: text`active (running)` };
      if (machine.failure !== undefined) return { state: "failed", detail: text`failed (exit-code)` };
      return { state: "stopped", detail: text`inactive (dead)` };
    });
  }

  #ask<T>(within: Deadline, answer: () => T): Promise<Outcome<T>> {
    return call(this.#link, this.#clock, text`a command on ${this.#link.node}`, within, () => good(answer()));
  }
}

function factsOf(link: DemoLink): HostFacts {
  const { machine } = link;
  const { address, engine, failure, networks } = machine;
  const stopped = failure === undefined ? text`inactive` : text`failed`;
  const bridge = (name: string, at: string, up: boolean) => ({
    name: clean(name),
    up,
    mtu: 1500,
    mac: macOf(clean(at.split("/")[0] ?? "")),
    addresses: [clean(at)],
  });
  return {
    hostname: machine.hostname,
    kernel: text`6.1.0-30-amd64`,
    os: text`Debian GNU/Linux 12 (bookworm)`,
    machineId: machine.machineId,
    interfaces: [
      { name: text`lo`, up: true, mtu: 65_536, mac: undefined, addresses: [text`127.0.0.1/8`] },
      { name: clean(interfaceName), up: true, mtu: machine.mtu, mac: macOf(address), addresses: [text`${address}/24`] },
      bridge("docker0", "172.17.0.1/16", true),
      ...(networks.hasGwbridge ? [bridge("docker_gwbridge", "172.18.0.1/16", true)] : []),
    ],
    routes: [
      { destination: text`192.168.44.0/24`, device: clean(interfaceName) },
      { destination: text`172.17.0.0/16`, device: text`docker0` },
      ...(networks.hasGwbridge ? [{ destination: text`172.18.0.0/16`, device: text`docker_gwbridge` }] : []),
    ],
    clockDifferenceMs: machine.clockDifferenceMs,
    clockUncertaintyMs: Math.ceil(link.roundTripMs / 2),
    dockerUnit: engine === undefined ? stopped : text`active`,
    dockerd: engine === undefined ? undefined : { pid: engine.pid, startedAt: engine.startedAt },
    missingTools: [],
    ...(engine === undefined ? { installedEngine: clean(machine.version.replace(/\+.*$/, "")) } : {}),
  };
}
