import type { NodeSpec } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, type Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Prompter } from "../../ports/prompter.ts";
import { withDeadline } from "../deadline.ts";
import type { Transport } from "../transport.ts";
import { throughBastions } from "./bastion.ts";
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
export function createSshNode(options: SshNodeOptions): { link: SshLink; transport: Transport } {
  const { node, clock } = options;
  let user: SafeText = clean(node.ssh.user ?? "");
  const link = new SshLink(node.name, clock, (signal) =>
    open(options, signal, (name) => {
      user = clean(name);
    }),
  );
  const onConnection = <T>(use: (connection: Connection) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const { connection } = link;
    return connection === undefined
      ? Promise.resolve(bad({ kind: "connection-lost", detail: text`the link to ${node.name} is down` }))
      : use(connection);
  };
  const transport: Transport = {
    node: node.name,
    get user() {
      return user;
    },
    script: (script, args, within, how = {}) =>
      withDeadline(clock, within, text`a command on ${node.name}`, (signal) =>
        onConnection((connection) => connection.script(script, args, signal, how)),
      ),
    dialDocker: (signal, use = "request") => onConnection((connection) => connection.dialDocker(signal, use)),
    dialTcp: (host, port) => onConnection((connection) => connection.dialTcp(host, port)),
  };
  return { link, transport };
}

/** Resolves the target anew for every attempt: files that the operator mended count at once. */
async function open(
  { node, prompter, shared }: SshNodeOptions,
  signal: AbortSignal,
  loggedInAs: (user: string) => void,
): Promise<Outcome<Connection>> {
  const target = await resolveTarget(node.ssh);
  if (!target.ok) return target;
  const { host, port, user, jumps } = target.value;
  loggedInAs(user);
  const common = { node: node.name, prompter, shared, signal };
  const files = { identityFile: node.ssh.identityFile, knownHostsFile: node.ssh.knownHostsFile };
  const through = () => throughBastions(jumps, host, port, { ...common, ...files });
  const way = jumps.length === 0 ? undefined : await through();
  if (way !== undefined && !way.ok) return way;
  const client = await connect(
    { ...common, target: target.value, ...(way === undefined ? {} : { through: way.value }) },
    way === undefined ? undefined : through,
  );
  if (!client.ok) return client;
  return { ok: true, value: new Connection(client.value, { node: node.name, target: target.value, prompter, shared }) };
}
