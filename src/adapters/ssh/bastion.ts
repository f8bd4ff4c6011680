import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { splitTarget } from "../../domain/spec/convert.ts";
import { clean } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { resolveTarget } from "./ssh-config.ts";
import type { SshError } from "./trouble.ts";

/** One connection to a bastion, shared by all nodes behind it. */
export interface Bastion {
  client: Promise<Outcome<Client>>;
  /** Channels through it; with the last one it is closed. */
  users: number;
}

type Common = Pick<ConnectOptions, "node" | "prompter" | "shared" | "signal"> & {
  /** The node's own files count for its bastions too, where the spec names them. */
  identityFile: string | undefined;
  knownHostsFile: string | undefined;
};

/** A byte stream to host:port through the last of `jumps`; each hop's host key is checked under its own name. */
export async function throughBastions(
  jumps: readonly string[],
  host: string,
  port: number,
  common: Common,
): Promise<Outcome<Duplex>> {
  const way = jumps.join(",");
  const bastion = bastionFor(jumps, way, common);
  const client = await bastion.client;
  if (!client.ok) {
    const { trouble } = client;
    // Keys, passwords and host keys of a bastion are the operator's to mend; all else is a bastion that is down.
    const mendable = [
      "authentication-failed",
      "host-key-unknown",
      "host-key-changed",
      "host-key-revoked",
      "misconfigured",
      "cancelled",
    ];
    return mendable.includes(trouble.kind)
      ? client
      : bad({ kind: "bastion-down", bastion: clean(way), detail: clean(trouble.kind) });
  }
  return new Promise((resolve) => {
    client.value.forwardOut("127.0.0.1", 0, host, port, (error: SshError | undefined, channel) => {
      if (error)
        resolve(
          bad({ kind: "unreachable", host: clean(host), detail: clean(`from bastion ${way}: ${error.message}`) }),
        );
      else {
        bastion.users++;
        channel.once("close", () => {
          if (--bastion.users === 0) client.value.end();
        });
        resolve(good(channel));
      }
    });
  });
}

function bastionFor(jumps: readonly string[], way: string, common: Common): Bastion {
  const { bastions } = common.shared;
  const open = bastions.get(way);
  if (open !== undefined) return open;
  // It belongs to all nodes behind it: the one that happens to come first must not end it.
  const client = openBastion(jumps, { ...common, signal: new AbortController().signal });
  const bastion: Bastion = { client, users: 0 };
  bastions.set(way, bastion);
  const forget = () => {
    if (bastions.get(way) === bastion) bastions.delete(way);
  };
  void client.then((outcome) => {
    if (outcome.ok) outcome.value.once("close", forget);
    else forget();
  });
  return bastion;
}

async function openBastion(jumps: readonly string[], common: Common): Promise<Outcome<Client>> {
  const last = jumps.at(-1) ?? "";
  const { user, host, port } = splitTarget(last.replace(/^ssh:\/\//, ""));
  const target = await resolveTarget({
    host: clean(host),
    user,
    port,
    identityFile: common.identityFile,
    knownHostsFile: common.knownHostsFile,
    jump: "none",
  });
  if (!target.ok) return target;
  const before = jumps.slice(0, -1);
  if (before.length === 0) return connect({ ...common, target: target.value });
  const reopen = () => throughBastions(before, target.value.host, target.value.port, common);
  const through = await reopen();
  return through.ok ? connect({ ...common, target: target.value, through: through.value }, reopen) : through;
}
