import type { ContainerId } from "../../domain/ids.ts";
import { text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";

/*
 * Ends the process "$1" of the container "$2" with SIGHUP; with "idle" as "$3" only when it has no child. A number may
 * have been given to another process meanwhile: only one whose control group names the container is touched.
 */
const script = `
of_container() { grep -q "$2" "/proc/$1/cgroup" 2>/dev/null; }
of_container "$1" "$2" || { echo ended; exit 0; }
if [ "$3" = idle ]; then
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    rest=\${line##*) }
    rest=\${rest#* }
    if [ "\${rest%% *}" = "$1" ]; then echo busy; exit 0; fi
  done
fi
kill -HUP "$1" 2>/dev/null
tries=0
while [ $tries -lt 10 ]; do
  of_container "$1" "$2" || { echo ended; exit 0; }
  sleep 0.1 2>/dev/null || sleep 1
  tries=$((tries + 1))
done
echo busy
`;

/** Hangs up on a program of a container, by the number that the node gave its process. */
export async function hangUp(
  transport: Transport,
  pid: number,
  container: ContainerId,
  onlyIdle: boolean,
  within: Deadline,
): Promise<Outcome<"ended" | "busy">> {
  const args = [String(pid), container, onlyIdle ? "idle" : "any"];
  const ran = await transport.script(script, args, within, { root: true });
  if (!ran.ok) return ran;
  const said = ran.value.stdout.toString("utf8").trim();
  if (said === "ended" || said === "busy") return good(said);
  return bad({ kind: "bad-answer", from: text`${transport.node}: the end of a program`, detail: text`neither word` });
}
