import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DirectTransport, directTransport } from "../direct-transport.ts";
import { until } from "./command.ts";
import type { Lab } from "./lab.ts";

/** A lab host's sockets, as Unix sockets of this machine. */
export interface Forwarded {
  transport: DirectTransport;
  close(): Promise<void>;
}

/**
 * The Docker socket of a lab host, and the TCP addresses `to` ("127.0.0.1:8500") as seen from it, forwarded by the ssh
 * program: for tests of what is asked there, when the program's own connection is not the subject.
 * An address that is not named is refused.
 */
export async function forwarded(lab: Lab, node: string, to: readonly string[] = []): Promise<Forwarded> {
  const folder = mkdtempSync(join(tmpdir(), "ovl-forwarded-"));
  const docker = join(folder, "docker");
  const local = new Map(to.map((address, index) => [address, join(folder, `tcp${index}`)]));
  const [ssh = "", ...words] = lab.sshCommand(node);
  const forwards = [[docker, "/var/run/docker.sock"], ...[...local].map(([address, file]) => [file, address])];
  const options = forwards.flatMap(([from, address]) => ["-L", `${from}:${address}`]);
  // Before the host's name, which is the last word.
  const child = spawn(
    ssh,
    [...words.slice(0, -1), "-N", "-o", "ExitOnForwardFailure=yes", ...options, ...words.slice(-1)],
    {
      stdio: "ignore",
    },
  );
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await until(`ssh to ${node}`, 60, () => existsSync(docker) && [...local.values()].every((file) => existsSync(file)));
  return {
    transport: directTransport(node, docker, (host, port) => ({
      path: local.get(`${host}:${port}`) ?? join(folder, "nowhere"),
    })),
    close: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
