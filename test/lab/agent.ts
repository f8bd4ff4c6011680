import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { done, until } from "./command.ts";
import type { Lab } from "./lab.ts";

/** An ssh-agent that holds the lab's key, as an operator without any file of ours would have one. */
export async function agentFor(lab: Lab): Promise<{ socket: string; stop(): void }> {
  const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-agent-"));
  const socket = path.join(folder, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await until("an ssh-agent", 60, async () => {
    try {
      await done(["ssh-add", "-q", lab.places.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      return true;
    } catch {
      return false;
    }
  });
  return {
    socket,
    stop: () => {
      agent.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
