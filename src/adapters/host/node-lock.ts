import { z } from "zod";
import type { Locked, LockHolder } from "../../domain/lock.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { NodeLock } from "../../ports/node-lock.ts";
import { parseAnswer, parseJson } from "../answer.ts";
import type { Transport } from "../transport.ts";
import { guard, runFolder } from "./guard.ts";
import { contentOf, runSections, type Section } from "./sections.ts";

/*
 * The lock is a file of three lines: the run, the seconds since boot when it was last renewed, the holder as JSON. Time
 * is counted from boot, as the file itself is kept no longer: a clock that is set meanwhile ends no lease.
 */
const readLock = `
lock=$run/lock holder= renewed= words=
[ ! -e "$lock" ] || { read -r holder; read -r renewed; read -r words; } <"$lock"
`;

const shared = `
${guard}
guard || { section refused; printf '%s' "$why"; section end; exit; }
${readLock}
`;

const sendBusy = `
  read -r now rest </proc/uptime
  section busy "$holder"; printf '%s' "$words"
  section renewed; printf '%s' "$renewed"
  section now; printf '%s' "$now"
`;

/** Shell: says whose the lock is. It is replaced as a whole, so that reading it needs no guard. */
export const sendLock = `
${runFolder}
{ ${readLock} } 2>/dev/null
if [ -n "$holder" ]; then
${sendBusy}
fi
`;

const takeScript = `
me=$1 mine=$2
${shared}
if [ -e "$lock" ] && [ "$holder" != "$me" ]; then
${sendBusy}
else
  read -r now rest </proc/uptime
  umask 077
  temp=$lock.new
  why=$({ printf '%s\\n%s\\n%s\\n' "$me" "$now" "$mine" >"$temp" && mv -f "$temp" "$lock"; } 2>&1) ||
    { section refused; printf '%s' "\${why##*: }"; section end; exit; }
  temp=
  section held
fi
section end
`;

const dropScript = `
whose=$1
${shared}
[ ! -e "$lock" ] || [ "$holder" != "$whose" ] || rm -f "$lock"
section end
`;

const what = text`the lock of ovl-tui`;

/** The lock in /run/ovl-tui of the node: taken, renewed and dropped under the guard that all our scripts there share. */
export function createNodeLock(transport: Transport): NodeLock {
  const drop = async (run: string, within: Deadline): Promise<Outcome<void>> => {
    const ran = await runSections(transport, what, dropScript, [run], within, { root: true });
    if (!ran.ok) return ran;
    const refusal = refusalIn(ran.value);
    return refusal === undefined ? good(undefined) : bad(refusal);
  };
  return {
    async take(holder, within) {
      const { run, operator, machine, pid, doing } = holder;
      const words = JSON.stringify({ run, operator, machine, pid, doing } satisfies LockHolder);
      const ran = await runSections(transport, what, takeScript, [run, words], within, { root: true });
      if (!ran.ok) return ran;
      const refusal = refusalIn(ran.value);
      if (refusal !== undefined) return bad(refusal);
      if (ran.value.some(({ name }) => name === "held")) return good({ state: "held" });
      const by = lockedBy(ran.value);
      return by.ok ? good({ state: "busy", by: by.value }) : by;
    },
    release: (holder, within) => drop(holder.run, within),
    break: (run, within) => drop(run, within),
  };
}

const safe = z
  .string()
  .max(1024)
  .transform((raw) => clean(raw));

/** What another program wrote there, perhaps of another version. */
const holderWords = z.object({
  run: z.string().max(200),
  operator: safe,
  machine: z.string().max(200),
  pid: z.int(),
  doing: safe,
});

/** Who has the lock, as `sendLock` said it; undefined when nobody has it, or when it is not known whose it is: taking it tells. */
export function lockIn(sections: readonly Section[]): Locked | undefined {
  const by = lockedBy(sections);
  return by.ok ? by.value : undefined;
}

function lockedBy(sections: readonly Section[]): Outcome<Locked> {
  const json = parseJson(contentOf(sections, "busy"), what);
  const parsed = json.ok ? parseAnswer(holderWords, json.value, what) : json;
  const run = sections.find(({ name }) => name === "busy")?.title ?? "";
  const [renewed, now] = ["renewed", "now"].map((name) => Number.parseFloat(contentOf(sections, name)));
  const idleMs = Math.round(((now ?? Number.NaN) - (renewed ?? Number.NaN)) * 1000);
  if (!parsed.ok || parsed.value.run !== run || !Number.isFinite(idleMs)) {
    return bad({
      kind: "misconfigured",
      detail: text`/run/ovl-tui/lock is there and says not whose it is`,
      remedy: text`look at it, and remove it with "rm /run/ovl-tui/lock" when nobody works on the node`,
    });
  }
  return good({ ...parsed.value, idleMs: Math.max(0, idleMs) });
}

function refusalIn(sections: readonly Section[]): Trouble | undefined {
  const refused = sections.find(({ name }) => name === "refused");
  if (refused === undefined) return undefined;
  return {
    kind: "misconfigured",
    detail: text`cannot lock the node: ${clean(refused.content, 200)}`,
    remedy: text`look at "ls -la /run/ovl-tui" and "df /run" there`,
  };
}
