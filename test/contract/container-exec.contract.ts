import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContainerId } from "../../src/domain/ids.ts";
import type { ContainerExec } from "../../src/ports/container-exec.ts";
import { type Arena, Connections, twoNodes, value, within } from "./arena.ts";

/** What commands in containers promise. */
export function containerExecContract(arena: () => Arena): void {
  describe("a command in a container", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    const opened = async (): Promise<{ exec: ContainerExec; id: ContainerId }> => {
      const node = twoNodes(arena().spec)[0];
      const access = await connections.to(node);
      const running = (await value(access.engine.containers(within))).find((one) => one.state === "running");
      if (running === undefined) throw new Error("the contract needs a running container");
      return { exec: access.control.exec, id: running.id };
    };

    test("gives back what it printed and how it ended; its words are never read by a shell", async () => {
      const { exec, id } = await opened();
      const [said, failed] = await Promise.all([
        exec.run(id, ["echo", "a b", "$HOME; exit 3"], "", within),
        exec.run(id, ["false"], "", within),
      ]);
      expect(await value(said)).toEqual({ exitCode: 0, stdout: "a b $HOME; exit 3\n", stderr: "" });
      expect(await value(failed)).toEqual({ exitCode: 1, stdout: "", stderr: "" });
    });

    test("reads its input to the end, however long it is", async () => {
      const { exec, id } = await opened();
      const input = `${"0123456789abcdef\n".repeat(20_000)}ü`;
      expect((await value(await exec.run(id, ["cat"], input, within))).stdout === input).toBe(true);
    });

    test("that the image does not have ends as the engine has it, with 126 or 127", async () => {
      const { exec, id } = await opened();
      const end = await value(await exec.run(id, ["no-such-program"], "", within));
      expect([126, 127]).toContain(end.exitCode);
      expect(end.stdout + end.stderr).toMatch(/"no-such-program": executable file not found/);
    });
  });
}
