import type { Duplex } from "node:stream";
import { good, type Outcome } from "../../src/domain/trouble.ts";
import type { Tunnels } from "../../src/ports/tunnels.ts";
import type { TunnelAct } from "./remote-tunnels.ts";

const open = new Map<number, Duplex>();

/** Opens with the real tunnels what was asked of those in the test; `told` gets what comes, and nothing at its end. */
export async function openTunnel(
  tunnels: Tunnels,
  tunnel: number,
  to: { host: string; port: number },
  signal: AbortSignal,
  told: (bytes: Uint8Array | null) => void,
): Promise<Outcome<void>> {
  const opened = await tunnels.open(to.host, to.port, signal);
  if (!opened.ok) return opened;
  const stream = opened.value;
  open.set(tunnel, stream);
  // How it ends is told by its end alone.
  stream.on("error", () => undefined);
  stream.on("data", (bytes: Buffer) => told(bytes));
  stream.once("end", () => told(null));
  return good(undefined);
}

export function withTunnel(tunnel: number, act: TunnelAct): void {
  const stream = open.get(tunnel);
  if (act.act === "write") stream?.write(act.bytes);
  else stream?.[act.act]();
}
