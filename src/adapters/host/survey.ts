import type { StoreKind } from "../../domain/membership.ts";
import type { Sha256 } from "../../domain/plan/change.ts";
import type { Listening, NodeSurvey, Reach, ReachAsked } from "../../domain/plan/survey.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";
import { readDaemonSources } from "./daemon-sources.ts";
import { findDockerd } from "./find-dockerd.ts";
import { contentOf, runSections, type Section } from "./sections.ts";

/** How long a port of another node may take to answer. */
const reachMs = 2000;

const drivers: Readonly<Record<StoreKind, string>> = {
  consul: "libkv/store/consul",
  etcd: "libkv/store/etcd",
  zookeeper: "libkv/store/zookeeper",
};

/*
 * UDP: bash opens a socket that is connected to the other side, so that an ICMP "port unreachable" for the first packet
 * is the error of the second write (udp(7)). Arguments: pairs of address and port.
 */
const script = `
${findDockerd}
if [ -n "$pid" ]; then arguments=$(tr '\\0' '\\n' <"/proc/$pid/cmdline" 2>/dev/null) binary=/proc/$pid/exe
else
  arguments=$(printf '%s\\n' "$show" | sed -n 's/^ExecStart=.*argv\\[\\]=\\([^;]*\\);.*/\\1/p' | tr ' ' '\\n')
  binary=$(printf '%s\\n' "$arguments" | head -n 1)
fi
given() { printf '%s\\n' "$arguments" | sed -n -e "/^--$1=/{s///p;q;}" -e "/^--$1\\$/{n;p;q;}"; }
file=$(given config-file)
file=\${file:-/etc/docker/daemon.json}
section json "$file"
if [ -f "$file" ]; then sha256sum <"$file"; fi
[ -r "$binary" ] || binary=$(command -v dockerd)
if [ -r "$binary" ]; then
  section drivers
  grep -aoF -e ${drivers.consul} -e ${drivers.etcd} -e ${drivers.zookeeper} "$binary" | sort -u
fi
section listening; ss -Hlntup 2>/dev/null
root=$(given data-root)
[ -n "$root" ] || root=$(sed -n 's/.*"data-root"[^"]*"\\([^"]*\\)".*/\\1/p' "$file" 2>/dev/null | head -n 1)
section free; df -Pk "\${root:-/var/lib/docker}" 2>/dev/null | tail -n 1
section writable
folder=\${file%/*}
[ -d "$folder" ] || folder=\${folder%/*}
if error=$(mktemp "$folder/.ovl-tui-XXXXXX" 2>&1); then rm -f "$error"; else printf '%s' "$error"; fi
if command -v bash >/dev/null; then
  section udp
  while [ $# -ge 2 ]; do
    (
      timeout 3 bash -c 'exec 3>"/dev/udp/$1/$2" && printf x >&3 && sleep 0.4 && printf x >&3' bash "$1" "$2" 2>/dev/null
      printf '%s %s %s\\n' "$1" "$2" $?
    ) &
    shift 2
  done
  wait
fi
section end
`;

/** What planning needs to know of the machine at the other end of `transport`; ports are tried while the rest is read. */
export async function readSurvey(
  transport: Transport,
  clock: Clock,
  reach: readonly ReachAsked[],
  within: Deadline,
): Promise<Outcome<Omit<NodeSurvey, "images">>> {
  const udp = reach.filter((one) => one.protocol === "udp");
  const pairs = udp.flatMap((one) => [one.address, String(one.port)]);
  const what = text`${transport.node}: what planning needs`;
  const [sources, ran, tcp] = await Promise.all([
    readDaemonSources(transport, clock, within),
    runSections(transport, what, script, pairs, within, { root: true }),
    Promise.all(reach.filter((one) => one.protocol === "tcp").map((one) => dialled(transport, one))),
  ]);
  if (!sources.ok) return sources;
  if (!ran.ok) return ran;
  const json = ran.value.find((section) => section.name === "json");
  const sum = /^[0-9a-f]{64}/.exec(json?.content.trim() ?? "")?.[0];
  const refusal = contentOf(ran.value, "writable");
  return good({
    sources: sources.value,
    daemonJson: { path: json?.title ?? "/etc/docker/daemon.json", sha256: sum as Sha256 | undefined },
    storeDrivers: driversOf(ran.value),
    listening: listeningOf(contentOf(ran.value, "listening")),
    freeBytes: freeOf(contentOf(ran.value, "free")),
    writable: refusal === "" ? { ok: true } : { ok: false, why: clean(refusal, 300) },
    reach: [...tcp, ...udp.map((one) => udpReach(one, ran.value))],
  });
}

