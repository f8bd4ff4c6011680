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
  /** The name under which its key is known; the host, unless HostKeyAlias says otherwise. */
  keyAlias: string;
  identityFiles: readonly string[];
  /** Only keys of these files, also from the agent. */
  identitiesOnly: boolean;
  agent: string | undefined;
  knownHostsFiles: readonly string[] | undefined;
  /** Bastions, the first one first: each `[user@]host[:port]`. */
  jumps: readonly string[];
}

/** What ssh(1) may take for an option, and what a ProxyCommand could be made of, is no alias (CVE-2023-51385). */
const harmless = /^[A-Za-z0-9_[\]:][A-Za-z0-9_.:@%[\]-]*$/;
const sshMs = 5000;

/**
 * What ~/.ssh/config makes of a target, told by `ssh -G`; the spec's own keys win. Without an ssh binary the spec
 * alone counts. What ssh2 cannot do is refused here with a way out.
 */
export async function resolveTarget(wanted: SshTarget): Promise<Outcome<Target>> {
  const alias = clean(wanted.host);
  if (!harmless.test(wanted.host)) {
    return bad({
      kind: "misconfigured",
      detail: text`"${alias}" is no host name`,
      remedy: text`correct its ssh entry in ovl.yaml`,
    });
  }
  const options = await sshOptions(wanted);
  const problem = unsupported(options);
  if (problem !== undefined) return bad(problem);
  const own = <T>(mine: T | undefined, theirs: T): T => mine ?? theirs;
  const first = (key: string): string | undefined => options.get(key)?.[0];
  const jump = own(wanted.jump, first("proxyjump"));
  return good({
    alias,
    host: first("hostname") ?? wanted.host,
    port: own(wanted.port, Number(first("port") ?? 22)),
    user: own(wanted.user, first("user") ?? userInfo().username),
    keyAlias: first("hostkeyalias") ?? first("hostname") ?? wanted.host,
    identityFiles:
      wanted.identityFile === undefined
        ? (options.get("identityfile") ?? defaultKeys).map(expand)
        : [wanted.identityFile],
    identitiesOnly: first("identitiesonly") === "yes",
    agent: agentSocket(first("identityagent")),
    knownHostsFiles: wanted.knownHostsFile === undefined ? knownHostsFiles(options) : [wanted.knownHostsFile],
    jumps: jump === undefined || jump === "none" ? [] : jump.split(","),
  });
}

const defaultKeys = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

const expand = (file: string): string => file.replace(/^~(?=\/|$)/, () => homedir()).replace("%d", () => homedir());

type Options = ReadonlyMap<string, readonly string[]>;

/** `ssh -G` prints "key value" lines, keys in small letters, some keys more than once. */
export function parseSshOptions(printed: string): Options {
  const options = new Map<string, string[]>();
  for (const line of printed.split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const key = line.slice(0, space).toLowerCase();
    options.set(key, [...(options.get(key) ?? []), line.slice(space + 1)]);
  }
  return options;
}

function sshOptions(wanted: SshTarget): Promise<Options> {
  // The user decides about `Match user`; it goes in as ssh itself would get it.
  const user = wanted.user === undefined ? [] : ["-l", wanted.user];
  return new Promise((resolve) => {
    execFile("ssh", ["-G", ...user, "--", wanted.host], { timeout: sshMs, maxBuffer: 1024 * 1024 }, (error, stdout) => {
      // No ssh here, or a configuration it refuses: the spec alone has to do, and what is missing shows at the login.
      resolve(error === null ? parseSshOptions(stdout) : new Map());
    });
  });
}

function unsupported(options: Options) {
  const command = options.get("proxycommand")?.[0];
  if (command !== undefined && command !== "none") {
    return {
      kind: "misconfigured",
      detail: text`~/.ssh/config has a ProxyCommand for it, which is not supported`,
      remedy: text`use ProxyJump there, or "jump" in ovl.yaml`,
    } as const;
  }
  return undefined;
}

function agentSocket(configured: string | undefined): string | undefined {
  if (configured === "none") return undefined;
  if (configured === undefined || configured === "SSH_AUTH_SOCK") return process.env.SSH_AUTH_SOCK || undefined;
  return expand(configured);
}

function knownHostsFiles(options: Options): string[] | undefined {
  const files = [...(options.get("userknownhostsfile") ?? []), ...(options.get("globalknownhostsfile") ?? [])];
  const paths = files.flatMap((line) => line.split(" ")).filter((file) => file !== "" && file !== "none");
  return paths.length === 0 ? undefined : paths.map((file) => path.resolve(expand(file)));
}
