/**
 * What dockerd understands, over all versions from 1.9 to 29 and Red Hat's 1.13: how an option is written on the
 * command line and in daemon.json. Source: moby cmd/dockerd/config.go, config_unix.go and options.go (flags),
 * daemon/config/config.go and config_linux.go (json names).
 */
export interface Option {
  /** The long flag without dashes: the name by which the program knows the option everywhere. */
  flag: string;
  /** Its key in daemon.json. */
  file: string;
  takes: "boolean" | "number" | "text" | "list" | "map";
}

type Row = readonly [flag: string, file?: string];

const same = (takes: Option["takes"], flags: string): Option[] =>
  flags.split(/\s+/).map((flag) => ({ flag, file: flag, takes }));
const renamed = (takes: Option["takes"], rows: readonly Row[]): Option[] =>
  rows.map(([flag, file = flag]) => ({ flag, file, takes }));

const options: readonly Option[] = [
  ...same(
    "boolean",
    `allow-direct-routing cri-containerd debug disable-legacy-registry experimental help icc init
     ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 live-restore no-new-privileges raw-logs restart rootless
     selinux-enabled signature-verification tls tlsverify userland-proxy validate version`,
  ),
  ...same(
    "number",
    `cpu-rt-period cpu-rt-runtime max-concurrent-downloads max-concurrent-uploads max-download-attempts mtu
     network-control-plane-mtu network-diagnostic-port oom-score-adjust shutdown-timeout swarm-raft-election-tick
     swarm-raft-heartbeat-tick`,
  ),
  ...same("list", "add-registry allow-nondistributable-artifacts block-registry dns dns-search"),
  ...renamed("list", [
    ["authorization-plugin", "authorization-plugins"],
    ["cdi-spec-dir", "cdi-spec-dirs"],
    ["default-address-pool", "default-address-pools"],
    ["dns-opt", "dns-opts"],
    ["exec-opt", "exec-opts"],
    ["host", "hosts"],
    ["insecure-registry", "insecure-registries"],
    ["label", "labels"],
    ["node-generic-resource", "node-generic-resources"],
    ["registry-mirror", "registry-mirrors"],
    ["storage-opt", "storage-opts"],
  ]),
  ...renamed("map", [
    ["add-runtime", "runtimes"],
    ["cluster-store-opt", "cluster-store-opts"],
    ["default-network-opt", "default-network-opts"],
    ["default-ulimit", "default-ulimits"],
    ["feature", "features"],
    ["log-opt", "log-opts"],
  ]),
];

const shorthands: Readonly<Record<string, string>> = {
  b: "bridge",
  D: "debug",
  g: "graph",
  G: "group",
  h: "help",
  H: "host",
  l: "log-level",
  p: "pidfile",
  r: "restart",
  s: "storage-driver",
  v: "version",
};

const byFlag = new Map(options.map((option) => [option.flag, option]));
const byFile = new Map(options.map((option) => [option.file, option]));

/** The option that `flag` names, long and without dashes. One that the table lacks takes a text, as most do. */
export const optionOfFlag = (flag: string): Option => byFlag.get(flag) ?? { flag, file: flag, takes: "text" };

/** The option that a key of daemon.json sets. */
export const optionOfFile = (key: string): Option => byFile.get(key) ?? { flag: key, file: key, takes: "text" };

/** The long flag of a shorthand letter: "H" is "host". */
export const longOf = (shorthand: string): string => shorthands[shorthand] ?? shorthand;

/** Whether the table knows the flag; what a bare unknown flag takes can only be guessed. */
export const isKnown = (flag: string): boolean => byFlag.has(flag) || textFlags.has(flag);

/** Options that take one text, listed so that they are told from flags nobody knows. */
const textFlags: ReadonlySet<string> = new Set(
  `api-cors-header api-enable-cors bip bip6 bridge bridge-accept-fwmark cgroup-parent cluster-advertise cluster-store config-file
   containerd containerd-namespace containerd-plugins-namespace data-root default-cgroupns-mode default-gateway
   default-gateway-v6 default-ipc-mode default-runtime default-shm-size exec-driver exec-root firewall-backend fixed-cidr
   fixed-cidr-v6 graph group host-gateway-ip http-proxy https-proxy init-path ip log-driver log-format log-level metrics-addr
   no-proxy pidfile seccomp-profile storage-driver swarm-default-advertise-addr tlscacert tlscert tlskey
   userland-proxy-path userns-remap`.split(/\s+/),
);
