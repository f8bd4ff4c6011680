import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { withoutPrefix } from "../subnets.ts";

/**
 * Whether URLs of cluster-store that differ lead to one Consul all the same. dockerd takes only one address of Consul, so
 * with several servers each engine is given the member on its own node, which no other node's failure takes away.
 */
export function isOneConsul(
  uses: readonly { node: NodeSnapshot | undefined; url: string }[],
  { membership }: Snapshot,
): boolean {
  const read = uses.map(({ node, url }) => ({ node, ...takeApart(url) }));
  const [first] = read;
  if (first === undefined || read.some((one) => one.rest === undefined || one.rest !== first.rest)) return false;
  const known = membership === undefined ? undefined : lastSeen(membership);
  if (known === undefined) return read.every(({ node, host }) => node !== undefined && isOwn(node, host));
  const members = [known.endpoint, ...known.members.map((one) => one.address)].map(hostOf);
  return known.kind === "consul" && read.every(({ host }) => members.includes(host));
}

/** "consul://192.168.44.103:8500/prefix": its host, and what has to be the same beside it. */
function takeApart(url: string): { host: string; rest: string | undefined } {
  const match = /^consul:\/\/(\[[^\]]*\]|[^:/,]*)(:\d+)?\/?(.*)$/.exec(url);
  return match === null
    ? { host: "", rest: undefined }
    : { host: (match[1] ?? "").replace(/^\[|\]$/g, ""), rest: `${match[2] ?? ""}/${match[3] ?? ""}` };
}

const hostOf = (address: string): string => address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");

const isOwn = (node: NodeSnapshot, host: string): boolean =>
  node.address === host ||
  (lastSeen(node.facts)?.interfaces ?? []).some((link) => link.addresses.some((one) => withoutPrefix(one) === host));
