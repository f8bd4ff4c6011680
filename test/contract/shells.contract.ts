import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asContainerId, type ContainerId } from "../../src/domain/ids.ts";
import type { Session, Shells } from "../../src/ports/shells.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, pass, twoNodes, until, value, within } from "./arena.ts";
import { idle } from "./container-changes.contract.ts";

const size = { columns: 80, rows: 24 };

/** What sessions in containers and on nodes promise. */
export function shellsContract(arena: () => Arena): void {
  describe("a session", () => {
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

    const shells = (): Shells => {
      if (access.shells === undefined) throw new Error("nothing can be run there");
      return access.shells;
    };
    const container = async (): Promise<ContainerId> => {
      const { engine } = access.control;
      const network = arena().spec.networks[0]?.name;
      const id = await value(engine.createContainer(idle("shelled", { hostname: "shelled", network }), within));
      made.push(id);
      await value(engine.startContainer(id, within));
      return id;
    };
    /** What is written, by the stream that it came on. */
    const listener = () => {
      const heard = { stdout: "", stderr: "" };
      const output = (bytes: Uint8Array, from: "stdout" | "stderr"): void => {
        heard[from] += Buffer.from(bytes).toString();
      };
      return { heard, output };
    };
    const shows = (heard: { stdout: string }, wanted: RegExp) =>
      until(
        arena().world.clock,
        () => `${wanted} in ${JSON.stringify(heard.stdout)}`,
        () => wanted.test(heard.stdout),
      );
    const type = (session: Session, keys: string) => session.write(Buffer.from(keys));
    const exec = async (id: ContainerId, command: string[], terminal?: typeof size) => {
      const { heard, output } = listener();
      return { heard, session: await value(shells().exec({ container: id, command, terminal }, output, within)) };
    };
    const typed = async (id: ContainerId) => {
      const opened = await exec(id, ["bash"], size);
      await shows(opened.heard, /root@shelled:\S*# $/);
      return opened;
    };

    /** Something runs in the shell. */
    const occupy = async (session: Session, heard: { stdout: string }): Promise<void> => {
      await type(session, "echo begun; sleep 1000\r");
      await shows(heard, /[\r\n]begun\r/);
      await pass(arena().world.clock, 500);
    };

    test("passes on output, errors and exit code of a program, and its words are read by no shell", async () => {
      const id = await container();
      const [failed, said] = await Promise.all([
        exec(id, ["sh", "-c", "hostname; no-such-word; exit 7"]),
        exec(id, ["echo", "a b", "$HOME; exit 3"]),
      ]);
      expect(await failed.session.ended).toEqual({ end: "exited", code: 7 });
      expect(failed.heard).toEqual({ stdout: "shelled\n", stderr: expect.stringContaining("not found") });
      expect(await said.session.ended).toEqual({ end: "exited", code: 0 });
      expect(said.heard).toEqual({ stdout: "a b $HOME; exit 3\n", stderr: "" });
    });

    test("brings input to the program, and the end of it", async () => {
      const { session, heard } = await exec(await container(), ["cat"]);
      await type(session, "one\ntwo\n");
      await shows(heard, /two\n$/);
      session.endInput();
      expect(await session.ended).toEqual({ end: "exited", code: 0 });
      expect(heard.stdout).toBe("one\ntwo\n");
    });

    test("with a program that the image does not have ends with 126 or 127", async () => {
      const { session, heard } = await exec(await container(), ["no-such-program"]);
      const end = await session.ended;
      expect([126, 127]).toContain(end.end === "exited" ? end.code : undefined);
      expect(heard.stdout + heard.stderr).toMatch(/"no-such-program": executable file not found/);
    });

    test("is refused by a container that does not run, and by one that is not there", async () => {
      const id = await container();
      const asked = { command: ["true"], terminal: undefined };
      const { output } = listener();
      await value(access.control.engine.killContainer(id, "SIGKILL", within));
      const refused = (status: number) => ({ ok: false, trouble: { kind: "engine-refused", status } });
      expect(await shells().exec({ ...asked, container: id }, output, within)).toMatchObject(refused(409));
      expect((await shells().inNetworkOf(id, size, "xterm", output, within)).ok).toBe(false);
      const nobody = asContainerId("0".repeat(64)) ?? expect.fail("an id");
      expect(await shells().exec({ ...asked, container: nobody }, output, within)).toMatchObject(refused(404));
      expect((await shells().inNetworkOf(nobody, size, "xterm", output, within)).ok).toBe(false);
    });

    test("on a terminal has its size, also a later one, and ends with the shell's exit code", async () => {
      const { session, heard } = await typed(await container());
      // Engines of 2020 tell a terminal its size a little after it was opened.
      const sizeBecomes = (wanted: RegExp) =>
        until(arena().world.clock, `${wanted}`, async () => {
          await type(session, "stty size\r");
          return wanted.test(heard.stdout);
        });
      await sizeBecomes(/[\r\n]24 80\r/);
      session.resize({ columns: 120, rows: 40 });
      await sizeBecomes(/[\r\n]40 120\r/);
      await type(session, "tty\r");
      await shows(heard, /[\r\n]\/dev\/pts\/\d+\r/);
      await type(session, "exit 9\r");
      expect(await session.ended).toEqual({ end: "exited", code: 9 });
      expect(heard.stderr).toBe("");
    });

    test("is told ctrl-C, which ends what runs and not the shell", async () => {
      const { session, heard } = await typed(await container());
      await occupy(session, heard);
      await type(session, "\u0003");
      await type(session, "hostname\r");
      await shows(heard, /[\r\n]shelled\r/);
      await type(session, "exit 0\r");
      expect(await session.ended).toEqual({ end: "exited", code: 0 });
    });

    test("that is hung up ends when it is idle; one in which something runs only when that is meant", async () => {
      const id = await container();
      const idler = await typed(id);
      expect(await value(idler.session.hangUp(true, within))).toBe("ended");
      expect(await idler.session.ended).toEqual({ end: "exited", code: 129 });
      expect(await value(idler.session.hangUp(true, within))).toBe("ended");

      const busy = await typed(id);
      await occupy(busy.session, busy.heard);
      expect(await value(busy.session.hangUp(true, within))).toBe("busy");
      expect(await value(busy.session.hangUp(false, within))).toBe("ended");
      expect(await busy.session.ended).toMatchObject({ end: "exited" });
    });

    test("that is let go of is lost, cancelled", async () => {
      const { session } = await typed(await container());
      session.close();
      expect(await session.ended).toEqual({ end: "lost", trouble: { kind: "cancelled" } });
    });

    test("in a container ends with it", async () => {
      const id = await container();
      const { session } = await typed(id);
      await value(access.control.engine.killContainer(id, "SIGKILL", within));
      expect(await session.ended).toEqual({ end: "exited", code: 137 });
    });

    test("on a node is its login shell, and in the network of a container the node's as well", async () => {
      const id = await container();
      const node = access.link.node;
      // What is typed before there is one may be thrown away by the shell that begins.
      const prompt = /# $/;
      const { heard, output } = listener();
      const login = await value(shells().login(size, "xterm", output, within));
      await shows(heard, prompt);
      await type(login, "hostname; pwd\r");
      await shows(heard, new RegExp(`[\\r\\n]${node}\\r\\n/root\\r`));
      await type(login, "exit 4\r");
      expect(await login.ended).toEqual({ end: "exited", code: 4 });

      const network = listener();
      const inside = await value(shells().inNetworkOf(id, size, "xterm", network.output, within));
      await shows(network.heard, prompt);
      await type(inside, "hostname; ip -o -4 addr\r");
      await shows(network.heard, new RegExp(`[\\r\\n]${node}\\r\\n`));
      await shows(network.heard, /eth0 .*inet \D*(?:\d+m)?10\.10\.10\.\d+\D/);
      expect(network.heard.stdout).not.toContain(twoNodes(arena().spec)[1].ssh.host);
      await type(inside, "exit 5\r");
      expect(await inside.ended).toEqual({ end: "exited", code: 5 });
    });
  });
}
