import type { Duplex } from "node:stream";
import type { Client, ConnectConfig } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Answer, Prompter } from "../../ports/prompter.ts";
import { authHandler, passwordWork } from "./auth.ts";
import { HostKeys, UnreadableKnownHosts } from "./host-keys.ts";
import { passphraseWork } from "./identity.ts";
import type { Verdict } from "./known-hosts.ts";
import { accountOf, type Login } from "./login.ts";
import type { SshShared } from "./shared.ts";
import type { Target } from "./ssh-config.ts";
import { openTcp } from "./tcp.ts";
import { connectionTrouble, hostKeyTrouble, knownHostsTrouble, loginTrouble, type SshError } from "./trouble.ts";

/** From the first packet to the end of the key exchange. */
const handshakeMs = 15_000;
/** A handshake keeps its place no longer: a host that accepts connections and then says nothing delays no other. */
const placeMs = 2_000;
/** One step of a login; PAM may ask a directory on the way. Open questions do not count. */
const stepMs = 30_000;

export interface ConnectOptions {
  node: NodeName;
  target: Target;
  prompter: Prompter;
  shared: SshShared;
  /** Ends with the link. */
  signal: AbortSignal;
  /** Opens a channel through a bastion; without it a TCP connection is made. */
  through?: () => Promise<Outcome<Duplex>>;
  /** For connections whose pulse nobody else feels. */
  keepalive?: boolean;
}

/**
 * Logs in. An unknown host key closes the connection first and asks then: the operator may take as long as needed, and
 * ssh2's verifier has to answer at once (a late answer breaks the connection at the next key exchange).
 */
export async function connect(options: ConnectOptions): Promise<Outcome<Client>> {
  const { target, shared } = options;
  const address =
    target.hostKeyAlias === undefined
      ? { host: target.host, port: target.port }
      : { host: target.hostKeyAlias, port: 22 };
  const hostKeys = new HostKeys({ ...address, files: target.knownHostsFiles }, shared.knownHosts);
  try {
    hostKeys.load();
  } catch (error) {
    if (!(error instanceof UnreadableKnownHosts)) throw error;
    return knownHostsTrouble(error.file, error.message, "read");
  }
  const first = await attempt(options, hostKeys);
  if (first.ok || !("shown" in first) || first.trouble.kind !== "host-key-unknown") return first;
  const answer = await askForKey(options, hostKeys, first.trouble);
  if (answer?.kind !== "accept-once" && answer?.kind !== "accept-and-remember") return first;
  hostKeys.acceptOnce(first.shown);
  if (answer.kind === "accept-and-remember") {
    try {
      hostKeys.remember(first.shown);
    } catch (error) {
      return knownHostsTrouble(hostKeys.file, (error as NodeJS.ErrnoException).code ?? "unknown reason", "written");
    }
  }
  return attempt(options, hostKeys);
}

function askForKey(
  { node, target, prompter, shared, signal }: ConnectOptions,
  hostKeys: HostKeys,
  { keyType, fingerprint }: Extract<Trouble, { kind: "host-key-unknown" }>,
): Promise<Answer | undefined> {
  const file = clean(hostKeys.file);
  const question = { kind: "host-key", node, host: clean(target.host), keyType, fingerprint, file } as const;
  return shared.work.join(`host key ${target.host} ${target.port} ${fingerprint}`, signal, (asked) =>
    prompter.ask(question, asked),
  );
}

type Attempt =
  | { ok: true; value: Client }
  | { ok: false; trouble: Trouble; shown: Buffer }
  | { ok: false; trouble: Trouble };

async function attempt(options: ConnectOptions, hostKeys: HostKeys): Promise<Attempt> {
  const { shared, signal, target, through } = options;
  // What is being asked for already will be needed: no server should wait for it beside.
  const asked = target.identityFiles.map(({ file }) => passphraseWork(file));
  await shared.work.quiet([passwordWork(accountOf(target)), ...asked], signal);
  // Before it takes a place: hosts that are down do not answer for many seconds, and there may be more of them than places.
  const dialed = await (through === undefined ? openTcp(target, signal) : through());
  if (!dialed.ok) return dialed;
  const sock = dialed.value;
  // Whoever logs in looks for `errored`; until then nobody listens.
  sock.on("error", () => undefined);
  const leave = await shared.handshakes.enter(signal);
  if (leave === undefined) {
    sock.destroy();
    return bad({ kind: "cancelled" });
  }
  const late = setTimeout(leave, placeMs);
  try {
    return await login(options, hostKeys, sock, leave);
  } finally {
    clearTimeout(late);
    leave();
  }
}

