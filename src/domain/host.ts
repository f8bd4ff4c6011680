import type { SafeText } from "./text.ts";
import type { Instant } from "./time.ts";

/** What was read of a node's machine. */
export interface HostFacts {
  hostname: SafeText;
  kernel: SafeText;
  os: SafeText;
  machineId: SafeText;
  interfaces: readonly Interface[];
  /** IPv4 routes: destination ("default" or CIDR) and device. */
  routes: readonly { destination: SafeText; device: SafeText }[];
  /** The node's clock minus the operator's, ms; half of the round trip is its uncertainty. */
  clockDifferenceMs: number;
  clockUncertaintyMs: number;
  /** systemd's word for docker.service: active, inactive, failed, activating, …; "no-systemd" elsewhere. */
  dockerUnit: SafeText;
  dockerd: { pid: number; startedAt: Instant } | undefined;
  /** Commands that later work needs and this machine lacks: nsenter, ip, … */
  missingTools: readonly SafeText[];
  /** Version of the dockerd on disk, "26.1.5": asked only while none is up, for then the engine cannot tell it. */
  installedEngine?: SafeText;
}

/** How busy a machine is now. */
export interface NodeLoad {
  /** Processes that ran or waited to run, averaged over the last minute. */
  oneMinute: number;
  /** What programs could still have without swapping; undefined on kernels before 3.14, which do not tell. */
  availableBytes: number | undefined;
}

export interface Interface {
  name: SafeText;
  up: boolean;
  mtu: number;
  mac: SafeText | undefined;
  /** With prefix length: "192.168.44.103/24". */
  addresses: readonly SafeText[];
}

/** Everything that decides dockerd's configuration, as it was read; `domain/flags` makes sense of it. Contents are raw. */
export interface DaemonSources {
  /** In the order systemd reads them: the unit first, then its drop-ins. Empty without systemd. */
  unitFiles: readonly SourceFile[];
  environmentFiles: readonly SourceFile[];
  /** daemon.json, at its default place or where --config-file points. Undefined when there is none. */
  daemonJson: SourceFile | undefined;
  /** The running dockerd's arguments; undefined when none runs. */
  process: { pid: number; argv: readonly string[] } | undefined;
  /** Paths of files that are there and may not be read, not even through sudo; what they say is unknown. */
  unreadable?: readonly string[];
}

export interface SourceFile {
  path: string;
  content: string;
}

/**
 * The engine as its service manager sees it. "unknown": nobody manages it (no systemd, another unit name), and then
 * there is no socket activation either. `detail` is systemd's own word: "active (running)", "failed (start-limit-hit)".
 */
export interface EngineService {
  state: "running" | "starting" | "stopped" | "failed" | "unknown";
  detail: SafeText;
}
