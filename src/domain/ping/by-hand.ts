import { shellCommand } from "../plan/sh.ts";
import { joined, type SafeText, text } from "../text.ts";
import type { FullSize, Pair, Wire } from "./matrix.ts";

/** Bytes of an IPv4 header and that of an ICMP echo (RFC 791, RFC 792). */
const headerBytes = 28;

/** The commands that send the same by hand, as root on the sender's node: small packets, then full-size ones. */
export function pairByHand({ from, to, full }: Pair): SafeText[] {
  // By its id: names may be given to another container meanwhile.
  const pid = text`"$(docker inspect -f '{{.State.Pid}}' ${from.container})"`;
  const enter = text`nsenter -t ${pid} -n `;
  return [
    text`# as root on ${from.node}, in ${from.name}`,
    ...pings(to.address, full).map((ping) => text`${enter}${ping}`),
  ];
}

/** The same from one node to another. */
export const wireByHand = ({ from, address, full }: Wire): SafeText[] => [text`# on ${from}`, ...pings(address, full)];

function pings(address: SafeText, { bytes }: FullSize): SafeText[] {
  const ping = (...options: readonly string[]): SafeText =>
    joined(shellCommand(["ping", "-n", "-c", "3", ...options, address]), " ");
  return bytes === undefined ? [ping()] : [ping(), ping("-M", "do", "-s", String(bytes - headerBytes))];
}
