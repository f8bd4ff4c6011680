import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Installed } from "../../src/domain/condor/member-state.ts";
import { PoolSecret } from "../../src/domain/condor/secret.ts";
import type { ContainerId } from "../../src/domain/ids.ts";
import type { FileEdit } from "../../src/domain/plan/change.ts";
import { text } from "../../src/domain/text.ts";
import type { PoolSetup } from "../../src/ports/pool-setup.ts";
import { fingerprint } from "../../src/services/apply/pool-secret.ts";
import { sha256 } from "../../src/services/apply/write-files.ts";
import { type Arena, Connections, onOverlay, twoNodes, until, value, within } from "./arena.ts";

/** What HTCondor's set-up in a container promises. */
export function poolSetupContract(arena: () => Arena): void {
  describe("HTCondor in a container", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    const opened = async () => {
      const access = await connections.to(twoNodes(arena().spec)[0]);
      const container = await onOverlay(access, arena().spec);
      const setup = access.control.poolSetup;
      const look = async (manager = container.name): Promise<Installed> => {
        const state = await value(setup.look(container.id, manager, within));
        if (!state.installed) throw new Error("the contract's container has no HTCondor");
        return state;
      };
      return { access, container, setup, look, id: container.id };
    };
    /** As an image leaves it, whatever an earlier test wrote. */
    const clear = async (setup: PoolSetup, id: ContainerId, { place, content }: Installed): Promise<void> => {
      if (content === undefined) return;
      const edit: FileEdit = {
        path: place.path,
        replaces: { sha256: sha256(content), content },
        content: "removed",
        mode: 0o644,
      };
      await value(setup.write(id, edit, within));
    };

    test("tells its version, where its configuration goes, who is process 1, its addresses and what the manager's name means there", async () => {
      const { look, container } = await opened();
      const state = await look();
      expect(state.version?.major).toBeGreaterThanOrEqual(8);
      expect(state.place).toEqual({ kind: "file", path: "/etc/condor/config.d/50-ovl-tui.conf" });
      expect(state.init).toBe("systemd");
      const overlays = container.attachments.flatMap((one) => one.address ?? []);
      expect(state.addresses).toEqual(expect.arrayContaining(overlays));
      expect(overlays).toEqual(expect.arrayContaining([...state.managerAddresses]));
      expect(Math.abs(state.clockMs)).toBeLessThan(5000);
      expect((await look(text`nobody-of-that-name`)).managerAddresses).toEqual([]);
    });

    test("has a file written, once, over what it was and nothing else, and is marked until somebody says that it was taken", async () => {
      const { setup, look, id } = await opened();
      await clear(setup, id, await look());
      const { path } = (await look()).place;
      const content = "# one\nENABLE_KERNEL_TUNING = False\n";
      const edit: FileEdit = { path, replaces: "absent", content, mode: 0o644 };
      expect(await value(setup.write(id, edit, within))).toBe("written");
      expect(await look()).toMatchObject({ content, isPending: true });
      expect(await value(setup.write(id, edit, within))).toBe("unchanged");
      const other: FileEdit = { ...edit, content: "# two\n" };
      expect(await value(setup.write(id, other, within))).toBe("changed");
      expect(await look()).toMatchObject({ content });
      expect(await value(setup.write(id, { ...other, replaces: { sha256: sha256(content), content } }, within))).toBe(
        "written",
      );
      await value(setup.settled(id, within));
      expect(await look()).toMatchObject({ content: "# two\n", isPending: false });
      await clear(setup, id, await look());
      expect(await look()).toMatchObject({ content: undefined });
    });

    test("keeps a secret for its root, gives it back as it was, and tells everybody else its fingerprint", async () => {
      const { setup, look, id } = await opened();
      const secret = new PoolSecret(randomBytes(43).toString("base64"));
      await value(setup.placeSecret(id, secret, within));
      expect((await look()).secret).toBe(fingerprint(secret));
      expect((await value(setup.secret(id, within)))?.reveal()).toBe(secret.reveal());
    });

    test("begins anew when it is told to, and runs on where it only takes what changed", async () => {
      const { setup, look, id } = await opened();
      await value(setup.take(id, "restart", { ms: 90_000 }));
      const { clock } = arena().world;
      const begun = await until(clock, "a master", async () => (await look()).master);
      await value(setup.take(id, "reconfigure", { ms: 90_000 }));
      expect((await look()).master?.pid).toBe(begun.pid);
    });

    test("is a trouble, not a state, in a container that is gone", async () => {
      const { setup, access } = await opened();
      const id = await arena().hands.runContainer(access.link.node, "gone-soon");
      await arena().hands.removeContainer(access.link.node, "gone-soon");
      expect((await setup.look(id, text`node2`, within)).ok).toBe(false);
      expect((await setup.secret(id, within)).ok).toBe(false);
    });
  });
}
