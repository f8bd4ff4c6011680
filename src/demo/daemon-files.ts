import type { DaemonSources } from "../domain/host.ts";
import type { FileTree } from "./file-tree.ts";

export const daemonJsonPath = "/etc/docker/daemon.json";
const unitPath = "/lib/systemd/system/docker.service";
const dropInFolder = "/etc/systemd/system/docker.service.d/";
const environmentPath = "/etc/default/docker";

/** Everything on a machine that decides dockerd's configuration, as it is read (systemd.unit(5): drop-ins by name). */
export function sourcesOf(files: FileTree, process: DaemonSources["process"]): DaemonSources {
  const all = (paths: readonly string[]) =>
    paths.flatMap((path) => {
      const file = files.read(path);
      return file === undefined ? [] : [{ path, content: file.content }];
    });
  const dropIns = files.beginningWith(dropInFolder).filter((path) => path.endsWith(".conf"));
  return {
    unitFiles: all([unitPath, ...dropIns]),
    environmentFiles: all([environmentPath]),
    daemonJson: all([daemonJsonPath])[0],
    process,
  };
}

/** The files that a machine begins with. `store`: what its engine is told of a cluster store, if anything. */
export function daemonFiles(store: string | undefined): Readonly<Record<string, string>> {
  return {
    [unitPath]: unit,
    [`${dropInFolder}limits.conf`]: dropIn,
    [environmentPath]: environmentFile,
    [daemonJsonPath]: daemonJson(store),
  };
}

function daemonJson(store: string | undefined): string {
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
