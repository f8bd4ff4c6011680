import { execFile } from "node:child_process";
import { homedir, userInfo } from "node:os";
import path from "node:path";
import type { SshTarget } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";

/** Everything that is needed to log in somewhere, all defaults filled in. */
export interface Target {
  /** As the operator named it. */
  alias: SafeText;
  host: string;
  port: number;
  user: string;
  /** HostKeyAlias: the name under which its key is known, without a port. */
  hostKeyAlias: string | undefined;
  identityFiles: readonly IdentityFile[];
  /** Only keys of these files, also from the agent. */
  identitiesOnly: boolean;
  agent: string | undefined;
  knownHostsFiles: readonly string[] | undefined;
  localAddress: string | undefined;
  addressFamily: 4 | 6 | undefined;
  /** Bastions, the first one first: each `[user@]host[:port]`. */
  jumps: readonly string[];
  /** Options of ~/.ssh/config that are set for it and not understood here; named when a login fails. */
  ignored: readonly string[];
}

export interface IdentityFile {
  file: string;
  /** False for ssh's usual names, which need not exist. */
  named: boolean;
}

/** Where the program runs; `ssh -G` leaves some of it to be filled in. */
export interface Surroundings {
  home: string;
  user: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

/** What ssh(1) may take for an option, and what a ProxyCommand could be made of, is no alias (CVE-2023-51385). */
const harmlessHost = /^[A-Za-z0-9_[\]:][A-Za-z0-9_.:%[\]-]*$/;
/** A user name reaches `Match exec` as %r (CVE-2025-61984). */
const harmlessUser = /^[A-Za-z0-9_][A-Za-z0-9_.@\\$-]*$/;
/** Whom `-G` is asked of, and for how long, ms. */
const openSsh = { program: "ssh", ms: 5000 };
/** ssh_config(5), IdentityFile. */
const usualKeys = ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa", "id_dsa", "id_xmss"];

/**
 * What ~/.ssh/config makes of a target, told by `ssh -G`; the spec's own keys win. Without an ssh binary the spec
 * alone counts. What cannot be done is refused with a way out.
 */
export async function resolveTarget(wanted: SshTarget, ssh = openSsh): Promise<Outcome<Target>> {
  const refused = harmful(wanted);
  if (refused !== undefined) return bad(refused);
  const printed = await sshOptions(wanted, ssh);
  if (!printed.ok) return printed;
  return targetOf(wanted, parseSshOptions(printed.value), {
    home: homedir(),
    user: ownName(),
    environment: process.env,
  });
}

function harmful(wanted: SshTarget) {
  const wrong = !harmlessHost.test(wanted.host)
    ? text`"${wanted.host}" is no host name`
    : wanted.user !== undefined && !harmlessUser.test(wanted.user)
      ? text`"${clean(wanted.user)}" is no user name`
      : undefined;
  if (wrong === undefined) return undefined;
  return { kind: "misconfigured", detail: wrong, remedy: text`correct its ssh entry in ovl.yaml` } as const;
}

/** A user that no passwd file knows, as in some containers, has no name. */
function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER;
  }
}

/**
 * What `ssh -G` prints; nothing where there is no ssh. A configuration that ssh refuses is refused here too. That it
 * cannot be started, does not end or is killed says nothing of the configuration.
 */
function sshOptions(wanted: SshTarget, { program, ms }: typeof openSsh): Promise<Outcome<string>> {
  // The user decides about `Match user`; it goes in as ssh itself would get it.
  const user = wanted.user === undefined ? [] : ["-l", wanted.user];
  const args = ["-G", "-T", ...user, "--", wanted.host];
  const command = text`"ssh -G ${wanted.host}"`;
  const troubleHere = (why: SafeText) =>
    bad({
      kind: "trouble-here",
      detail: text`${command} ${why}`,
      remedy: text`look at its load ("uptime", "ulimit -u")`,
    });
  return new Promise((resolve) => {
    try {
      execFile(program, args, { timeout: ms, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
        if (error === null) return resolve(good(stdout));
        if (error.code === "ENOENT") return resolve(good(""));
        if (error.killed === true) return resolve(troubleHere(text`did not end in ${ms / 1000} s`));
        if (typeof error.code === "string") return resolve(troubleHere(text`cannot be run (${clean(error.code)})`));
        if (typeof error.signal === "string") return resolve(troubleHere(text`was ended by ${clean(error.signal)}`));
        const [said = ""] = stderr.trim().split("\n");
        const detail = text`${command} fails: ${clean(said === "" ? String(error.code) : said)}`;
        resolve(bad({ kind: "misconfigured", detail, remedy: text`mend ~/.ssh/config, so that this command works` }));
      });
    } catch (error) {
      // Node throws what spawn(2) says of memory, and hands over the rest.
      resolve(troubleHere(text`cannot be run (${clean((error as NodeJS.ErrnoException).code ?? String(error))})`));
    }
  });
}

