import type { SafeText } from "./text.ts";

/** Where a value of dockerd's configuration comes from. */
export type Origin =
  | { kind: "unit" | "drop-in" | "environment-file" | "daemon.json"; path: SafeText }
  /** Seen on the running process, explained by no file: started by hand, or files changed since. */
  | { kind: "process" };

export interface FlagValue {
  /** The long name without dashes, the same in file and flag where dockerd knows both: "cluster-store", "host", "live-restore". */
  name: SafeText;
  value: SafeText;
  origin: Origin;
  /** What the running process has for it: the same, another value, or nothing (not restarted since). `unknown`: daemon.json values do not show on a command line, or no dockerd runs. */
  running: "same" | "differs" | "absent" | "unknown";
}

/** The same setting as flag and in daemon.json: dockerd refuses to start (moby daemon/config findConfigurationConflicts). */
export interface FlagConflict {
  name: SafeText;
  flag: SafeText;
  file: SafeText;
}

export interface Listener {
  /** As dockerd was told: "unix:///var/run/docker.sock", "fd://", "tcp://0.0.0.0:2376". */
  address: SafeText;
  /** Root for everyone who reaches the port: TCP without --tlsverify. */
  insecure: boolean;
  origin: Origin;
}

/** dockerd's effective configuration. */
export interface DaemonConfig {
  flags: readonly FlagValue[];
  conflicts: readonly FlagConflict[];
  listeners: readonly Listener[];
  /** Why daemon.json cannot be read, in words with line and column; dockerd would not start with it. */
  fileProblem: SafeText | undefined;
  /** Files that are there and may not be read: what they say is unknown. */
  unreadable?: readonly SafeText[];
}
