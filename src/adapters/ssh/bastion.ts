import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { explain } from "../../domain/explain.ts";
import { splitTarget } from "../../domain/spec/convert.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { openSocket } from "./open-channel.ts";
import { unlessAborted } from "./shared-work.ts";
import { resolveTarget } from "./ssh-config.ts";
import { tcpTrouble } from "./trouble.ts";

/** How long a bastion may take to reach a host behind it. */
const forwardMs = 10_000;
const roundTripMs = 5_000;

/** What a bastion is reached with; the node's own files count for it too, where the spec names them. */
export type Way = Pick<ConnectOptions, "node" | "prompter" | "shared" | "signal"> & {
  identityFile: string | undefined;
  knownHostsFile: string | undefined;
  /** The bastion that this is the way to; undefined for a node. */
  to?: Bastion;
};

/** One connection to a bastion, shared by all nodes behind it; closed with the last of them. */
export class Bastion {
  readonly name: SafeText;
  readonly #forget: () => void;
  readonly #ended = new AbortController();
  #opening: Promise<Outcome<Client>> | undefined;
  #users = 0;
  #down = false;
  /** The bastion that it is reached through itself. */
  behind: Bastion | undefined;

  constructor(name: SafeText, forget: () => void) {
    this.name = name;
    this.#forget = forget;
  }

  /** Set when its connection is gone: what went through it went with it. */
  get trouble(): Trouble | undefined {
    return this.#down ? this.#isDown(text`the connection was lost`) : undefined;
  }

  /** A byte stream to host:port as seen from the bastion. */
  async channel(jumps: readonly string[], host: string, port: number, way: Way): Promise<Outcome<Duplex>> {
    this.#users++;
    let left = false;
    const leave = () => {
      if (!left && --this.#users === 0) this.#end();
      left = true;
    };
    this.#opening ??= this.#open(jumps, { ...way, signal: this.#ended.signal, to: this });
    const client = await unlessAborted(this.#opening, way.signal);
    const channel =
      client === undefined
        ? bad({ kind: "cancelled" })
        : client.ok
          ? await this.#forward(client.value, host, port, way.signal)
          : bad(this.#ofItself(client.trouble));
    if (channel.ok) channel.value.once("close", leave);
    else leave();
    return channel;
  }

  async #open(jumps: readonly string[], way: Way): Promise<Outcome<Client>> {
    const client = await openBastion(jumps, way);
    if (!client.ok) this.#forget();
    else
      client.value.once("close", () => {
        this.#down = true;
        this.#forget();
      });
    return client;
  }

  #end(): void {
    this.#forget();
    this.#ended.abort();
    void this.#opening?.then((client) => {
      if (client.ok) client.value.end();
    });
  }

  async #forward(client: Client, host: string, port: number, signal: AbortSignal): Promise<Outcome<Duplex>> {
    const late = AbortSignal.timeout(forwardMs);
    const channel = await openSocket(
      client,
      (through, done) => through.forwardOut("127.0.0.1", 0, host, port, done),
      AbortSignal.any([signal, late]),
      (error) => this.#ofHost(tcpTrouble(error, host, port)),
    );
    if (channel.ok || !late.aborted) return channel;
    // It may be the host behind that does not answer, or the bastion itself.
    if (await answers(client))
      return bad({ kind: "unreachable", host: clean(host), detail: text`no answer as seen from ${this.name}` });
    client.destroy();
    return bad(this.#isDown(text`no answer in ${forwardMs / 1000} s`));
  }

  /** What it says of a host behind it. */
  #ofHost(trouble: Trouble): Trouble {
    switch (trouble.kind) {
      case "connection-lost":
        return this.#isDown(trouble.detail);
      case "unreachable":
        return { ...trouble, detail: text`as seen from ${this.name}: ${trouble.detail}` };
      case "misconfigured":
        return { ...trouble, detail: text`bastion ${this.name}: ${trouble.detail}` };
      default:
        return trouble;
    }
  }

  /** Its keys, passwords and host keys are the operator's to mend; what this machine cannot do is not its fault; with all else it is down. */
  #ofItself(trouble: Trouble): Trouble {
    switch (trouble.kind) {
      case "authentication-failed":
      case "host-key-unknown":
      case "host-key-changed":
      case "host-key-revoked":
      case "misconfigured":
      case "cancelled":
      case "bastion-down":
      case "trouble-here":
        return trouble;
      default:
        return this.#isDown(explain(trouble, this.name).what);
    }
  }

  #isDown(detail: SafeText): Trouble {
    return { kind: "bastion-down", bastion: this.name, detail };
  }
}

/** A byte stream to host:port through the last of `jumps`, and the bastion that carries it. Each hop's host key is checked under its own name. */
export async function throughBastions(
  jumps: readonly string[],
  host: string,
  port: number,
  way: Way,
): Promise<{ channel: Outcome<Duplex>; bastion: Bastion }> {
  const { bastions } = way.shared;
  // Nodes that come with other files are not to use what these opened.
  const key = [...jumps, way.identityFile ?? "", way.knownHostsFile ?? ""].join(" ");
  const bastion =
    bastions.get(key) ??
    new Bastion(clean(jumps.join(",")), () => {
      if (bastions.get(key) === bastion) bastions.delete(key);
    });
  if (way.to !== undefined) {
    for (let hop: Bastion | undefined = bastion; hop !== undefined; hop = hop.behind)
      if (hop === way.to) return { channel: bad(loop(bastion.name)), bastion };
    way.to.behind = bastion;
  }
  bastions.set(key, bastion);
  return { channel: await bastion.channel(jumps, host, port, way), bastion };
}

const loop = (name: SafeText): Trouble => ({
  kind: "misconfigured",
  detail: text`the way to bastion ${name} leads through itself`,
  remedy: text`take the loop out of the ProxyJump lines of ~/.ssh/config`,
});

async function openBastion(jumps: readonly string[], way: Way): Promise<Outcome<Client>> {
  const { user, host, port } = splitTarget((jumps.at(-1) ?? "").replace(/^ssh:\/\//, ""));
  const before = jumps.slice(0, -1);
  const resolved = await resolveTarget({
    host: clean(host),
    user,
    port,
    identityFile: undefined,
    knownHostsFile: way.knownHostsFile,
    // The first of several may have a bastion of its own in ~/.ssh/config, as with ssh.
    jump: before.length > 0 ? before.join(",") : undefined,
  });
  if (!resolved.ok) return resolved;
  const own = way.identityFile === undefined ? [] : [{ file: way.identityFile, named: true }];
  const target = { ...resolved.value, identityFiles: [...own, ...resolved.value.identityFiles] };
  const through = async () => (await throughBastions(target.jumps, target.host, target.port, way)).channel;
  return connect({ ...way, target, keepalive: true, ...(target.jumps.length === 0 ? {} : { through }) });
}

/** Whether it still answers: a request to end a forwarding that was never there gets a "no" (RFC 4254, 7.1). */
function answers(client: Client): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), roundTripMs);
    const settle = (answer: boolean) => {
      clearTimeout(timer);
      resolve(answer);
    };
    try {
      client.unforwardIn("127.0.0.1", 1, () => settle(true));
    } catch {
      settle(false);
    }
  });
}
