import type { NodeLoad } from "../../domain/host.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";
import { contentOf, runSections } from "./sections.ts";

const script = `
section load
cat /proc/loadavg
section memory
grep '^MemAvailable:' /proc/meminfo
section end
`;

/** How busy the machine is now; anybody may read it. */
export async function readLoad(transport: Transport, within: Deadline): Promise<Outcome<NodeLoad>> {
  const ran = await runSections(transport, text`load`, script, [], within);
  if (!ran.ok) return ran;
  return loadIn(contentOf(ran.value, "load"), contentOf(ran.value, "memory"));
}

/** "0.42 0.31 0.28 2/381 5120" (proc_loadavg(5)) and "MemAvailable:    7340032 kB" (proc_meminfo(5)). */
export function loadIn(loadavg: string, meminfo: string): Outcome<NodeLoad> {
  const oneMinute = Number.parseFloat(loadavg);
  const kibibytes = /(\d+) kB/.exec(meminfo)?.[1];
  if (!Number.isFinite(oneMinute)) {
    return bad({ kind: "bad-answer", from: text`/proc/loadavg`, detail: clean(loadavg, 80) });
  }
  return good({ oneMinute, availableBytes: kibibytes === undefined ? undefined : Number(kibibytes) * 1024 });
}
