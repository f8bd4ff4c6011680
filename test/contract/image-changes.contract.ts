import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Transfer } from "../../src/ports/engine-control.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, twoNodes, value, within } from "./arena.ts";
import { idle } from "./container-changes.contract.ts";

/** What engines promise to who brings them images, in either flavour. */
export function imageChangesContract(arena: () => Arena): void {
  describe("images", () => {
    let connections: Connections;
    let here: NodeAccess;
    let there: NodeAccess;
    beforeEach(async () => {
      connections = new Connections(arena());
      const [first, second] = twoNodes(arena().spec);
      [here, there] = [await connections.to(first), await connections.to(second)];
    });
    afterEach(() => connections.close());

    const tagged = async ({ control }: NodeAccess, tag: string) =>
      (await value(control.engine.images(within))).find((one) => one.tags.some((each) => each === tag));

    test("are told by id, tags and size", async () => {
      for (const node of [here, there]) {
        const image = await tagged(node, "big_computing:latest");
        expect(image?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(image?.bytes).toBeGreaterThan(2 ** 20);
      }
    });

    test("get from one engine to another, the same image under the same name, twice without harm", async () => {
      await arena().hands.makeImage(twoNodes(arena().spec)[0].name, "only-here:1");
      const image = await tagged(here, "only-here:1");
      for (const _ of [1, 2]) {
        const tar = await value(here.control.engine.exportImage("only-here:1", within));
        await value(there.control.engine.importImage(tar, within));
      }
      expect(await tagged(there, "only-here:1")).toEqual(image);
      const made = await value(there.control.engine.createContainer(idle("of-copy", { image: "only-here:1" }), within));
      expect((await value(there.engine.container(made, within)))?.image).toBe("only-here:1");
      await value(there.control.engine.removeContainer(made, { force: true, volumes: true }, within));
    });

    test("whose stream ends too early are not there", async () => {
      const short = async function* () {
        yield new TextEncoder().encode("no image at all");
      };
      const ids = async () => (await value(there.control.engine.images(within))).map(({ id }) => id).toSorted();
      const before = await ids();
      expect(await there.control.engine.importImage(short(), within)).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused" },
      });
      expect(await ids()).toEqual(before);
    });

    test("that are not there cannot be exported, and not pulled from where nobody has them", async () => {
      expect(await here.control.engine.exportImage("nobody/has-this:1", within)).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused" },
      });
      const told: Transfer[] = [];
      const pulled = here.control.engine.pullImage("nobody/has-this:1", { ms: 60_000 }, (one) => told.push(one));
      expect(await pulled).toMatchObject({ ok: false, trouble: { kind: "engine-refused" } });
      expect(told).toEqual([]);
      expect(await tagged(here, "nobody/has-this:1")).toBeUndefined();
    });
  });
}
