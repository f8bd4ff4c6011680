import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readSpec } from "../../src/cli/spec-file.ts";
import { asContainerId, type ContainerId } from "../../src/domain/ids.ts";
import type { NodeSpec, Spec } from "../../src/domain/spec/spec.ts";
import { Lab, labObstacle } from "../lab/lab.ts";
import { locked } from "../lab/lock.ts";
import type { Hands, Side } from "./arena.ts";
import { RemoteWorld } from "./remote-world.ts";

/** Real hosts, through the real adapters. */
export const labSide: Side = {
  name: "lab",
  unavailable: labObstacle(),
  async open(flavour) {
    const name = `contract-${flavour}`;
    const letGo = await turnOf(name);
    const down = (lab: Lab) => lab.down().finally(letGo);
    const lab = await Lab.up({ name, flavour }).catch(async (error: unknown) => {
      await letGo();
      throw error;
    });
    const world = await RemoteWorld.start(lab.inSwitch([])).catch(async (error: unknown) => {
      await down(lab);
      throw error;
    });
    const files = mkdtempSync(path.join(tmpdir(), "ovl-tui-contract-"));
    const spec = readSpec(lab.configFile);
    return {
      world,
      spec,
      hands: handsOn(lab, spec, files),
      async close() {
        await world.close();
        await down(lab);
        rmSync(files, { recursive: true });
      },
    };
  },
};

/** Waits until no other run has the lab; the result lets it go. */
async function turnOf(name: string): Promise<() => Promise<void>> {
  const over = Promise.withResolvers<void>();
  const mine = Promise.withResolvers<void>();
  const held = locked(`turn-${name}`, "its contract tests", 600, () => {
    mine.resolve();
    return over.promise;
  });
  held.catch(mine.reject);
  await mine.promise;
  return () => {
    over.resolve();
    return held;
  };
}

function handsOn(lab: Lab, spec: Spec, files: string): Hands {
  const network = spec.networks[0]?.name ?? "";
  const first = spec.nodes[0]?.name ?? "";
  /** Containers that ran when their engine was stopped. */
  const ran = new Map<string, string>();
  const docker = async (node: string, ...words: string[]) => (await lab.node(node).docker(...words)).trim();
  const known = (name: string, content: string) => {
    const file = path.join(files, name);
    writeFileSync(file, content);
    return file;
  };
  const seenBy = (node: NodeSpec, ssh: Partial<NodeSpec["ssh"]>) => ({ ...node, ssh: { ...node.ssh, ...ssh } });
  return {
    async runContainer(node, name): Promise<ContainerId> {
      const words = [
        "run",
        "-d",
        "--name",
        name,
        "--network",
        network,
        "--entrypoint",
        "sleep",
        "big_computing",
        "3600",
      ];
      const id = asContainerId(await docker(node, ...words));
      if (id === undefined) throw new Error(`docker run gave no id for ${name}`);
      return id;
    },
    // Nothing in there listens to the first signal.
    stopContainer: async (node, name) => void (await docker(node, "stop", "-t", "0", name)),
    removeContainer: async (node, name) => void (await docker(node, "rm", "-f", name)),
    makeImage: async (node, name) =>
      void (await lab.node(node).must('tar -c -C /etc hostname | docker import -c "CMD none" - "$1"', name)),
    async stopEngine(node) {
      ran.set(node, await docker(node, "ps", "-q"));
      // systemd in a container takes longer to stop than its host's systemd waits for dockerd.
      await lab.node(node).must("docker kill $(docker ps -q) && systemctl stop docker.socket docker.service");
    },
    async startEngine(node) {
      await lab.node(node).must("systemctl start docker.socket docker.service");
      for (const id of (ran.get(node) ?? "").split("\n").filter(Boolean)) await docker(node, "start", id);
    },
    cutLink: (node) => lab.node(node).link("down"),
    mendLink: (node) => lab.node(node).link("up"),
    stopStore: async () => void (await docker(first, "stop", "-t", "1", "consul")),
    startStore: async () => void (await docker(first, "start", "consul")),
    unknownHostKey: async (node) => seenBy(node, { knownHostsFile: known("nobody", "") }),
    async changedHostKey(node) {
      const other = lab.machines.find((machine) => machine.name !== node.name);
      return seenBy(node, { knownHostsFile: known("other", `${node.ssh.host} ${other?.hostKey()}\n`) });
    },
    async wrongKey(node) {
      const file = path.join(mkdtempSync(path.join(files, "stranger-")), "key");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
      return seenBy(node, { identityFile: file });
    },
    restoreAccess: async () => {},
  };
}
