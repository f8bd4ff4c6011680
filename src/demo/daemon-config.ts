import { effectiveConfig } from "../domain/flags/effective-config.ts";
import { isKnown } from "../domain/flags/options.ts";
import { unitCommand } from "../domain/flags/unit.ts";
import type { DaemonSources } from "../domain/host.ts";
import type { StoreKind } from "../domain/membership.ts";
import { writtenSettings, writtenValue, writtenValues } from "../domain/plan/written.ts";
import { isAddress } from "../domain/subnets.ts";
import { joined, text } from "../domain/text.ts";

/** What dockerd of one start, or reload, was told. */
export interface DaemonConfig {
  argv: readonly string[];
  /** "consul://192.168.44.103:8500" */
  store: string | undefined;
  /** The address that cluster-advertise means, and its port. */
  advertise: { address: string; port: string } | undefined;
  liveRestore: boolean;
  /** Its TCP listeners. */
  listeners: readonly { address: string; port: number }[];
}

/** What configuration is read against: the engine that reads it, and the machine's interfaces. */
export interface DaemonGround {
  version: string;
  storeDrivers: readonly StoreKind[];
  /** The first IPv4 address of an interface; undefined when there is none of that name. */
  addressOf(interfaceName: string): string | undefined;
  /** Whether the machine has that address. */
  has(address: string): boolean;
}

/** What dockerd takes from its files, or the words with which it will not. */
export function daemonConfig(
  sources: DaemonSources,
  ground: DaemonGround,
): { ok: true; config: DaemonConfig } | Refused {
  const wrong = fileRefused(sources, ground);
  if (wrong !== undefined) return { ok: false, stage: "file", words: wrong };
  const written = writtenSettings(sources);
  const store = writtenValue(written, "cluster-store");
  const advertise = writtenValue(written, "cluster-advertise");
  if (store === undefined && advertise !== undefined) {
    return refusedBy(
      "invalid cluster configuration. --cluster-advertise must be accompanied by --cluster-store configuration",
    );
  }
  const kind = store === undefined ? undefined : kindOf(store);
  if (store !== undefined && (kind === undefined || !ground.storeDrivers.includes(kind))) {
    return refusedBy("discovery initialization failed (discovery service not supported)");
  }
  const advertised = advertise === undefined ? undefined : advertisedBy(advertise, ground);
  if (advertise !== undefined && advertised === undefined) {
    return refusedBy(
      `discovery advertise parsing failed: invalid cluster advertise IP address or interface name (${advertise}) : route ip+net: no such network interface`,
    );
  }
  return {
    ok: true,
    config: {
      argv: unitCommand(sources.unitFiles, sources.environmentFiles).map((one) => one.text),
      store,
      advertise: advertised,
      liveRestore: writtenValue(written, "live-restore") === "true",
      listeners: writtenValues(written, "host").flatMap((host) => {
        const [, address = "", port = ""] = /^tcp:\/\/\[?([^/\]]*)\]?:(\d+)/.exec(host) ?? [];
        return port === "" ? [] : [{ address: address === "" ? "::" : address, port: Number(port) }];
      }),
    },
  };
}

interface Refused {
  ok: false;
  /** Whether the files themselves cannot be taken, or the daemon cannot do what they say. */
  stage: "file" | "daemon";
  words: string;
}

const refusedBy = (words: string): Refused => ({ ok: false, stage: "daemon", words });

const schemes: Readonly<Record<string, StoreKind>> = { consul: "consul", etcd: "etcd", zk: "zookeeper" };

/** The kind of store that the URL names. */
export const kindOf = (url: string): StoreKind | undefined => schemes[url.replace(/:\/\/.*$/s, "")];

/** Why the files cannot be taken at all (moby daemon/config/config.go, and spf13/pflag for flags). */
function fileRefused(sources: DaemonSources, { version }: DaemonGround): string | undefined {
  const path = sources.daemonJson?.path ?? "/etc/docker/daemon.json";
  const unable = `unable to configure the Docker daemon with file ${path}:`;
  const { fileProblem, conflicts } = effectiveConfig(sources);
  if (fileProblem !== undefined) return `${unable} ${fileProblem.replace(`${path} `, "")}`;
  if (conflicts.length > 0) {
    const told = joined(
      conflicts.map(({ name, flag, file }) => text`${name}: (from flag: ${flag}, from file: ${file})`),
    );
    return `${unable} the following directives are specified both as a flag and in the configuration file: ${told}`;
  }
  const { inFile, onCommandLine } = writtenSettings(sources);
  const isUnknown = (flag: string): boolean =>
    !isKnown(flag) || (Number.parseInt(version, 10) >= 23 && flag.startsWith("cluster-"));
  const flag = onCommandLine.find(({ option }) => isUnknown(option.flag));
  if (flag !== undefined) return `unknown flag: --${flag.option.flag}`;
  const keys = [...new Set(inFile.filter(({ option }) => isUnknown(option.flag)).map(({ option }) => option.file))];
  if (keys.length === 0) return undefined;
  return `${unable} the following directives don't match any configuration option: ${keys.join(", ")}`;
}

function advertisedBy(said: string, ground: DaemonGround): DaemonConfig["advertise"] {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(said) ?? [];
  if (host === "") return undefined;
  const address = isAddress(host) ? host : ground.addressOf(host);
  return address === undefined || !ground.has(address) ? undefined : { address, port };
}
