import type { Container } from "./engine.ts";
import { shellCommand } from "./plan/sh.ts";
import type { NodeSpec, Spec } from "./spec/spec.ts";
import { clean, joined, type SafeText, text } from "./text.ts";
import type { MemberRow } from "./views/membership.ts";
import type { NetworkRow } from "./views/networks.ts";

/** Something that can be taken elsewhere: a command that does the same by hand, a name, an address. */
export interface Copyable {
  label: SafeText;
  words: SafeText;
}

/** "ssh://root@192.168.44.103", as `docker -H` takes it. */
const dockerHost = ({ ssh }: NodeSpec): string => {
  const user = ssh.user === undefined ? "" : `${ssh.user}@`;
  return `ssh://${user}${ssh.host}${ssh.port === undefined ? "" : `:${ssh.port}`}`;
};

const command = (...words: readonly string[]): SafeText => joined(shellCommand(words), " ");

const nodeOf = (spec: Spec, name: string): NodeSpec | undefined => spec.nodes.find((one) => one.name === name);

/** What there is to copy of a container. */
export function copyablesOfContainer(container: Container, spec: Spec): Copyable[] {
  const { id, name, node, attachments } = container;
  const on = nodeOf(spec, node);
  const docker = on === undefined ? ["docker"] : ["docker", "-H", dockerHost(on)];
  return [
    { label: text`a shell in it`, words: command(...docker, "exec", "-it", name, "sh") },
    { label: text`its log`, words: command(...docker, "logs", "-f", "-t", "--tail", "100", name) },
    { label: text`all about it`, words: command(...docker, "inspect", name) },
    { label: text`name`, words: name },
    { label: text`full id`, words: id },
    ...attachments.flatMap(({ network, address }): Copyable[] =>
      address === undefined ? [] : [{ label: text`address on ${network}`, words: address }],
    ),
  ];
}

/** What there is to copy of a node. */
export function copyablesOfNode(name: string, spec: Spec): Copyable[] {
  const on = nodeOf(spec, name);
  if (on === undefined) return [];
  const { ssh } = on;
  const target = ssh.user === undefined ? ssh.host : `${ssh.user}@${ssh.host}`;
  const options = [
    ...(ssh.port === undefined ? [] : ["-p", String(ssh.port)]),
    ...(ssh.jump === undefined ? [] : ["-J", ssh.jump]),
    ...(ssh.identityFile === undefined ? [] : ["-i", ssh.identityFile]),
  ];
  return [
    { label: text`a shell on it`, words: command("ssh", ...options, target) },
    { label: text`its containers`, words: command("docker", "-H", dockerHost(on), "ps", "-a") },
    {
      label: text`its engine's journal`,
      words: command("ssh", ...options, target, "journalctl", "-u", "docker", "-f"),
    },
    { label: text`host`, words: clean(ssh.host) },
  ];
}

/** What there is to copy of a network. */
export function copyablesOfNetwork(row: NetworkRow, spec: Spec): Copyable[] {
  const on = row.nodes.map((node) => nodeOf(spec, node)).find((one) => one !== undefined);
  const docker = on === undefined ? ["docker"] : ["docker", "-H", dockerHost(on)];
  return [
    { label: text`all about it`, words: command(...docker, "network", "inspect", "-v", row.name) },
    { label: text`name`, words: row.name },
    { label: text`full id`, words: row.id },
    ...row.subnets.map(({ subnet }): Copyable => ({ label: text`subnet`, words: subnet })),
  ];
}

/** What there is to copy of a member of the store or of the swarm. */
export const copyablesOfMember = ({ name, address }: MemberRow): Copyable[] => [
  ...(address === undefined ? [] : [{ label: text`address`, words: address }]),
  { label: text`name`, words: name },
];
