import type { Machine } from "../machine.ts";
import { vxlanPort } from "../sockets.ts";

/** The rule that drops the overlay's packets as they come in. */
const matches = ["-p", "udp", "-m", "udp", "--dport", String(vxlanPort), "-j", "DROP"];
/** iptables adds the match that `-p` brings with it, so that nobody has to type it. */
const isRule = (words: readonly string[]): boolean =>
  [matches, matches.filter((_, at) => at !== 2 && at !== 3)].some((one) => one.join(" ") === words.join(" "));

/** Exit codes of iptables (libxtables, enum xtables_exittype): a wrong command line, and one that cannot be done. */
const wrongUse = 2;
const notDone = 1;

/**
 * The machine's packet filter as `iptables` shows and changes it, as far as the demo knows one: the chain INPUT, with at
 * most one rule. `words` begin with the program's name. The lines are what it prints.
 */
export function iptables(
  words: readonly string[],
  { hindrances }: Pick<Machine, "hindrances">,
): { lines: readonly string[]; code: number } {
  const [, command = "", chain = "INPUT", ...rest] = words.filter((one) => one !== "-n" && one !== "--numeric");
  const isThere = hindrances.has("vxlan-blocked");
  if (chain !== "INPUT") return { lines: ["iptables: No chain/target/match by that name."], code: notDone };
  switch (command) {
    case "-S":
      return { lines: ["-P INPUT ACCEPT", ...(isThere ? [`-A INPUT ${matches.join(" ")}`] : [])], code: 0 };
    case "-L":
      return { lines: listed(isThere), code: 0 };
    case "-F":
      hindrances.delete("vxlan-blocked");
      return { lines: [], code: 0 };
    case "-D": {
      const isMeant = rest.join(" ") === "1" || isRule(rest);
      if (!isThere || !isMeant) return { lines: [badRule], code: notDone };
      hindrances.delete("vxlan-blocked");
      return { lines: [], code: 0 };
    }
    case "-A":
    case "-I":
      if (!isRule(rest)) return { lines: [`the demo knows one rule alone: ${matches.join(" ")}`], code: wrongUse };
      hindrances.add("vxlan-blocked");
      return { lines: [], code: 0 };
    default:
      return { lines: ["iptables: the demo knows -S, -L, -A, -I, -D and -F, of INPUT"], code: wrongUse };
  }
}

const badRule = "iptables: Bad rule (does a matching rule exist in that chain?).";

const listed = (isThere: boolean): string[] => [
  "Chain INPUT (policy ACCEPT)",
  "target     prot opt source               destination",
  ...(isThere ? [`DROP       udp  --  0.0.0.0/0            0.0.0.0/0            udp dpt:${vxlanPort}`] : []),
];
