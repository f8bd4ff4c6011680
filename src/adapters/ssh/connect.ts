import type { Duplex } from "node:stream";
import type { Client, ConnectConfig } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Prompter } from "../../ports/prompter.ts";
import { type AuthRecord, authHandler } from "./auth.ts";
import { HostKeys, UnreadableKnownHosts } from "./host-keys.ts";
import type { Verdict } from "./known-hosts.ts";
import type { SshShared } from "./shared.ts";
import type { Target } from "./ssh-config.ts";
import { connectionTrouble, type SshError } from "./trouble.ts";

/** From the first packet to the end of the key exchange. */
const handshakeMs = 15_000;
/** sshd's LoginGraceTime is 120 s: a login that waits for the operator longer is over anyway. */
const loginMs = 115_000;

export interface ConnectOptions {
  node: NodeName;
  target: Target;
  prompter: Prompter;
  shared: SshShared;
  signal: AbortSignal;
  /** A channel through a bastion; without it a TCP connection is made. */
  through?: Duplex;
}

/**
 * Logs in. An unknown host key closes the connection first and asks then: the operator may take as long as needed, and
 * ssh2's verifier has to answer at once (a late answer breaks the connection at the next key exchange).
 */
export async function connect(
  options: ConnectOptions,
  reopen?: () => Promise<Outcome<Duplex>>,
): Promise<Outcome<Client>> {
  const { target, prompter, shared, node, signal } = options;
  const address =
    target.keyAlias === target.host ? { host: target.host, port: target.port } : { host: target.keyAlias, port: 22 };
  const hostKeys = new HostKeys({ ...address, files: target.knownHostsFiles }, shared.acceptedOnce);
  try {
    hostKeys.load();
  } catch (error) {
    if (!(error instanceof UnreadableKnownHosts)) throw error;
    const file = clean(error.file);
    return bad({
      kind: "misconfigured",
      detail: text`${file} cannot be read (${clean(error.message)}), so no host key can be checked`,
      remedy: text`make ${file} readable`,
    });
  }
  const first = await attempt(options, hostKeys);
  if (first.ok || !("shown" in first) || first.trouble.kind !== "host-key-unknown") return first;
  const { keyType, fingerprint } = first.trouble;
  const file = clean(hostKeys.file);
  const answer = await prompter.ask(
    { kind: "host-key", node, host: clean(target.host), keyType, fingerprint, file },
    signal,
  );
  if (answer.kind !== "accept-once" && answer.kind !== "accept-and-remember") return first;
  hostKeys.acceptOnce(first.shown);
  if (answer.kind === "accept-and-remember") {
    try {
      hostKeys.remember(first.shown);
    } catch (error) {
      const code = clean((error as NodeJS.ErrnoException).code ?? "unknown reason");
      return bad({
        kind: "misconfigured",
        detail: text`the host key could not be written to ${file} (${code})`,
        remedy: text`make ${file} writable, or accept the key once`,
      });
    }
  }
  if (reopen === undefined) return attempt(options, hostKeys);
  const again = await reopen();
  return again.ok ? attempt({ ...options, through: again.value }, hostKeys) : again;
}

type Attempt =
  | { ok: true; value: Client }
  | { ok: false; trouble: Trouble; shown: Buffer }
  | { ok: false; trouble: Trouble };

async function attempt(options: ConnectOptions, hostKeys: HostKeys): Promise<Attempt> {
  const leave = await options.shared.handshakes.enter(options.signal);
  if (leave === undefined) return bad({ kind: "cancelled" });
  try {
    return await handshake(options, hostKeys, leave);
  } finally {
    leave();
  }
}

async function handshake(options: ConnectOptions, hostKeys: HostKeys, handshaken: () => void): Promise<Attempt> {
  const { target, signal, shared } = options;
  const ssh2 = (await import("ssh2")).default;
  if (signal.aborted) return bad({ kind: "cancelled" });
  const record: AuthRecord = { tried: [], hint: undefined, password: undefined };
  const client = new ssh2.Client();
  let shown: { key: Buffer; verdict: Verdict } | undefined;
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.user,
    ...(options.through === undefined ? {} : { sock: options.through }),
    readyTimeout: 0,
    keepaliveInterval: 0,
    // ssh2's test for OpenSSH's extensions is a guess from the version string.
    strictVendor: false,
    algorithms: {
      serverHostKey: hostKeys.algorithms() as NonNullable<NonNullable<ConnectConfig["algorithms"]>["serverHostKey"]>,
      hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
    },
    hostVerifier: (key: Buffer) => {
      // Asked again at every key exchange: the same key must do.
      shown = { key, verdict: hostKeys.judge(key) };
      return shown.verdict.verdict === "known";
    },
    authHandler: await authHandler({ ...options, ssh2, record }),
  };
  return new Promise((resolve) => {
    let failure: SshError | undefined;
    let late: Trouble | undefined;
    const giveUp = (trouble: Trouble) => {
      late ??= trouble;
      client.destroy();
    };
    let timer = setTimeout(
      () => giveUp({ kind: "timed-out", what: text`connecting to ${clean(target.host)}`, afterMs: handshakeMs }),
      handshakeMs,
    );
    const cancel = () => giveUp({ kind: "cancelled" });
    signal.addEventListener("abort", cancel, { once: true });
    const settle = (result: Attempt) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
      resolve(result);
    };
    client.once("connect", () => client.setNoDelay(true));
    client.once("handshake", () => {
      handshaken();
      clearTimeout(timer);
      timer = setTimeout(
        () => giveUp({ kind: "timed-out", what: text`logging in to ${clean(target.host)}`, afterMs: loginMs }),
        loginMs,
      );
    });
    client.on("error", (raised: Error) => {
      const error: SshError = raised;
      // An agent that does not answer is one method less, no broken connection.
      if (error.level === "agent") record.hint = text`the SSH agent does not answer (${clean(error.message)})`;
      else failure ??= error;
    });
    client.once("ready", () => {
      if (record.password !== undefined) shared.passwords.set(`${target.user}@${target.host}`, record.password);
      settle(good(client));
    });
    client.once("close", () => {
      if (late !== undefined) settle(bad(late));
      else if (shown !== undefined && shown.verdict.verdict !== "known")
        settle(refusedKey(shown.key, shown.verdict, hostKeys, target));
      else if (failure?.level === "client-authentication") settle(bad(authenticationFailed(target, record)));
      else settle(bad(connectionTrouble(failure, target)));
    });
    client.connect(config);
  });
}

function refusedKey(
  key: Buffer,
  verdict: Exclude<Verdict, { verdict: "known" }>,
  hostKeys: HostKeys,
  target: Target,
): Attempt {
  const described = hostKeys.describe(key);
  const common = {
    host: clean(target.host),
    keyType: clean(described.keyType),
    fingerprint: clean(described.fingerprint),
  };
  switch (verdict.verdict) {
    case "unknown":
      return {
        ok: false,
        shown: key,
        trouble: { kind: "host-key-unknown", ...common, line: clean(hostKeys.line(key)) },
      };
    case "changed":
      return bad({ kind: "host-key-changed", ...common, knownIn: clean(verdict.place) });
    case "revoked":
      return bad({ kind: "host-key-revoked", ...common, knownIn: clean(verdict.place) });
  }
}

function authenticationFailed(target: Target, record: AuthRecord): Trouble {
  return {
    kind: "authentication-failed",
    user: clean(target.user),
    tried: record.tried,
    hint: record.hint ?? text`nothing was left to try`,
  };
}
