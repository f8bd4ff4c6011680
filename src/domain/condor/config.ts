import { isAddress, subnetContains } from "../subnets.ts";
import { clean, type SafeText } from "../text.ts";
import type { DaemonKind } from "./ads.ts";
import { daemonList } from "./roles.ts";
import { secretFile } from "./secret.ts";
import { type CondorVersion, hasTokens } from "./versions.ts";

/** What a member's configuration is made of, whatever version of HTCondor it has. */
export interface MemberSettings {
  /** CONDOR_HOST: the manager's container, as the overlay resolves it. */
  manager: SafeText;
  /** TRUST_DOMAIN and UID_DOMAIN: one for the whole pool. */
  domain: SafeText;
  daemons: readonly DaemonKind[];
  security: "password" | "open";
}

/** Where a member's configuration of ours stands: a file of its own, or a marked block of the one that there is. */
export interface ConfigPlace {
  kind: "file" | "block";
  path: string;
}

type Line = readonly [name: string, value: string];

/**
 * The settings as HTCondor reads them (HTCondor manual, "Configuration Macros"), for that version. `listensOn` is an
 * address or a pattern of one: a container has an address on docker_gwbridge too, which is the same on every node.
 */
export function configText(settings: MemberSettings, version: CondorVersion, listensOn: string): string {
  const { manager, domain, daemons, security } = settings;
  const lines: Line[] = [
    ["CONDOR_HOST", manager],
    // Its default, but for images that set up a pool of their own.
    ["COLLECTOR_HOST", "$(CONDOR_HOST)"],
    ["DAEMON_LIST", daemonList(daemons)],
    ["TRUST_DOMAIN", domain],
    ["UID_DOMAIN", domain],
    ["NETWORK_INTERFACE", listensOn],
    // A privileged container would tune the kernel of its node.
    ["ENABLE_KERNEL_TUNING", "False"],
    ...(security === "open" ? openTo(version) : hasTokens(version) ? withTokens : withPoolPassword),
  ];
  return `${head}\n${lines.map(([name, value]) => `${name} = ${value}\n`).join("")}`;
}

const head = "# Written by ovl-tui from its ovl.yaml, and written anew when that changes: change it there.";

/** Who may tell the collector of a daemon. Left out they are ALLOW_DAEMON, but images of HTCondor's own set them. */
function advertisers(who: string): readonly Line[] {
  return [
    ["ALLOW_ADVERTISE_MASTER", who],
    ["ALLOW_ADVERTISE_STARTD", who],
    ["ALLOW_ADVERTISE_SCHEDD", who],
  ];
}

/** Daemons sign their own tokens with the pool's secret; whoever has none of it may look, and nothing else. */
const withTokens: readonly Line[] = [
  ["SEC_PASSWORD_FILE", secretFile],
  ["SEC_TOKEN_POOL_SIGNING_KEY_FILE", secretFile],
  // PASSWORD is for members older than 9.0, with the same secret.
  ["SEC_DEFAULT_AUTHENTICATION_METHODS", "FS, IDTOKENS, PASSWORD"],
  ["SEC_DEFAULT_AUTHENTICATION", "REQUIRED"],
  ["SEC_DEFAULT_ENCRYPTION", "REQUIRED"],
  ["SEC_DEFAULT_INTEGRITY", "REQUIRED"],
  ["SEC_READ_AUTHENTICATION", "OPTIONAL"],
  ["SEC_READ_ENCRYPTION", "OPTIONAL"],
  ["SEC_READ_INTEGRITY", "OPTIONAL"],
  ["SEC_CLIENT_AUTHENTICATION", "OPTIONAL"],
  ["ALLOW_READ", "*"],
  ["ALLOW_WRITE", "*"],
  ["ALLOW_DAEMON", "condor@* condor_pool@*"],
  ["ALLOW_NEGOTIATOR", "condor@* condor_pool@*"],
  ["ALLOW_ADMINISTRATOR", "condor@* condor_pool@* root@*"],
  ...advertisers("condor@* condor_pool@*"),
];

/** As the manual of 8.8 has it in "Password Authentication": daemons are condor_pool, users are who the system says. */
const withPoolPassword: readonly Line[] = [
  ["SEC_PASSWORD_FILE", secretFile],
  ["SEC_DEFAULT_AUTHENTICATION_METHODS", "FS, PASSWORD"],
  ["SEC_CLIENT_AUTHENTICATION_METHODS", "FS, PASSWORD"],
  ["SEC_CLIENT_AUTHENTICATION", "PREFERRED"],
  ["SEC_DAEMON_AUTHENTICATION", "REQUIRED"],
  ["SEC_DAEMON_INTEGRITY", "REQUIRED"],
  ["SEC_NEGOTIATOR_AUTHENTICATION", "REQUIRED"],
  ["SEC_NEGOTIATOR_INTEGRITY", "REQUIRED"],
  ["SEC_ADVERTISE_MASTER_AUTHENTICATION", "REQUIRED"],
  ["SEC_ADVERTISE_STARTD_AUTHENTICATION", "REQUIRED"],
  ["SEC_ADVERTISE_SCHEDD_AUTHENTICATION", "REQUIRED"],
  ["SEC_WRITE_AUTHENTICATION", "REQUIRED"],
  ["ALLOW_READ", "*"],
  ["ALLOW_WRITE", "*"],
  ["ALLOW_DAEMON", "condor_pool@*/* condor@*/* root@*/*"],
  ["ALLOW_NEGOTIATOR", "condor_pool@*/* condor@*/* root@*/*"],
  ...advertisers("condor_pool@*/* condor@*/* root@*/*"),
];