/** Sockets that listen now. */
export async function readListening(transport: Transport, within: Deadline): Promise<Outcome<readonly Listening[]>> {
  const what = text`${transport.node}: listening sockets`;
  const asked = "section listening; ss -Hlntup 2>/dev/null\nsection end\n";
  const ran = await runSections(transport, what, asked, [], within, { root: true });
  return ran.ok ? good(listeningOf(contentOf(ran.value, "listening"))) : ran;
}

function driversOf(sections: readonly Section[]): StoreKind[] | undefined {
  const section = sections.find((one) => one.name === "drivers");
  if (section === undefined) return undefined;
  const found = section.content.split("\n");
  return (Object.keys(drivers) as StoreKind[]).filter((kind) => found.includes(drivers[kind]));
}

/** `ss -Hlntup`: "tcp LISTEN 0 128 127.0.0.1:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))" (ss(8)). */
export function listeningOf(shown: string): Listening[] {
  return shown.split("\n").flatMap((line): Listening[] => {
    const [protocol, , , , local = "", , ...rest] = line.trim().split(/\s+/);
    const port = Number(local.slice(local.lastIndexOf(":") + 1));
    if ((protocol !== "tcp" && protocol !== "udp") || !Number.isInteger(port) || port === 0) return [];
    const address = local.slice(0, local.lastIndexOf(":")).replace(/^\[|\]$|%.*$/g, "");
    const process = /\(\("([^"]*)"/.exec(rest.join(" "))?.[1];
    return [
      {
        protocol,
        address: address === "*" ? "0.0.0.0" : address,
        port,
        process: process === undefined ? undefined : clean(process),
      },
    ];
  });
}

/** The last line of `df -Pk`: device, blocks, used, available, in KiB. */
function freeOf(line: string): number | undefined {
  const kib = Number(line.split(/\s+/)[3]);
  return line === "" || !Number.isFinite(kib) ? undefined : kib * 1024;
}

/** sshd dials for us, so that no tool is needed on the node. */
export async function dialled(transport: Transport, asked: ReachAsked): Promise<Reach> {
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, reachMs);
  const outcome = await transport.dialTcp(asked.address, asked.port, controller.signal);
  clearTimeout(timer);
  if (outcome.ok) {
    outcome.value.destroy();
    return { ...asked, result: "answered", detail: text`something listens` };
  }
  if (late) return { ...asked, result: "silent", detail: text`no answer within ${reachMs / 1000} s` };
  return { ...asked, ...tcpResult(outcome.trouble) };
}

function tcpResult(trouble: Trouble): Pick<Reach, "result" | "detail"> {
  switch (trouble.kind) {
    case "connection-refused":
      return { result: "answered", detail: text`nothing listens, and the machine says so` };
    case "unreachable":
      return { result: "rejected", detail: trouble.detail };
    case "timed-out":
      return { result: "silent", detail: text`no answer` };
    default:
      return { result: "unknown", detail: text`the node's sshd does not let us try` };
  }
}

function udpReach(asked: ReachAsked, sections: readonly Section[]): Reach {
  const section = sections.find((one) => one.name === "udp");
  if (section === undefined) return { ...asked, result: "unknown", detail: text`the node has no bash to try with` };
  const line = section.content.split("\n").find((one) => one.startsWith(`${asked.address} ${asked.port} `));
  switch (line?.split(" ")[2]) {
    case undefined:
    case "124":
    case "127":
      return { ...asked, result: "unknown", detail: text`it could not be tried` };
    case "0":
      return { ...asked, result: "silent", detail: text`nothing came back; UDP that is received is silent too` };
    default:
      return { ...asked, result: "answered", detail: text`the machine says that nothing listens` };
  }
}
