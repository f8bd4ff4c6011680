import type { StoreKind } from "../../domain/membership.ts";
import type { Sha256 } from "../../domain/plan/change.ts";
import type { NodeSurvey, ReachAsked } from "../../domain/plan/survey.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";
import { sendSources, sourcesIn } from "./daemon-sources.ts";
import { findDockerd } from "./find-dockerd.ts";
import { listeningIn, sendListening } from "./listening.ts";
import { lockIn, sendLock } from "./node-lock.ts";
import { reachOf, tryPorts, tryTcp, tryWords } from "./reach.ts";
import { contentOf, runSections, type Section } from "./sections.ts";

/**
 * How the packages of its store drivers are named inside of a dockerd (docker/libkv store/). boltdb, which every engine
 * has for itself, is none that a cluster could share.
 */
const packages: Readonly<Record<StoreKind, string>> = {
  consul: "libkv/store/consul",
  etcd: "libkv/store/etcd",
  zookeeper: "libkv/store/zookeeper",
};

/*
 * What takes long runs on the left of the pipe, which keeps its few lines until the right has sent all else. Arguments
 * are those of `try_ports`.
 */
const script = `
${findDockerd}
${tryPorts}
binary=/proc/$pid/exe
if [ -z "$pid" ]; then
  binary=$(printf '%s\\n' "$show" | sed -n 's/^ExecStart=.*path=\\([^ ;]*\\).*/\\1/p' | head -n 1)
  [ -r "$binary" ] || binary=$(command -v dockerd)
fi
look_for_drivers() {
  [ -r "$binary" ] || return
  grep -aoF -e ${packages.consul} -e ${packages.etcd} -e ${packages.zookeeper} "$binary" | sort -u
  printf 'looked\\n'
}
given() { printf '%s\\n' "$arguments" | sed -n -e "/^--$1=/{s///p;q;}" -e "/^--$1\\$/{n;p;q;}"; }
in_file() { sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\\([^"]*\\)".*/\\1/p' "$file" 2>/dev/null | head -n 1; }
standing() { there=$1; while [ ! -d "$there" ]; do there=\${there%/*} there=\${there:-/}; done; }
{
  look_for_drivers &
  try_ports "$@"
  wait
} | {
${sendSources}
section file "$file"
if [ -f "$file" ]; then sha256sum <"$file"; fi
${sendListening}
${sendLock}
root=$(given data-root)
for name in graph; do [ -n "$root" ] || root=$(given "$name"); done
for name in data-root graph; do [ -n "$root" ] || root=$(in_file "$name"); done
standing "\${root:-/var/lib/docker}"
section free; df -Pk "$there" 2>/dev/null | tail -n 1
standing "\${file%/*}"
section writable
if why=$(mktemp "$there/.ovl-tui-try.XXXXXX" 2>&1); then
  tried=$why
  why=$({ printf x | cat >"$tried"; } 2>&1) || printf '%s: %s' "$there" "\${why##*: }"
  rm -f "$tried"
else printf '%s: %s' "$there" "\${why##*: }"
fi
section slow; cat
section end
}
`;

/** What planning needs to know of the machine at the other end of `transport`; ports are tried while the rest is read. */
export async function readSurvey(
  transport: Transport,
  clock: Clock,
  reach: readonly ReachAsked[],
  within: Deadline,
): Promise<Outcome<Omit<NodeSurvey, "images">>> {
  const udp = reach.filter((one) => one.protocol === "udp");
  const what = text`${transport.node}: what planning needs`;
  const [ran, tcp] = await Promise.all([
    runSections(
      transport,
      what,
      script,
      udp.flatMap((one) => tryWords(one)),
      within,
      { root: true },
    ),
    tryTcp(
      transport,
      clock,
      reach.filter((one) => one.protocol === "tcp"),
      within,
    ),
  ]);
  if (!ran.ok) return ran;
  const sources = sourcesIn(ran.value);
  if (!sources.ok) return sources;
  const file = ran.value.find(({ name }) => name === "file");
  const why = contentOf(ran.value, "writable");
  const slow = contentOf(ran.value, "slow").split("\n");
  return good({
    sources: sources.value,
    daemonJson: { path: file?.title ?? "/etc/docker/daemon.json", sha256: sumIn(file) },
    storeDrivers: driversIn(slow),
    listening: listeningIn(ran.value),
    freeBytes: freeIn(contentOf(ran.value, "free")),
    writable: why === "" ? { ok: true } : { ok: false, why: clean(why, 300) },
    lockedBy: lockIn(ran.value),
    reach: [...tcp, ...udp.map((one) => reachOf(one, slow))],
  });
}

const sumIn = (file: Section | undefined): Sha256 | undefined =>
  /^[0-9a-f]{64}/.exec(file?.content ?? "")?.[0] as Sha256 | undefined;

function driversIn(lines: readonly string[]): StoreKind[] | undefined {
  if (!lines.includes("looked")) return undefined;
  return (Object.keys(packages) as StoreKind[]).filter((kind) => lines.includes(packages[kind]));
}

/** The last line of `df -Pk`: device, blocks, used, available, in KiB (POSIX, df). */
function freeIn(line: string): number | undefined {
  const kib = /^.*\s\d+\s+\d+\s+(\d+)\s+\d+%\s/.exec(line)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
