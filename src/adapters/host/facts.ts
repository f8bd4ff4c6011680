import { z } from "zod";
import type { HostFacts } from "../../domain/host.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { parseAnswer } from "../answer.ts";
import type { Transport } from "../transport.ts";
import { clockDifference, nodeTime } from "./clock-difference.ts";
import { findDockerd } from "./find-dockerd.ts";
import { readInterfaces, readRoutes } from "./links.ts";
import { contentOf, properties, runSections, type Section } from "./sections.ts";

/** What pings, path checks and repairs run on the node. */
const tools = ["ip", "bridge", "nsenter", "ping"];

const script = `
section began; date +%s%N
section hostname; cat /proc/sys/kernel/hostname
section kernel; uname -r
section os; cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null
section machine; cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null
if links=$(ip -j addr show 2>/dev/null) && [ -n "$links" ]; then section links-json; printf '%s' "$links"
elif links=$(ip addr show 2>/dev/null) && [ -n "$links" ]; then section links-text; printf '%s' "$links"
else
  section links-sys
  for link in /sys/class/net/*; do
    [ -r "$link/mtu" ] || continue
    mac=- flags=0
    read -r mtu <"$link/mtu"
    { read -r mac <"$link/address"; read -r flags <"$link/flags"; } 2>/dev/null
    printf '%s %s %s %s\\n' "\${link##*/}" "$mtu" "$mac" "$flags"
  done
fi
if routes=$(ip -j -4 route show 2>/dev/null) && [ -n "$routes" ]; then section routes-json; printf '%s' "$routes"
elif routes=$(ip -4 route show 2>/dev/null) && [ -n "$routes" ]; then section routes-text; printf '%s' "$routes"
else section routes-proc; cat /proc/net/route 2>/dev/null
fi
${findDockerd}
section systemd; printf '%s' "$systemd"
section unit; printf '%s' "$show"
if [ -n "$pid" ]; then
  section stat "$pid"; cat "/proc/$pid/stat" 2>/dev/null
  section uptime; cat /proc/uptime
  section ticks; getconf CLK_TCK 2>/dev/null
fi
case "$pid $show" in
  # One that ends again and again may be seen between two starts.
  ' '*|*ActiveState=activating*|*ActiveState=failed*) section version; dockerd --version 2>/dev/null ;;
esac
section missing
for tool; do command -v "$tool" >/dev/null 2>&1 || printf '%s\\n' "$tool"; done
section ended; date +%s%N
section end
`;

/** Only what nothing is known without; all else may be missing on some machine. */
const needed = z.object({
  hostname: z.string().min(1),
  kernel: z.string().min(1),
  began: z.string().regex(/^\d{9,}/),
  ended: z.string().regex(/^\d{9,}/),
});

/** Facts of a node's machine, with one script. */
export async function readFacts(transport: Transport, clock: Clock, within: Deadline): Promise<Outcome<HostFacts>> {
  const what = text`facts of the machine`;
  const sent = clock.now();
  const ran = await runSections(transport, what, script, tools, within);
  const received = clock.now();
  if (!ran.ok) return ran;
  const sections = ran.value;
  const named = Object.fromEntries(Object.keys(needed.shape).map((name) => [name, contentOf(sections, name)]));
  const parsed = parseAnswer(needed, named, what);
  if (!parsed.ok) return parsed;
  const interfaces = readInterfaces(sections);
  if (!interfaces.ok) return interfaces;
  const routes = readRoutes(sections);
  if (!routes.ok) return routes;
  const { began, ended, hostname, kernel } = parsed.value;
  const differs = clockDifference({ sent, began: nodeTime(began), ended: nodeTime(ended), received });
  const version = contentOf(sections, "version");
  return good({
    hostname: clean(hostname),
    kernel: clean(kernel),
    os: clean(prettyName(contentOf(sections, "os"))),
    machineId: clean(contentOf(sections, "machine")),
    interfaces: interfaces.value,
    routes: routes.value,
    clockDifferenceMs: differs.ms,
    clockUncertaintyMs: differs.uncertaintyMs,
    dockerUnit: unitState(sections),
    dockerd: dockerdStart(sections, received),
    missingTools: contentOf(sections, "missing")
      .split("\n")
      .filter(Boolean)
      .map((tool) => clean(tool)),
    ...(version === "" ? {} : { installedEngine: clean(version.replace(/^Docker version ([^,\s]+).*$/s, "$1")) }),
  });
}

/** PRETTY_NAME of os-release(5), else "Linux". */
function prettyName(release: string): string {
  const value = /^PRETTY_NAME=(.*)$/m.exec(release)?.[1] ?? "Linux";
  return value.replace(/^(["'])(.*)\1$/, "$2");
}

function unitState(sections: readonly Section[]): HostFacts["dockerUnit"] {
  if (contentOf(sections, "systemd") !== "1") return text`no-systemd`;
  const unit = properties(contentOf(sections, "unit"));
  const loaded = unit.get("LoadState")?.[0] ?? "loaded";
  return clean(loaded === "loaded" ? (unit.get("ActiveState")?.[0] ?? "unknown") : loaded);
}

/** When dockerd was started, by the operator's clock: proc_pid_stat(5) counts ticks since boot, as /proc/uptime counts seconds. */
function dockerdStart(sections: readonly Section[], now: number): HostFacts["dockerd"] {
  const stat = sections.find((section) => section.name === "stat");
  const pid = Number(stat?.title);
  // The second field is the name in parentheses, which may hold blanks; starttime is the 22nd.
  const after = stat?.content.slice(stat.content.lastIndexOf(")") + 2).split(" ");
  const startedTicks = Number(after?.[19]);
  const uptime = Number.parseFloat(contentOf(sections, "uptime"));
  const perSecond = Number(contentOf(sections, "ticks")) || 100;
  if (!Number.isInteger(pid) || pid < 1 || !Number.isFinite(startedTicks) || !Number.isFinite(uptime)) return undefined;
  return { pid, startedAt: Math.round(now - (uptime - startedTicks / perSecond) * 1000) };
}
