import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Container } from "../../src/domain/engine.ts";
import { asContainerId, type ContainerId } from "../../src/domain/ids.ts";
import type { ContainerDefinition } from "../../src/domain/plan/change.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, onOverlay, pass, twoNodes, until, value, within } from "./arena.ts";

/** A container of the sort that does nothing; `of` is what is particular about it. */
export const idle = (name: string, of: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  ...{ name, hostname: undefined, image: "big_computing", network: undefined, address: undefined },
  ...{ privileged: false, remove: false, terminal: false, command: ["sleep", "3600"] },
  ...{ environment: {}, mounts: [], restart: undefined, stopSignal: undefined, labels: {} },
  ...of,
});

/** What an engine promises to who changes its containers, in either flavour. */
export function containerChangesContract(arena: () => Arena): void {
  describe("containers that are changed", () => {
    let connections: Connections;
    let access: NodeAccess;
    const made: ContainerId[] = [];
    beforeEach(async () => {
      connections = new Connections(arena());
      access = await connections.to(twoNodes(arena().spec)[1]);
    });
    afterEach(async () => {
      for (const id of made.splice(0))
        await access.control.engine.removeContainer(id, { force: true, volumes: true }, within);
      await connections.close();
    });

    const changes = () => access.control.engine;
    const create = async (definition: ContainerDefinition): Promise<ContainerId> => {
      const id = await value(changes().createContainer(definition, within));
      made.push(id);
      return id;
    };
    const run = async (definition: ContainerDefinition): Promise<ContainerId> => {
      const id = await create(definition);
      await value(changes().startContainer(id, within));
      return id;
    };
    const seen = (id: ContainerId) => value(access.engine.container(id, within));
    /** Engines answer a moment before their lists show it. */
    const becomes = (id: ContainerId, state: Container["state"]) =>
      until(arena().world.clock, `the container is ${state}`, async () => {
        const one = await seen(id);
        return one?.state === state ? one : undefined;
      });
    const refusal = (status: number, words: RegExp) => ({
      ok: false,
      trouble: { kind: "engine-refused", status, detail: expect.stringMatching(words) },
    });
    const nobody = asContainerId("0123456789abcdef".repeat(4));
    if (nobody === undefined) throw new Error("64 hex digits are an id");

    test("are made, started, stopped and removed, each of which is good a second time as well", async () => {
      const network = arena().spec.networks[0]?.name;
      const id = await create(idle("changed", { network, labels: { note: "one" } }));
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(await seen(id)).toMatchObject({
        ...{ id, name: "changed", image: "big_computing", state: "created", startedAt: undefined, status: "Created" },
        labels: expect.arrayContaining([{ name: "note", value: "one" }]),
      });
      for (const _ of [1, 2]) await value(changes().startContainer(id, within));
      const running = await becomes(id, "running");
      expect(running.attachments).toMatchObject([{ network, address: expect.stringMatching(/^10\.10\.10\.\d+$/) }]);
      for (const _ of [1, 2]) await value(changes().stopContainer(id, 0, within));
      const stopped = await becomes(id, "exited");
      // sleep(1) has no ear for SIGTERM as the first process of its container.
      expect(stopped).toMatchObject({ exitCode: 137, attachments: [{ network, address: undefined }] });
      for (const _ of [1, 2]) await value(changes().removeContainer(id, { force: false, volumes: true }, within));
      expect(await seen(id)).toBeUndefined();
    });

    test("run on after a restart, as new processes of the same containers", async () => {
      const id = await run(idle("again"));
      const before = await becomes(id, "running");
      await pass(arena().world.clock, 1500);
      await value(changes().restartContainer(id, 0, within));
      const after = await becomes(id, "running");
      expect(after.id).toBe(before.id);
      expect(after.startedAt).toBeGreaterThan(before.startedAt ?? Number.POSITIVE_INFINITY);
    });

    test("are paused and go on, once each", async () => {
      const id = await run(idle("paused"));
      await value(changes().pauseContainer(id, within));
      expect((await becomes(id, "paused")).status).toMatch(/^Up .* \(Paused\)$/);
      expect(await changes().pauseContainer(id, within)).toMatchObject(refusal(409, /already paused/));
      await value(changes().unpauseContainer(id, within));
      await becomes(id, "running");
      expect(await changes().unpauseContainer(id, within)).toMatchObject(refusal(500, /is not paused/));
    });

    test("hear signals: those that they have no ear for go by, SIGKILL ends them, and then nobody hears", async () => {
      const id = await run(idle("signalled"));
      await value(changes().killContainer(id, "SIGTERM", within));
      await pass(arena().world.clock, 300);
      expect((await seen(id))?.state).toBe("running");
      await value(changes().killContainer(id, "SIGKILL", within));
      expect((await becomes(id, "exited")).exitCode).toBe(137);
      expect(await changes().killContainer(id, "SIGKILL", within)).toMatchObject(refusal(409, /is not running/));
      expect(await changes().pauseContainer(id, within)).toMatchObject(refusal(409, /is not running/));
    });

    test("have one name on their engine, new or renamed", async () => {
      const { name, id: other } = await onOverlay(access, arena().spec);
      const taken = refusal(409, new RegExp(`"/${name}" is already in use by container "?${other}"?`));
      expect(await changes().createContainer(idle(name), within)).toMatchObject(taken);
      const id = await create(idle("first"));
      await value(changes().renameContainer(id, "second", within));
      expect((await seen(id))?.name).toBe("second");
      expect(await changes().renameContainer(id, name, within)).toMatchObject(taken);
    });

    test("that run are removed only by force", async () => {
      const id = await run(idle("kept"));
      expect(await changes().removeContainer(id, { force: false, volumes: true }, within)).toMatchObject(
        refusal(409, /cannot remove (a running )?container .*/i),
      );
      await value(changes().removeContainer(id, { force: true, volumes: true }, within));
      expect(await seen(id)).toBeUndefined();
    });

    test("that were to go with their end are gone then", async () => {
      const id = await run(idle("brief", { remove: true }));
      await value(changes().killContainer(id, "SIGKILL", within));
      await until(arena().world.clock, "it is gone", async () => (await seen(id)) === undefined);
    });

    test("that end by themselves leave their code and their last words", async () => {
      const id = await run(idle("spoken", { command: ["echo", "one line"] }));
      expect((await becomes(id, "exited")).exitCode).toBe(0);
      expect(await value(changes().lastWords(id, 5, within))).toEqual(["one line"]);
      const failed = await run(idle("failed", { command: ["false"] }));
      expect((await becomes(failed, "exited")).exitCode).toBe(1);
      expect(await value(changes().lastWords(failed, 5, within))).toEqual([]);
      expect(await value(changes().lastWords(nobody, 5, within))).toEqual([]);
    });

    test("get the address that was asked for, if it is free", async () => {
      const network = arena().spec.networks[0]?.name;
      const { attachments } = await onOverlay(access, arena().spec);
      const taken = attachments.find((one) => one.network === network)?.address;
      const id = await run(idle("fixed", { network, address: "10.10.10.77" }));
      expect((await becomes(id, "running")).attachments).toMatchObject([{ network, address: "10.10.10.77" }]);
      // A swarm's engine waits 20 s for its manager before it says that it cannot join: too long to hold it to here.
      if (arena().spec.store === undefined) return;
      const second = await create(idle("second", { network, address: taken }));
      expect(await changes().startContainer(second, within)).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused", detail: expect.stringMatching(/Address already in use/) },
      });
      expect((await seen(second))?.state).toBe("created");
    });

    test("need an image and a network that are there, and are not made without a trace of why", async () => {
      expect(await changes().createContainer(idle("none", { image: "nobody/has-this:1" }), within)).toMatchObject(
        refusal(404, /No such image: nobody\/has-this:1/),
      );
      const id = await create(idle("nowhere", { network: "no-such-net" }));
      const status = arena().spec.store === undefined ? 500 : 404;
      const missing = refusal(status, /network no-such-net not found/);
      expect(await changes().startContainer(id, within)).toMatchObject(missing);
      expect((await seen(id))?.state).toBe("created");
    });

    test("that are not there cannot be changed", async () => {
      const no = refusal(404, /No such container/);
      for (const change of ["startContainer", "pauseContainer", "unpauseContainer"] as const) {
        expect(await changes()[change](nobody, within)).toMatchObject(no);
      }
      expect(await changes().stopContainer(nobody, 0, within)).toMatchObject(no);
      expect(await changes().restartContainer(nobody, 0, within)).toMatchObject(no);
      expect(await changes().killContainer(nobody, "SIGKILL", within)).toMatchObject(no);
      expect(await changes().renameContainer(nobody, "other", within)).toMatchObject(no);
      await value(changes().removeContainer(nobody, { force: true, volumes: true }, within));
    });
  });
}
