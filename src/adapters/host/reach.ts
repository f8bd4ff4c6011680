import type { Reach, ReachAsked } from "../../domain/plan/survey.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { withDeadline } from "../deadline.ts";
import { Limit } from "../ssh/limit.ts";
import type { Transport } from "../transport.ts";
import { contentOf, runSections } from "./sections.ts";

/** How long a port of another node may take to answer. */
const reachMs = 2000;
/** Ports that are dialled at once from one node. */
const dialsAtOnce = 32;

/** Linux tells one sender of no more than one closed port a second, once it told six (icmp(7), icmp_ratelimit). */
const icmpSeconds = 1.1;

/**
 * Shell: `try_ports SECONDS PROTOCOL ADDRESS PORT …` tries each so many seconds later, side by side, with bash, and
 * prints for each a line "reach PROTOCOL ADDRESS PORT CODE WORDS". UDP: one packet on a connected socket; the ICMP message that it may bring
 * back is the error of the next read (udp(7)), and half a second is more than any round trip between nodes. One packet,
 * because the gossip of an engine that listens complains of each in its log.
 */
export const tryPorts = `
try_ports() {
  command -v bash >/dev/null 2>&1 || return 0
  while [ $# -ge 4 ]; do
    { [ "$1" = 0 ] || sleep "$1"; try_port "$2" "$3" "$4"; } &
    shift 4
  done
  wait
}
try_port() {
  if [ "$1" = udp ]; then attempt='exec 3<>"/dev/udp/$1/$2" && printf . >&3 && read -r -N 1 -t 0.5 -u 3'
  else attempt='exec 3<>"/dev/tcp/$1/$2"'
  fi
  said=$(timeout 2 bash -c "$attempt" bash "$2" "$3" 2>&1 >/dev/null)
  code=$?
  said=$(printf '%s' "$said" | head -n 1)
  printf 'reach %s %s %s %s %s\\n' "$1" "$2" "$3" "$code" "\${said##*: }"
}
`;

const tryScript = `
${tryPorts}
section tried; try_ports "$@"
section end
`;

/** Tries TCP ports from the node: through its sshd, which needs no tool there, and where that does not forward from its own shell. */
export async function tryTcp(
  transport: Transport,
  clock: Clock,
  asked: readonly ReachAsked[],
  within: Deadline,
): Promise<readonly Reach[]> {
  const { tried, refused } = await dialEach(transport, clock, asked, within);
  return [...tried, ...(await triedFromNode(transport, refused, within))];
}

/** `refused`: ports that sshd would not dial. */
async function dialEach(
  transport: Transport,
  clock: Clock,
  asked: readonly ReachAsked[],
  within: Deadline,
): Promise<{ tried: readonly Reach[]; refused: readonly ReachAsked[] }> {
  const limit = new Limit(dialsAtOnce);
  const refused: ReachAsked[] = [];
  const all = await Promise.all(
    asked.map(async (one): Promise<Reach | undefined> => {
      const leave = await limit.enter(within.signal ?? new AbortController().signal);
      const outcome = await dial(transport, clock, one, within);
      leave?.();
      if (!outcome.ok && outcome.trouble.kind === "misconfigured") {
        refused.push(one);
        return undefined;
      }
      return { ...one, ...(outcome.ok ? answered : toldBy(outcome.trouble)) };
    }),
  );
  return { tried: all.filter((one) => one !== undefined), refused };
}

function dial(transport: Transport, clock: Clock, asked: ReachAsked, within: Deadline): Promise<Outcome<undefined>> {
  const { address, port } = asked;
  const limits = { ...within, ms: Math.min(within.ms, reachMs) };
  return withDeadline(clock, limits, text`${clean(address)}:${port}`, async (signal) => {
    const dialed = await transport.dialTcp(address, port, signal);
    if (!dialed.ok) return dialed;
    dialed.value.on("error", () => undefined);
    dialed.value.destroy();
    return { ok: true, value: undefined };
  });
}

