import type { DaemonConfig, FlagConflict, FlagValue, Listener } from "../daemon.ts";
import type { DaemonSources } from "../host.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { lastValue, parseArguments, type Setting } from "./arguments.ts";
import { type DaemonFile, parseDaemonJson } from "./daemon-json.ts";
import { masked } from "./masked.ts";
import { type Argument, scriptCommand, unitCommand } from "./unit.ts";

/** dockerd's configuration from all that decides it, and how the running process differs from it. */
export function effectiveConfig(sources: DaemonSources): DaemonConfig {
  const written = parseArguments(
    sources.unitFiles.length > 0
      ? unitCommand(sources.unitFiles, sources.environmentFiles)
      : scriptCommand(sources.environmentFiles),
  );
  const { process: dockerd } = sources;
  const running = dockerd === undefined ? undefined : parseArguments(processCommand(dockerd.argv));
  const file = sources.daemonJson === undefined ? undefined : parseDaemonJson(sources.daemonJson);
  const flags = [
    ...written.map((setting) => flagValue(setting, running)),
    ...(file?.settings ?? []).map((setting) => flagValue(setting, undefined)),
    ...(running ?? []).filter((setting) => !holds(written, setting)).map((setting) => flagValue(setting, running)),
  ];
  const started = written.length > 0 ? written : (running ?? []);
  return {
    flags,
    conflicts: file === undefined ? [] : conflicts(started, file),
    listeners: listeners(flags, running !== undefined),
    fileProblem: file === undefined ? missingFile(sources, started) : file.problem,
    ...(sources.unreadable === undefined ? {} : { unreadable: sources.unreadable.map((path) => clean(path)) }),
  };
}

const processCommand = (argv: readonly string[]): Argument[] =>
  argv.map((word) => ({ text: word, origin: { kind: "process" } }));

const holds = (settings: readonly Setting[], { option, value }: Setting): boolean =>
  settings.some((other) => other.option.flag === option.flag && other.value === value);

function flagValue(setting: Setting, running: readonly Setting[] | undefined): FlagValue {
  const { option, value, origin } = setting;
  return {
    name: clean(option.flag),
    value: masked(option.flag, value),
    origin,
    running: running === undefined ? "unknown" : runningState(setting, running),
  };
}

function runningState(setting: Setting, running: readonly Setting[]): FlagValue["running"] {
  if (holds(running, setting)) return "same";
  return running.some((other) => other.option.flag === setting.option.flag) ? "differs" : "absent";
}

/**
 * What is set on the command line and in the file: dockerd compares the names alone, equal values do not help; only
 * runtimes are merged (moby daemon/config/config.go findConfigurationConflicts, skipDuplicates).
 */
function conflicts(started: readonly Setting[], file: DaemonFile): FlagConflict[] {
  const names = file.keys.filter((key) => key !== "runtimes");
  return names.flatMap((key): FlagConflict[] => {
    const onLine = started.filter(({ option }) => option.file === key);
    if (onLine.length === 0) return [];
    const inFile = file.settings.filter(({ option }) => option.file === key);
    return [{ name: clean(key), flag: spelled(onLine), file: spelled(inFile) }];
  });
}

const spelled = (settings: readonly Setting[]): SafeText =>
  joined(settings.map(({ option, value }) => masked(option.flag, value)));

/** What dockerd listens on: of a running one only what it was really told, daemon.json included. */
function listeners(flags: readonly FlagValue[], isRunning: boolean): Listener[] {
  const verified = flags.some((flag) => flag.name === "tlsverify" && isTrue(flag.value));
  const hosts = flags.filter((flag) => flag.name === "host" && flag.running !== "absent" && flag.running !== "differs");
  if (hosts.length === 0 && isRunning) {
    // moby opts/hosts.go DefaultUnixSocket: what it listens on when nobody says anything.
    return [{ address: text`unix:///var/run/docker.sock`, insecure: false, origin: { kind: "process" } }];
  }
  return hosts.map(({ value, origin }) => ({ address: value, insecure: isTcp(value) && !verified, origin }));
}

/** Without a scheme dockerd takes it for TCP (moby opts/hosts.go parseDaemonHost). */
const isTcp = (host: string): boolean => !/^(unix|fd|npipe):/.test(host);

/** Go's strconv.ParseBool. */
const isTrue = (value: string): boolean => ["1", "t", "T", "true", "TRUE", "True"].includes(value);

/** dockerd does without its default file, but not without one that --config-file names. */
function missingFile(sources: DaemonSources, started: readonly Setting[]): SafeText | undefined {
  const path = lastValue(started, "config-file");
  if (path === undefined || sources.unreadable?.includes(path) === true) return undefined;
  return text`${clean(path)} does not exist, yet --config-file names it`;
}
