import { z } from "zod";
import { clean, cleanLines, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { ServiceManager } from "../../ports/service-manager.ts";
import type { Transport } from "../transport.ts";
import { nodeTime } from "./clock-difference.ts";
import { engineService } from "./engine-service.ts";
import { findDockerd } from "./find-dockerd.ts";
import { contentOf, runSections, type Section } from "./sections.ts";

/** How many of the engine's last words explain a start that failed. */
const lastWords = 30;

/* Prints the journal of the engine's own processes, without systemd's words on the unit (systemd.journal-fields(7)). */
const journal = `
journal() {
  [ -n "$systemd" ] && command -v journalctl >/dev/null 2>&1 || return 0
  journalctl --sync 2>/dev/null
  journalctl -q --no-pager -o json --since="@$1" -n "$2" "_SYSTEMD_UNIT=$unit" 2>/dev/null
}
`;

const reloadScript = `
${findDockerd}
section unit; printf '%s' "$show"
if [ -z "$pid" ]; then section none
elif [ -n "$systemd" ] && [ "$(systemctl show -p CanReload "$unit" 2>/dev/null)" = CanReload=yes ] &&
  [ "$(systemctl show -p MainPID "$unit" 2>/dev/null)" = "MainPID=$pid" ]; then
  why=$(systemctl reload "$unit" 2>&1) || { section failed; printf '%s' "$why"; }
else why=$(kill -HUP "$pid" 2>&1) || { section failed; printf '%s' "$why"; }
fi
section end
`;

/* A unit that is socket-activated takes its socket down with it when it hits the start limit (systemd.unit(5)). */
const restartScript = `
wait=$1 words=$2
${findDockerd}
${journal}
if ! printf '%s\\n' "$show" | grep -q '^LoadState=loaded$'; then section unmanaged "$systemd"; section end; exit; fi
end=$(($(date +%s) + wait))
began=$(date +%s)
why=$(systemctl daemon-reload 2>&1) || { section refused; printf '%s' "$why"; section end; exit; }
sockets=$(systemctl show -p TriggeredBy "$unit" 2>/dev/null)
# Only what failed can be reset; nothing is wrong when nothing did.
systemctl reset-failed "$unit" \${sockets#TriggeredBy=} 2>/dev/null
why=$(timeout "$wait" systemctl restart "$unit" 2>&1)
# After a failed start systemd may be trying again by itself.
while [ "$(date +%s)" -lt "$end" ]; do
  state=$(systemctl show -p ActiveState "$unit")
  case $state in ActiveState=active|ActiveState=failed|ActiveState=inactive) break ;; esac
  sleep 0.2
done
section unit "$unit"; show_unit
case $state in ActiveState=active) ;; *) section said; printf '%s' "$why"; section journal; journal "$began" "$words" ;; esac
section end
`;

const logScript = `
age=$1 lines=$2
${findDockerd}
${journal}
since=$(($(date +%s) - age))
section now; date +%s%N
section journal
journal "$([ "$since" -gt 0 ] && printf %s "$since" || printf 0)" "$lines"
section end
`;

/** Whoever started dockerd on the node: systemd, or somebody else, and then only a signal can be sent to it. */
export function createServiceManager(transport: Transport, clock: Clock): ServiceManager {
  const run = (what: SafeText, script: string, args: readonly string[], within: Deadline) =>
    runSections(transport, what, script, args, within, { root: true });
  return {
    async reloadEngine(within) {
      const ran = await run(text`a reload of the engine`, reloadScript, [], within);
      if (!ran.ok) return ran;
      const unit = contentOf(ran.value, "unit");
      if (has(ran.value, "none")) return bad({ kind: "docker-stopped", detail: engineService(unit).detail });
      if (!has(ran.value, "failed")) return good(undefined);
      return bad(refused(text`the engine cannot be reloaded`, contentOf(ran.value, "failed")));
    },
    async restartEngine(within) {
      // What there is to say has to be said before the deadline.
      const wait = Math.max(1, Math.floor(within.ms / 1000) - 3);
      const ran = await run(text`a restart of the engine`, restartScript, [String(wait), String(lastWords)], within);
      return ran.ok ? restarted(ran.value, wait) : ran;
    },
    async engineLog(since, lines, within) {
      // By how long ago it was: the node's clock may be another. journalctl counts in seconds, its entries do not.
      const age = Math.max(0, Math.ceil((clock.now() - since) / 1000));
      const ran = await run(text`the engine's log`, logScript, [String(age), String(lines)], within);
      if (!ran.ok) return ran;
      const from = nodeTime(contentOf(ran.value, "now")).ms - (clock.now() - since);
      return good(messages(contentOf(ran.value, "journal"), from).slice(-lines));
    },
  };
}

function restarted(sections: readonly Section[], wait: number): Outcome<void> {
  const unmanaged = sections.find(({ name }) => name === "unmanaged");
  if (unmanaged !== undefined) return bad(notManaged(unmanaged.title === "1"));
  if (has(sections, "refused")) {
    return bad(refused(text`systemd cannot read its units anew`, contentOf(sections, "refused")));
  }
  const { state, detail } = engineService(contentOf(sections, "unit"));
  if (state === "running") return good(undefined);
  const said = telling(messages(contentOf(sections, "journal")));
  const why = said ?? clean(contentOf(sections, "said").split("\n")[0] ?? "");
  const now = state === "starting" ? text`not up after ${wait} s, ${detail}` : detail;
  return bad({ kind: "docker-stopped", detail: why === "" ? now : text`${now}: ${why}` });
}

/** One line of `journalctl -o json`: time in µs; a message that is no UTF-8 comes as its bytes. */
const entry = z.object({
  __REALTIME_TIMESTAMP: z.string().regex(/^\d+$/).transform(Number),
  MESSAGE: z.union([z.string(), z.array(z.number())]).nullish(),
});

/** The messages since `from` (ms, the node's clock) in the order in which they were written; lines that are none are left out. */
function messages(lines: string, from = 0): SafeText[] {
  return lines.split("\n").flatMap((line) => {
    const parsed = entry.safeParse(jsonOr(line));
    if (!parsed.success || parsed.data.__REALTIME_TIMESTAMP / 1000 < from) return [];
    const message = parsed.data.MESSAGE ?? "";
    const words = typeof message === "string" ? message : Buffer.from(message).toString("utf8");
    return cleanLines(words).filter((one) => one !== "");
  });
}

function jsonOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Why dockerd gave up: in a log line of its own (logrus: `time="…" level=fatal msg="…"`), or in plain words at its end. */
function telling(said: readonly SafeText[]): SafeText | undefined {
  const fatal = said.findLast((line) => /level=fatal|failed to|unable to|panic:|cannot/i.test(line)) ?? said.at(-1);
  const quoted = fatal === undefined ? undefined : / msg=("(?:[^"\\]|\\.)*")/.exec(fatal)?.[1];
  return quoted === undefined ? fatal : clean(String(jsonOr(quoted) ?? quoted));
}

const has = (sections: readonly Section[], wanted: string): boolean => sections.some(({ name }) => name === wanted);

const refused = (what: SafeText, said: string): Trouble => ({
  kind: "misconfigured",
  detail: text`${what}: ${clean(said.split("\n")[0] ?? "", 300)}`,
  remedy: text`run "systemctl status docker" and "journalctl -u docker -n 50" there`,
});

const notManaged = (systemd: boolean): Trouble => ({
  kind: "misconfigured",
  detail: systemd ? text`systemd has no unit for the engine` : text`there is no systemd to restart the engine`,
  remedy: text`restart dockerd there as it is started on this machine ("service docker restart"), then go on`,
});
