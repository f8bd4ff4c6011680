import { z } from "zod";
import type { DaemonSources, SourceFile } from "../../domain/host.ts";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { parseAnswer } from "../answer.ts";
import type { Transport } from "../transport.ts";
import { findDockerd } from "./find-dockerd.ts";
import { runSections, type Section } from "./sections.ts";

/** More than any configuration; a file is cut there, so that nothing on a node can flood the connection. */
const longestFile = 262_144;

/**
 * Shell, after `findDockerd`: sends what decides dockerd's configuration, and sets `arguments` (of the engine that runs,
 * or of its unit, one a line) and `file` (daemon.json). Sections "unit", "environment" and "json" are titled with the
 * file's path; "unreadable" holds paths, one a line. EnvironmentFiles are patterns (systemd.exec(5)), shown as
 * EnvironmentFile by systemd up to 219.
 */
export const sendSources = `
longest=${longestFile}
unreadable=
send() {
  # In a folder that may not be entered nobody can tell whether the file is there.
  [ -e "$2" ] || [ ! -x "\${2%/*}" ] || return 0
  [ -d "\${2%/*}" ] || return 0
  if [ -r "$2" ]; then section "$1" "$2"; head -c "$longest" "$2"
  else unreadable="$unreadable$2
"
  fi
}
value() { printf '%s\\n' "$show" | sed -n "s/^$1=//p"; }
IFS='
'
if [ -n "$systemd" ]; then
  for file in $(value FragmentPath) $(value DropInPaths | tr ' ' '\\n'); do send unit "$file"; done
  for file in $(value 'EnvironmentFiles*' | sed 's/ (ignore_errors=[a-z]*)$//'); do send environment "$file"; done
else
  for file in /etc/default/docker /etc/sysconfig/docker /etc/conf.d/docker; do send environment "$file"; done
fi
arguments=
if [ -n "$pid" ]; then
  section process "$pid"
  cat "/proc/$pid/cmdline" 2>/dev/null
  arguments=$(tr '\\0' '\\n' <"/proc/$pid/cmdline" 2>/dev/null)
else arguments=$(value ExecStart | tr ' ' '\\n')
fi
if [ -n "$hidden" ]; then unreadable="$unreadable/proc/$hidden/cmdline
"; fi
file=$(printf '%s\\n' "$arguments" | sed -n -e '/^--config-file=/{s///p;q;}' -e '/^--config-file$/{n;p;q;}')
file=\${file:-/etc/docker/daemon.json}
send json "$file"
section unreadable; printf '%s' "$unreadable"
unset IFS
`;

const script = `
${findDockerd}
${sendSources}
section end
`;

const titled = z.object({ title: z.string().startsWith("/"), content: z.string() });

/**
 * Everything that decides dockerd's configuration, as the user who logged in may read it; what that user may not read is
 * tried once more as root, and named in `unreadable` when that fails too.
 */
export async function readDaemonSources(
  transport: Transport,
  clock: Clock,
  within: Deadline,
): Promise<Outcome<DaemonSources>> {
  const began = clock.now();
  const first = await readAs(transport, within, false);
  if (!first.ok || first.value.unreadable === undefined) return first;
  const left = { ...within, ms: Math.max(0, within.ms - (clock.now() - began)) };
  const second = await readAs(transport, left, true);
  // Without root the rest is still true, and it says what it lacks.
  return second.ok ? second : first;
}

async function readAs(transport: Transport, within: Deadline, root: boolean): Promise<Outcome<DaemonSources>> {
  const ran = await runSections(transport, what, script, [], within, { root });
  return ran.ok ? sourcesIn(ran.value) : ran;
}

const what = text`dockerd's configuration`;

/** What `sendSources` sent. */
export function sourcesIn(sections: readonly Section[]): Outcome<DaemonSources> {
  const files = (name: string) => sections.filter((section) => section.name === name);
  const parsed = parseAnswer(
    z.object({ unit: z.array(titled), environment: z.array(titled), json: z.array(titled) }),
    { unit: files("unit"), environment: files("environment"), json: files("json") },
    what,
  );
  if (!parsed.ok) return parsed;
  const { unit, environment, json } = parsed.value;
  const unreadable = (files("unreadable")[0]?.content ?? "").split("\n").filter(Boolean);
  return good({
    unitFiles: unit.map(sourceFile),
    environmentFiles: environment.map(sourceFile),
    daemonJson: json.map(sourceFile)[0],
    process: processOf(files("process")[0]),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  });
}

const sourceFile = ({ title, content }: { title: string; content: string }): SourceFile => ({ path: title, content });

/** /proc/PID/cmdline: every argument ends in a zero byte (proc_pid_cmdline(5)). */
function processOf(section: Section | undefined): DaemonSources["process"] {
  const pid = Number(section?.title);
  if (section === undefined || !Number.isInteger(pid) || section.content === "") return undefined;
  return { pid, argv: section.content.replace(/\0$/, "").split("\0") };
}