async function login(
  { node, target, prompter, shared, signal, keepalive = false }: ConnectOptions,
  hostKeys: HostKeys,
  sock: Duplex,
  handshaken: () => void,
): Promise<Attempt> {
  // Loaded with the first connection: the program's first frame does not wait for it.
  const ssh2 = (await import("ssh2")).default;
  if (signal.aborted) {
    sock.destroy();
    return bad({ kind: "cancelled" });
  }
  const client = new ssh2.Client();
  const over = new AbortController();
  const host = clean(target.host);
  let failure: SshError | undefined;
  let gaveUp: Trouble | undefined;
  let shown: { key: Buffer; verdict: Verdict } | undefined;
  const giveUp = (trouble: Trouble) => {
    gaveUp ??= trouble;
    client.destroy();
  };
  const patience = new Patience(giveUp);
  const attempt: Login = {
    ssh2,
    node,
    target,
    prompter,
    shared,
    signal: over.signal,
    lifetime: signal,
    tried: [],
    notes: [],
    offered: [],
    async asking(question) {
      patience.stop();
      try {
        return await question();
      } finally {
        patience.expect(stepMs, { kind: "timed-out", what: text`logging in to ${host}`, afterMs: stepMs });
      }
    },
  };
  const handler = await authHandler(attempt);
  const config: ConnectConfig = {
    sock,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: keepalive ? 15_000 : 0,
    keepaliveCountMax: 3,
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
    authHandler: handler,
  };
  return new Promise((resolve) => {
    const cancel = () => giveUp({ kind: "cancelled" });
    const settle = (result: Attempt) => {
      patience.end();
      signal.removeEventListener("abort", cancel);
      resolve(result);
    };
    signal.addEventListener("abort", cancel, { once: true });
    patience.expect(handshakeMs, { kind: "timed-out", what: text`the SSH handshake`, afterMs: handshakeMs });
    // Without this Nagle's algorithm adds 40 ms to the opening of a channel.
    client.once("connect", () => client.setNoDelay(true));
    client.once("handshake", () => {
      handshaken();
      patience.expect(stepMs, { kind: "timed-out", what: text`logging in to ${host}`, afterMs: stepMs });
    });
    client.on("error", (raised: Error) => {
      const error: SshError = raised;
      // An agent that does not answer is one method less, no broken connection.
      if (error.level === "agent") attempt.notes.push(text`the SSH agent does not answer`);
      else failure ??= error;
    });
    client.once("ready", () => settle(good(client)));
    client.once("hostkeys", () => {
      // After a login ssh2 lets sshd prove its other keys. sshd waits for the TCP acknowledgement of that proof before it
      // sends anything else (Nagle), and ours comes 40 ms later unless something travels with it: a word without an answer.
      if (!over.signal.aborted) client.unforwardIn("127.0.0.1", 1);
    });
    client.once("close", () => {
      over.abort();
      if (gaveUp !== undefined) settle(bad(gaveUp));
      else if (shown !== undefined && shown.verdict.verdict !== "known") settle(refusedKey(shown.key, shown.verdict));
      else settle(bad(loginTrouble(failure, attempt) ?? connectionTrouble(failure, target)));
    });
    // ssh2 would wait for a word from a socket that told of its end before.
    if (sock.destroyed) {
      over.abort();
      return settle(bad(connectionTrouble(sock.errored ?? undefined, target)));
    }
    try {
      client.connect(config);
    } catch (error) {
      settle(bad(connectionTrouble(error as SshError, target)));
    }
  });

  function refusedKey(key: Buffer, verdict: Exclude<Verdict, { verdict: "known" }>): Attempt {
    const trouble = hostKeyTrouble(key, verdict, hostKeys, target);
    return trouble.kind === "host-key-unknown" ? { ok: false, trouble, shown: key } : bad(trouble);
  }
}

/** One wait at a time, each with what it means when it takes too long. */
class Patience {
  readonly #lost: (trouble: Trouble) => void;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(lost: (trouble: Trouble) => void) {
    this.#lost = lost;
  }

  expect(ms: number, trouble: Trouble): void {
    this.stop();
    if (!this.#ended) this.#timer = setTimeout(() => this.#lost(trouble), ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.stop();
    this.#ended = true;
  }
}
