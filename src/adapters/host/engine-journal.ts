import { z } from "zod";
import { type LogLine, longestLine } from "../../domain/logs/line.ts";
import { clean, cleanLines, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { JournalPage, Logs } from "../../ports/logs.ts";
import type { Transport } from "../transport.ts";

/** Lines of one answer; what is more comes with the next one. */
const mostLines = 2000;
const limit = 8 * 1024 * 1024;

/** "$1": how it is asked, "$2": with what, "$3": lines at most. docker.service is what dockerd runs as everywhere. */
const script = `set -u
case "$1" in
  cursor) journalctl -u docker.service --no-pager -o json --after-cursor="$2" | head -n "$3" ;;
  since) journalctl -u docker.service --no-pager -o json --since="@$2" | head -n "$3" ;;
  *) journalctl -u docker.service --no-pager -o json -n "$2" ;;
esac
`;

/** An entry of the journal (systemd.journal-fields(7)); a message that is no UTF-8 comes as its bytes. */
const entry = z.object({
  __CURSOR: z.string(),
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,17}$/),
  MESSAGE: z.union([z.string(), z.array(z.number().int().min(0).max(255))]).nullish(),
  PRIORITY: z.string().nullish(),
});

/** What the engine wrote into the node's journal. */
export async function readEngineJournal(
  transport: Transport,
  from: Parameters<Logs["journal"]>[0],
  within: Deadline,
): Promise<Outcome<JournalPage>> {
  const ran = await transport.script(script, [...asked(from), String(mostLines)], within, { root: true, limit });
  if (!ran.ok) return ran;
  const { code, stdout, stderr } = ran.value;
  if (code !== 0) {
    return bad({
      kind: "misconfigured",
      detail: text`journalctl failed: ${cleanLines(stderr.toString("utf8"), 1)[0] ?? text`it said nothing`}`,
      remedy: text`Run "journalctl -u docker" on ${transport.node} by hand.`,
    });
  }
  const lines: LogLine[] = [];
  let cursor = "cursor" in from ? from.cursor : undefined;
  for (const raw of stdout.toString("utf8").split("\n")) {
    if (raw === "") continue;
    const parsed = entry.safeParse(json(raw));
    if (!parsed.success) {
      return bad({ kind: "bad-answer", from: text`${transport.node}: journalctl`, detail: clean(raw, 200) });
    }
    cursor = parsed.data.__CURSOR;
    lines.push(...entryLines(parsed.data));
  }
  return good({ lines, cursor });
}

function asked(from: Parameters<Logs["journal"]>[0]): [string, string] {
  if ("cursor" in from) return ["cursor", from.cursor];
  if ("since" in from) return ["since", String(Math.floor(Date.parse(from.since) / 1000))];
  return ["tail", String(Math.min(mostLines, from.tail))];
}

function json(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** Priorities up to 4 are warnings and worse (syslog(3)). */
function entryLines({ __REALTIME_TIMESTAMP: micros, MESSAGE, PRIORITY }: z.infer<typeof entry>): LogLine[] {
  const message = Array.isArray(MESSAGE) ? Buffer.from(MESSAGE).toString("utf8") : (MESSAGE ?? "");
  const at = isoOf(BigInt(micros));
  const from = Number(PRIORITY ?? "6") <= 4 ? "stderr" : "stdout";
  return message.split("\n").map((line) => ({ at, from, words: clean(line, longestLine) }));
}

/** Microseconds since 1970 as the time of a line. */
const isoOf = (micros: bigint): string => {
  const whole = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19);
  return `${whole}.${(micros % 1_000_000n).toString().padStart(6, "0")}000Z`;
};