async function triedFromNode(
  transport: Transport,
  asked: readonly ReachAsked[],
  within: Deadline,
): Promise<readonly Reach[]> {
  if (asked.length === 0) return [];
  const args = asked.flatMap((one) => tryWords(one));
  const lines = await tryFromNode(transport, args, within);
  return asked.map((one) => reachOf(one, lines));
}

/** The lines of `try_ports`; none when it could not be run, and then nothing is known of any port. */
async function tryFromNode(transport: Transport, args: readonly string[], within: Deadline): Promise<string[]> {
  const ran = await runSections(transport, text`ports of other nodes`, tryScript, args, within);
  return ran.ok ? contentOf(ran.value, "tried").split("\n") : [];
}

/** The words for one port in the arguments of `try_ports`. */
export const tryWords = ({ protocol, address, port }: ReachAsked, afterSeconds = 0): string[] => [
  String(afterSeconds),
  protocol,
  address,
  String(port),
];

/**
 * Tries ports of either protocol. UDP ones of one machine are tried one after the other, so slowly that it may answer
 * each: for a second look at those that were silent when many were tried at once.
 */
export async function tryAgain(
  transport: Transport,
  clock: Clock,
  asked: readonly ReachAsked[],
  within: Deadline,
): Promise<readonly Reach[]> {
  const before = new Map<string, number>();
  const udp = asked.filter((one) => one.protocol === "udp");
  const args = udp.flatMap((one) => {
    const turn = (before.get(one.address) ?? 0) + 1;
    before.set(one.address, turn);
    return tryWords(one, turn * icmpSeconds);
  });
  const tcp = asked.filter((one) => one.protocol === "tcp");
  const [dialed, lines] = await Promise.all([
    tryTcp(transport, clock, tcp, within),
    args.length === 0 ? [] : tryFromNode(transport, args, within),
  ]);
  return [...dialed, ...udp.map((one) => reachOf(one, lines))];
}

type Told = Pick<Reach, "result" | "detail">;

const answered: Told = { result: "answered", detail: text`something listens` };
const closed: Told = { result: "answered", detail: text`nothing listens, and the machine says so` };
const silent: Told = { result: "silent", detail: text`no answer within ${reachMs / 1000} s` };
const rejected = (why: SafeText): Told => ({ result: "rejected", detail: why });

function toldBy(trouble: Trouble): Told {
  switch (trouble.kind) {
    case "connection-refused":
      return closed;
    case "timed-out":
      return silent;
    case "unreachable":
      return /timed out/i.test(trouble.detail) ? silent : rejected(trouble.detail);
    default:
      return { result: "unknown", detail: text`it could not be tried: ${clean(trouble.kind)}` };
  }
}

/** What the lines of `try_ports` say of one port. */
export function reachOf(asked: ReachAsked, lines: readonly string[]): Reach {
  const { protocol, address, port } = asked;
  const begin = `reach ${protocol} ${address} ${port} `;
  const line = lines.find((one) => one.startsWith(begin));
  if (line === undefined) return { ...asked, result: "unknown", detail: text`the node has no bash to try it with` };
  const [code = "", ...words] = line.slice(begin.length).split(" ");
  return { ...asked, ...toldByShell(protocol, Number(code), words.join(" ")) };
}

/** By bash's exit code and what strerror(3) said. Past 128: `read` had nothing until its time was over; 124: timeout(1). */
function toldByShell(protocol: ReachAsked["protocol"], code: number, said: string): Told {
  if (code === 0) return protocol === "udp" ? { result: "answered", detail: text`something answered` } : answered;
  if (/refused/i.test(said)) return closed;
  if (protocol === "tcp" && (code === 124 || /timed out/i.test(said))) return silent;
  if (protocol === "udp" && code > 128) {
    return { result: "silent", detail: text`nothing came back; a port that listens may be silent too` };
  }
  if (/route|unreachable|permitted|denied|prohibited/i.test(said)) return rejected(clean(said, 120));
  return { result: "unknown", detail: said === "" ? text`the try ended with code ${code}` : clean(said, 120) };
}
