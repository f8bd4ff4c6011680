import type { EngineService } from "../../domain/host.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";
import { contentOf, properties, runSections } from "./sections.ts";

const script = `
section unit
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
  systemctl show -p LoadState -p ActiveState -p SubState -p Result docker.service 2>/dev/null
fi
section socket; [ -S /var/run/docker.sock ] && echo there
section end
`;

/** Whether docker.service runs, by systemd's word alone: the engine's socket is not touched. */
export async function readEngineService(transport: Transport, within: Deadline): Promise<Outcome<EngineService>> {
  const seen = await readEngineAndSocket(transport, within);
  return seen.ok ? good(seen.value.service) : seen;
}

/** The same, and whether there is the socket that would start it. */
export async function readEngineAndSocket(
  transport: Transport,
  within: Deadline,
): Promise<Outcome<{ service: EngineService; hasSocket: boolean }>> {
  const ran = await runSections(transport, text`systemctl show docker.service`, script, [], within);
  if (!ran.ok) return ran;
  const service = engineService(contentOf(ran.value, "unit"));
  return good({ service, hasSocket: contentOf(ran.value, "socket") === "there" });
}

/** From the lines of `systemctl show`; states as org.freedesktop.systemd1(5) names them. */
export function engineService(shown: string): EngineService {
  const unit = properties(shown);
  const of = (name: string) => unit.get(name)?.[0] ?? "";
  const loaded = of("LoadState");
  if (loaded === "" || loaded === "not-found") return { state: "unknown", detail: text`no docker.service` };
  if (loaded === "masked") return { state: "stopped", detail: text`masked` };
  const active = of("ActiveState");
  switch (active) {
    case "active":
    case "reloading":
    case "refreshing":
      return { state: "running", detail: worded(active, of("SubState")) };
    case "activating":
      return { state: "starting", detail: worded(active, of("SubState")) };
    case "failed":
      return { state: "failed", detail: worded(active, of("Result")) };
    case "inactive":
    case "deactivating":
    case "maintenance":
      return { state: "stopped", detail: worded(active, of("SubState")) };
    default:
      return { state: "unknown", detail: clean(active) };
  }
}

const worded = (state: string, more: string): EngineService["detail"] =>
  clean(more === "" ? state : `${state} (${more})`);
