import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileEdit } from "../../src/domain/plan/change.ts";
import type { Files } from "../../src/ports/files.ts";
import { type Arena, Connections, twoNodes, value, within } from "./arena.ts";

/** What a node's files promise to who changes them. */
export function filesContract(arena: () => Arena): void {
  describe("a node's files", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    const path = "/etc/docker/contract.json";
    /** What the file is now, as an edit may replace it. */
    const standing = async (files: Files, at = path): Promise<FileEdit["replaces"]> => value(files.read(at, within));
    const edit = (content: FileEdit["content"], replaces: FileEdit["replaces"]): FileEdit => ({
      path,
      replaces,
      content,
      mode: 0o644,
    });

    test("are absent, then new, then replaced with the old one kept, then absent again", async () => {
      const { files } = (await connections.to(twoNodes(arena().spec)[0])).control;
      expect(await standing(files)).toBe("absent");
      expect(await value(files.write(edit("one\n", "absent"), within))).toEqual({
        result: "written",
        backup: undefined,
      });
      const one = await standing(files);
      expect(one).toMatchObject({ content: "one\n", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      const written = await value(files.write(edit("two ü\n", one), within));
      if (written.result !== "written" || written.backup === undefined) throw new Error(JSON.stringify(written));
      expect(await standing(files, written.backup)).toEqual(one);
      const two = await standing(files);
      expect(two).toMatchObject({ content: "two ü\n" });
      expect(await value(files.write(edit("removed", two), within))).toMatchObject({ result: "written" });
      expect(await standing(files)).toBe("absent");
    });

    test("are not written over what was not read, and not touched when they are as wanted", async () => {
      const { files } = (await connections.to(twoNodes(arena().spec)[0])).control;
      await value(files.write(edit("one\n", "absent"), within));
      const one = await standing(files);
      expect(await value(files.write(edit("two\n", "absent"), within))).toEqual({ result: "changed" });
      await value(files.write(edit("two\n", one), within));
      expect(await value(files.write(edit("three\n", one), within))).toEqual({ result: "changed" });
      expect(await value(files.write(edit("removed", one), within))).toEqual({ result: "changed" });
      expect(await value(files.write(edit("two\n", one), within))).toEqual({ result: "unchanged" });
      const two = await standing(files);
      expect(two).toMatchObject({ content: "two\n" });
      await value(files.write(edit("removed", two), within));
      expect(await value(files.write(edit("removed", two), within))).toEqual({ result: "unchanged" });
    });

    test("are what the host's own reading of its configuration shows", async () => {
      const access = await connections.to(twoNodes(arena().spec)[0]);
      const { files } = access.control;
      const { daemonJson } = await value(access.host.daemonSources(within));
      if (daemonJson === undefined) throw new Error("the cluster has a daemon.json");
      const before = await standing(files, daemonJson.path);
      if (before === "absent") throw new Error(`${daemonJson.path} is read and not there`);
      expect(before.content).toBe(daemonJson.content);
      const change = { path: daemonJson.path, mode: 0o644 };
      const changed = `${before.content.trimEnd()}\n\n`;
      await value(files.write({ ...change, replaces: before, content: changed }, within));
      try {
        expect((await value(access.host.daemonSources(within))).daemonJson?.content).toBe(changed);
      } finally {
        const replaces = await standing(files, daemonJson.path);
        await value(files.write({ ...change, replaces, content: before.content }, within));
      }
    });
  });
}
