import type { NodeSpec } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Link } from "../../ports/link.ts";
import type { Prompter } from "../../ports/prompter.ts";
import { withDeadline } from "../deadline.ts";
import type { Terminals } from "../terminals.ts";
import type { Transport } from "../transport.ts";
import { type Bastion, throughBastions } from "./bastion.ts";
import { connect } from "./connect.ts";
import { Connection } from "./connection.ts";
import type { SshShared } from "./shared.ts";
import { resolveTarget } from "./ssh-config.ts";
import { SshLink } from "./ssh-link.ts";

export interface SshNodeOptions {
  node: NodeSpec;
  clock: Clock;
  prompter: Prompter;
  shared: SshShared;
}

/** One node over one SSH connection: its link, which begins to connect, and what runs over it. */
export function createSshNode(options: SshNodeOptions): {
  link: Link;
  transport: Transport;
  terminals: Terminals;
} {
  const { node, clock } = options;
  let user: SafeText = clean(node.ssh.user ?? "");
  const link = new SshLink(node.name, clock, (signal) =>
    open(options, signal, (name) => {
      user = clean(name);
    }),
  );
  const onConnection = <T>(use: (connection: Connection) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const { held } = link;
    return held === undefined
      ? Promise.resolve(bad({ kind: "connection-lost", detail: text`the link to ${node.name} is down` }))
      : use(held);
  };
  const transport: Transport = {
    node: node.name,
    get user() {
      return user;
    },
    get fewStreams() {
      return link.held?.fewStreams ?? false;
    },
    script: (script, args, within, { root = false, limit } = {}) =>
      withDeadline(clock, within, text`a command on ${node.name}`, (signal) =>
        onConnection((connection) => connection.script(script, args, { ms: within.ms, signal, root, limit })),
      ),
    dialDocker: (signal, use = "request") => onConnection((connection) => connection.dialDocker(signal, use)),
    dialTcp: (host, port, signal) => onConnection((connection) => connection.dialTcp(host, port, signal)),
  };
  const terminals: Terminals = {
    open: (asked, output, within) =>
      withDeadline(clock, within, text`a terminal on ${node.name}`, (signal) =>
        onConnection((connection) => connection.terminal(asked, output, signal)),
      ),
  };
  return { link, transport, terminals };
}

/** Resolves the target anew for every attempt: files that the operator mended count at once. */
async function open(
  { node, prompter, shared }: SshNodeOptions,
  signal: AbortSignal,
  loggingInAs: (user: string) => void,
): Promise<Outcome<Connection>> {
  const leave = await shared.lookups.enter(signal);
  if (leave === undefined) return bad({ kind: "cancelled" });
  const resolved = await resolveTarget(node.ssh).finally(leave);
  if (!resolved.ok) return resolved;
  const target = resolved.value;
  loggingInAs(target.user);
  const caller = { node: node.name, prompter, shared, signal };
  let bastion: Bastion | undefined;
  const through = async () => {
    const { identityFile, knownHostsFile } = node.ssh;
    const way = await throughBastions(target.jumps, target.host, target.port, {
      ...caller,
      identityFile,
      knownHostsFile,
    });
    bastion = way.bastion;
    return way.channel;
  };
  const client = await connect({ ...caller, target, ...(target.jumps.length === 0 ? {} : { through }) });
  if (!client.ok) return client;
  return good(new Connection(client.value, { node: node.name, target, prompter, shared, bastion }));
}
