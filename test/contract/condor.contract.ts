import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asContainerId, type ContainerId } from "../../src/domain/ids.ts";
import { text } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Condor } from "../../src/ports/condor.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, twoNodes, value, within } from "./arena.ts";
import { idle } from "./container-changes.contract.ts";

/** What HTCondor's programs promise where there is no pool; real pools are the lab's own tests. */
export function condorContract(arena: () => Arena): void {
  describe("HTCondor without a pool", () => {
    let connections: Connections;
    let access: NodeAccess;
    const made: ContainerId[] = [];
    beforeEach(async () => {
      connections = new Connections(arena());
      access = await connections.to(twoNodes(arena().spec)[0]);
    });
    afterEach(async () => {
      for (const id of made.splice(0))
        await access.control.engine.removeContainer(id, { force: true, volumes: true }, within);
      await connections.close();
    });

    const condor = (): Condor => access.control.condor;
    /** Everything that can be asked of a container, and done there. */
    const all = (id: ContainerId): Promise<Outcome<unknown>>[] => [
      condor().status(id, within),
      condor().printed(id, within),
      condor().queue(id, within),
    ];
    /** A container of an image with HTCondor, in which nothing runs of it. */
    const silent = async (): Promise<ContainerId> => {
      const { engine } = access.control;
      const id = await value(engine.createContainer(idle("no-pool"), within));
      made.push(id);
      await value(engine.startContainer(id, within));
      return id;
    };

    test("is a program that failed, in its own words, where no daemon runs", async () => {
      const id = await silent();
      for (const asked of all(id)) {
        expect(await asked).toMatchObject({
          ok: false,
          trouble: {
            kind: "program-failed",
            program: expect.stringMatching(/^condor_(status|q)$/),
            detail: expect.stringMatching(/\w/),
          },
        });
      }
      expect(await condor().sight(id, text`1.0`, within)).toMatchObject({
        ok: false,
        trouble: { kind: "program-failed", program: "condor_q" },
      });
    });

    test("takes no job there, and none from a user that the container does not have", async () => {
      const id = await silent();
      const job = { command: ["true"], where: { on: "any" } } as const;
      expect((await condor().submit(id, { ...job, user: "nobody" }, within)).ok).toBe(false);
      expect(await condor().submit(id, { ...job, user: "no-such-user" }, within)).toMatchObject({
        ok: false,
        trouble: {
          ...{ kind: "program-failed", program: "condor_submit" },
          detail: expect.stringContaining("unable to find user no-such-user: no matching entries in passwd file"),
        },
      });
    });

    test("is missed in a container without it", async () => {
      const running = await value(access.engine.containers(within));
      const store = running.find((one) => one.name === "consul" && one.state === "running");
      if (store === undefined) throw new Error("the contract needs the store's container");
      for (const asked of all(store.id)) {
        expect(await asked).toMatchObject({ ok: false, trouble: { kind: "tool-missing" } });
      }
    });

    test("is refused by the engine for a container that does not run or is not there", async () => {
      const id = await silent();
      await value(access.control.engine.killContainer(id, "SIGKILL", within));
      const nobody = asContainerId("0".repeat(64)) ?? expect.fail("an id");
      const refused = (status: number) => ({ ok: false, trouble: { kind: "engine-refused", status } });
      for (const asked of all(id)) expect(await asked).toMatchObject(refused(409));
      for (const asked of all(nobody)) expect(await asked).toMatchObject(refused(404));
    });
  });
}