/** Whoever reaches the port. From 9.0 on reading and writing is not enough, and nobody may be asked who they are. */
const openTo = (version: CondorVersion): readonly Line[] => [
  ["ALLOW_READ", "*"],
  ["ALLOW_WRITE", "*"],
  ...(hasTokens(version) ? anybody : []),
];

const anybody: readonly Line[] = [
  ["ALLOW_DAEMON", "*"],
  ["ALLOW_NEGOTIATOR", "*"],
  ...advertisers("*"),
  ["SEC_DEFAULT_AUTHENTICATION", "OPTIONAL"],
  ["SEC_DEFAULT_ENCRYPTION", "OPTIONAL"],
  ["SEC_DEFAULT_INTEGRITY", "OPTIONAL"],
  ["SEC_CLIENT_AUTHENTICATION", "OPTIONAL"],
];

/**
 * What NETWORK_INTERFACE says for a member with `address` in `subnet`: a pattern that holds the whole subnet, since the
 * address may be another after a restart, unless another address of the container would fit it as well.
 */
export function listensOn(address: string, subnet: string | undefined, others: readonly string[]): string {
  const pattern = subnet === undefined ? undefined : patternOf(subnet);
  if (pattern === undefined || !address.startsWith(pattern)) return address;
  return others.some((one) => one !== address && one.startsWith(pattern)) ? address : `${pattern}*`;
}

/** "10.10.10." of 10.10.10.0/24: as many whole parts as the prefix has. HTCondor's patterns know no others. */
export function patternOf(subnet: string): string | undefined {
  const [network = "", length = ""] = subnet.split("/");
  const parts = network.split(".");
  const whole = Math.floor(Number(length) / 8);
  if (parts.length !== 4 || !isAddress(network) || whole < 1) return undefined;
  return `${parts.slice(0, Math.min(whole, 3)).join(".")}.`;
}

/** The subnet that the address is of, among those of its network. */
export const subnetOf = (address: string, subnets: readonly string[]): string | undefined =>
  subnets.find((one) => subnetContains(one, address));

const begin = "# BEGIN ovl-tui";
const end = "# END ovl-tui";

/** The content that the file of that place shall have: of an older image's condor_config everything but our block stays. */
export function placed({ kind }: ConfigPlace, before: string | undefined, config: string): string {
  if (kind === "file") return config;
  const rest = withoutBlock(before ?? "");
  const between = rest === "" || rest.endsWith("\n") ? "" : "\n";
  return `${rest}${between}${begin}\n${config}${end}\n`;
}

function withoutBlock(content: string): string {
  const from = content.indexOf(`${begin}\n`);
  const to = content.indexOf(`${end}\n`, from);
  return from < 0 || to < 0 ? content : content.slice(0, from) + content.slice(to + end.length + 1);
}

/** What our part of the file says now; undefined when there is none. */
export function ownPart({ kind }: ConfigPlace, content: string | undefined): string | undefined {
  if (kind === "file" || content === undefined) return content;
  const from = content.indexOf(`${begin}\n`);
  const to = content.indexOf(`${end}\n`, from);
  return from < 0 || to < 0 ? undefined : content.slice(from + begin.length + 1, to);
}

/** The settings of a configuration of ours; what an older program of ours wrote as well. */
export function settingsIn(config: string): ReadonlyMap<string, string> {
  const lines = config.split("\n").flatMap((line) => {
    const found = /^(\w+) = (.*)$/.exec(line);
    return found?.[1] === undefined ? [] : ([[found[1], found[2] ?? ""]] as const);
  });
  return new Map(lines);
}

/** HTCondor takes these while it runs; for any other it has to begin anew (HTCondor manual, condor_reconfig). */
const takenOnTheFly: ReadonlySet<string> = new Set(["CONDOR_HOST", "DAEMON_LIST"]);

/** How a member takes its configuration: daemons that do not run, or cannot take it as they run, begin anew. */
export interface Taking {
  /** What our part of its configuration said, and shall say. */
  before: string | undefined;
  after: string;
  isRunning: boolean;
  /** What was written last was not taken yet, as far as is known. */
  isPending: boolean;
  secretComes: boolean;
}

/** How daemons take what is written. */
export function takes({ before, after, isRunning, isPending, secretComes }: Taking): "reconfigure" | "restart" {
  if (before === undefined || !isRunning || isPending || secretComes) return "restart";
  const [old, now] = [settingsIn(before), settingsIn(after)];
  const names = new Set([...old.keys(), ...now.keys()]);
  const changed = [...names].filter((name) => old.get(name) !== now.get(name));
  return changed.every((name) => takenOnTheFly.has(name)) ? "reconfigure" : "restart";
}

/** Lines of a configuration, to be shown. */
export const shown = (config: string): SafeText[] =>
  config
    .trimEnd()
    .split("\n")
    .map((line) => clean(line));