export type SshOptions = ReadonlyMap<string, readonly string[]>;

/** `ssh -G` prints "key value" lines, some keys more than once. */
export function parseSshOptions(printed: string): SshOptions {
  const options = new Map<string, string[]>();
  for (const line of printed.split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const key = line.slice(0, space).toLowerCase();
    options.set(key, [...(options.get(key) ?? []), line.slice(space + 1).trim()]);
  }
  return options;
}

/** The spec's target with what the options add to it. */
export function targetOf(wanted: SshTarget, options: SshOptions, around: Surroundings): Outcome<Target> {
  /** "none" is how ssh_config(5) takes an option back. */
  const first = (key: string): string | undefined => {
    const value = options.get(key)?.[0];
    return value === undefined || value === "none" ? undefined : value;
  };
  const jump = wanted.jump ?? first("proxyjump");
  if (first("proxycommand") !== undefined && wanted.jump === undefined) {
    return bad({
      kind: "misconfigured",
      detail: text`~/.ssh/config has a ProxyCommand for ${wanted.host}, which is not supported`,
      remedy: text`use ProxyJump there, or "jump" in ovl.yaml`,
    });
  }
  const user = wanted.user ?? first("user") ?? around.user;
  if (user === undefined) {
    const detail = text`nobody says as which user to log in to ${wanted.host}`;
    return bad({ kind: "misconfigured", detail, remedy: text`name the user in ovl.yaml` });
  }
  const host = first("hostname") ?? wanted.host;
  const port = wanted.port ?? Number(first("port") ?? 22);
  const tokens = { d: around.home, u: around.user ?? "", h: host, n: wanted.host, p: String(port), r: user };
  const expanded = (file: string) => expand(file, tokens, around);
  const named =
    wanted.identityFile === undefined
      ? (options.get("identityfile") ?? usualKeys.map((name) => `~/.ssh/${name}`))
          .filter((file) => file !== "none")
          .map(expanded)
      : [wanted.identityFile];
  const usual = new Set(usualKeys.map((name) => path.join(around.home, ".ssh", name)));
  const knownHosts = ["userknownhostsfile", "globalknownhostsfile"]
    .flatMap((key) => first(key)?.split(" ") ?? [])
    .filter((file) => file !== "");
  const family = first("addressfamily");
  return good({
    alias: wanted.host,
    // A literal IPv6 address may stand in brackets.
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    user,
    hostKeyAlias: first("hostkeyalias"),
    identityFiles: named.map((file) => ({ file, named: wanted.identityFile !== undefined || !usual.has(file) })),
    identitiesOnly: first("identitiesonly") === "yes",
    agent: agentSocket(options.get("identityagent")?.[0], expanded, around),
    knownHostsFiles:
      wanted.knownHostsFile !== undefined
        ? [wanted.knownHostsFile]
        : knownHosts.length === 0
          ? undefined
          : knownHosts.map(expanded),
    localAddress: first("bindaddress"),
    addressFamily: family === "inet" ? 4 : family === "inet6" ? 6 : undefined,
    jumps: jump === undefined || jump === "none" ? [] : jump.split(",").map((one) => one.trim()),
    ignored: ignorable.filter((key) => first(key.toLowerCase()) !== undefined),
  });
}

/** They change how a login is proven, and a login may work without. */
const ignorable = ["CertificateFile", "PKCS11Provider", "KnownHostsCommand"];

/** "~", percent signs and `${NAME}` as ssh_config(5), TOKENS and ENVIRONMENT VARIABLES, has them. */
function expand(file: string, tokens: Readonly<Record<string, string>>, around: Surroundings): string {
  const whole = file
    .replace(/^~(?=\/|$)/, () => around.home)
    .replace(/%([a-zA-Z%])/g, (token, letter: string) => (letter === "%" ? "%" : (tokens[letter] ?? token)))
    .replace(/\$\{(\w+)\}/g, (_, name: string) => around.environment[name] ?? "");
  return path.resolve(around.home, whole);
}

function agentSocket(
  configured: string | undefined,
  expanded: (file: string) => string,
  { environment }: Surroundings,
): string | undefined {
  if (configured === "none") return undefined;
  if (configured === undefined || configured === "SSH_AUTH_SOCK") return environment.SSH_AUTH_SOCK || undefined;
  if (configured.startsWith("$") && !configured.startsWith("${")) return environment[configured.slice(1)] || undefined;
  return expanded(configured);
}
