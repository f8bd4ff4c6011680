import type { DaemonSources, EngineService, HostFacts } from "../domain/host.ts";
import { clean, text } from "../domain/text.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Host } from "../ports/host.ts";
import { macOf } from "./addresses.ts";
import { call } from "./calls.ts";
import type { DemoLink } from "./link.ts";

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
    return this.#ask(within, () => ({
      unitFiles: [
        { path: "/lib/systemd/system/docker.service", content: unit },
        { path: "/etc/systemd/system/docker.service.d/limits.conf", content: dropIn },
      ],
      environmentFiles: [{ path: "/etc/default/docker", content: environmentFile }],
      daemonJson: { path: "/etc/docker/daemon.json", content: machine.daemonJson },
      process: machine.engine === undefined ? undefined : { pid: machine.engine.pid, argv },
    }));
  }

  engineService(within: Deadline): Promise<Outcome<EngineService>> {
    const { machine } = this.#link;
    return this.#ask(within, () =>
      machine.engine === undefined
        ? { state: "stopped", detail: text`inactive (dead)` }
        : { state: "running", detail: text`active (running)` },
    );
  }

  #ask<T>(within: Deadline, answer: () => T): Promise<Outcome<T>> {
    return call(this.#link, this.#clock, text`a command on ${this.#link.node}`, within, () => good(answer()));
  }
}

function factsOf(link: DemoLink): HostFacts {
  const { machine } = link;
  const { address, engine } = machine;
  const bridge = (name: string, at: string, up: boolean) => ({
    name: clean(name),
    up,
    mtu: 1500,
    mac: macOf(clean(at.split("/")[0] ?? "")),
    addresses: [clean(at)],
  });
  return {
    hostname: machine.spec.name,
    kernel: text`6.1.0-30-amd64`,
    os: text`Debian GNU/Linux 12 (bookworm)`,
    machineId: machine.machineId,
    interfaces: [
      { name: text`lo`, up: true, mtu: 65_536, mac: undefined, addresses: [text`127.0.0.1/8`] },
      { name: text`ens33`, up: true, mtu: 1500, mac: macOf(address), addresses: [text`${address}/24`] },
      bridge("docker0", "172.17.0.1/16", true),
      bridge("docker_gwbridge", "172.18.0.1/16", true),
    ],
    routes: [
      { destination: text`192.168.44.0/24`, device: text`ens33` },
      { destination: text`172.17.0.0/16`, device: text`docker0` },
      { destination: text`172.18.0.0/16`, device: text`docker_gwbridge` },
    ],
    clockDifferenceMs: machine.clockDifferenceMs,
    clockUncertaintyMs: Math.ceil(link.roundTripMs / 2),
    dockerUnit: engine === undefined ? text`inactive` : text`active`,
    dockerd: engine === undefined ? undefined : { pid: engine.pid, startedAt: engine.startedAt },
    missingTools: [],
  };
}

const argv = ["/usr/sbin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"];

/** The daemon.json that a machine begins with. */
export function daemonJson(store: string | undefined): string {
  const cluster = store === undefined ? {} : { "cluster-store": store, "cluster-advertise": "ens33:2376" };
  return `${JSON.stringify({ "log-driver": "json-file", "log-opts": { "max-size": "10m" }, ...cluster }, null, 2)}\n`;
}

const unit = `[Unit]
Description=Docker Application Container Engine
Documentation=https://docs.docker.com
After=network-online.target docker.socket firewalld.service containerd.service
Wants=network-online.target containerd.service
Requires=docker.socket

[Service]
Type=notify
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS
ExecReload=/bin/kill -s HUP $MAINPID
TimeoutSec=0
RestartSec=2
Restart=always
StartLimitBurst=3
StartLimitInterval=60s
LimitNOFILE=infinity
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
Delegate=yes
KillMode=process

[Install]
WantedBy=multi-user.target
`;

const dropIn = `[Service]
LimitMEMLOCK=infinity
`;

const environmentFile = `# Options for the Docker daemon, used by the unit as $DOCKER_OPTS.
#DOCKER_OPTS="--dns 8.8.8.8 --dns 8.8.4.4"
`;
