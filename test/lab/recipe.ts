import { createHash } from "node:crypto";

/** What a host or an image is made of; a change here builds it anew. */
export interface Recipe {
  /** Debian release that mmdebstrap starts from. */
  base: string;
  /** "extract" unpacks the packages and nothing else. */
  variant: "minbase" | "essential" | "extract";
  packages: readonly string[];
  /** A shell script that is run at the end; "$1" is the root file system. */
  setup?: string;
  /** Further releases and what is taken from them, everything else of them at priority 100. */
  pins?: readonly { release: string; packages: readonly string[] }[];
}

export type Flavour = keyof typeof hosts;
export type Image = keyof typeof images;

const host = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "iproute2",
  "iputils-ping",
  "iptables",
  "procps",
  "docker.io",
  "ca-certificates",
  "ethtool",
  "tcpdump",
  "curl",
  "sudo",
];

/** Engines: 20.10.5, 20.10.24 (built without Consul), 26.1.5 and the newest that Debian has. */
export const hosts = {
  classic: {
    base: "bookworm",
    variant: "minbase",
    packages: host,
    pins: [{ release: "bullseye", packages: ["docker.io"] }],
  },
  "classic-24": { base: "bookworm", variant: "minbase", packages: host },
  swarm: { base: "trixie", variant: "minbase", packages: [...host, "docker-cli"] },
  newest: {
    base: "trixie",
    variant: "minbase",
    packages: [...host, "docker-cli"],
    pins: [{ release: "sid", packages: ["docker.io", "docker-cli"] }],
  },
} as const satisfies Record<string, Recipe>;

export const images = {
  big_computing: {
    base: "trixie",
    variant: "minbase",
    packages: ["systemd", "systemd-sysv", "htcondor", "iproute2", "iputils-ping", "procps", "libfaketime"],
    // Privileged containers share the kernel of the machine that the lab runs on, and both of these would tune it. A
    // startd's benchmarks would take a core for some ten seconds at each of its starts.
    setup:
      'printf "ENABLE_KERNEL_TUNING = False\\nRunBenchmarks = False\\n" > "$1/etc/condor/config.d/01-lab.config"; ln -s /dev/null "$1/etc/systemd/system/systemd-sysctl.service"',
  },
  "consul:1.8.7": { base: "bullseye", variant: "essential", packages: ["consul"] },
  "etcd:3.4": { base: "bookworm", variant: "essential", packages: ["etcd-server"] },
  "zookeeper:3.8": { base: "bookworm", variant: "essential", packages: ["zookeeper", "default-jre-headless"] },
  vim: { base: "bookworm", variant: "extract", packages: ["bash", "coreutils", "ncurses-base", "vim-tiny"] },
  busybox: {
    base: "bookworm",
    variant: "extract",
    packages: ["busybox-static"],
    setup: 'cd "$1" && mkdir -p tmp proc sys dev etc && chroot . /bin/busybox --install -s /bin',
  },
} as const satisfies Record<string, Recipe>;

/** The shells whose completion is tried, beside the machine's own bash; they run in it as in any folder of the machine. */
export const shells = {
  base: "bookworm",
  variant: "extract",
  packages: ["zsh", "fish", "ncurses-base"],
} as const satisfies Recipe;

/** Images that every host of a flavour has from the start; the others are loaded where asked. */
export const preloaded: Readonly<Record<Flavour, readonly Image[]>> = {
  classic: ["big_computing", "consul:1.8.7", "busybox"],
  "classic-24": ["big_computing", "consul:1.8.7", "busybox"],
  swarm: ["big_computing", "busybox"],
  newest: ["big_computing", "busybox"],
};

/** Short and stable over machines; `parts` is everything that decides what comes out. */
export function recipeHash(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
