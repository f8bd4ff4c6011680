import { describe, expect, test } from "vitest";
import { guardedDial } from "../../src/adapters/guarded-dial.ts";
import { dockerSocket } from "../../src/adapters/ssh/docker-sockets.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import { text } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";

const root = "/var/run/docker.sock";
const own = "/run/user/1000/docker.sock";
const seen = (...facts: string[]) => dockerSocket(`${["client", "daemon", ...facts].join("\n")}\n`);

describe("the engine that a node is operated by", () => {
  test("is root's, also for a user who may not open its socket and has a rootless engine of their own", () => {
    expect(seen("unit active", `socket ${root}`, `socket ${own}`, `open ${own}`)).toMatchObject({
      value: { engine: "rootful", path: root, isOpen: false },
    });
    expect(seen("unit active", `socket ${root}`, `open ${root}`, `socket ${own}`, `open ${own}`)).toMatchObject({
      value: { engine: "rootful", path: root, isOpen: true },
    });
  });

  test("is root's where it is stopped, and not the rootless one beside it", () => {
    expect(seen("unit inactive", `socket ${root}`, `socket ${own}`, `open ${own}`)).toEqual(
      bad({ kind: "docker-stopped", detail: text`inactive` }),
    );
  });

  test("is the rootless one where root's has no socket, whatever docker.service is", () => {
    expect(seen("unit inactive", `socket ${own}`, `open ${own}`)).toMatchObject({
      value: { engine: "rootless", path: own, isOpen: true },
    });
  });

  test("is stopped, not there, or was never installed", () => {
    expect(seen("unit failed")).toMatchObject({ trouble: { kind: "docker-stopped", detail: "failed" } });
    expect(seen("unit active")).toMatchObject({ trouble: { kind: "docker-socket-missing" } });
    expect(dockerSocket("unit inactive\n")).toMatchObject({ trouble: { kind: "docker-missing" } });
  });
});

describe("a dial to an engine", () => {
  /** Dials where docker.service is so; whether a connection was tried. */
  async function dialed(active: string, hasSocket: boolean) {
    let tried = false;
    const transport: Transport = {
      ...{ node: text`node103`, user: text`ops` },
      script: async (_script, [border = ""]) => {
        const socket = hasSocket ? "there" : "";
        const stdout = `\n${border} unit \nLoadState=loaded\nActiveState=${active}\nSubState=dead\n\n${border} socket \n${socket}\n\n${border} end \n`;
        return good({ code: 0, stdout: Buffer.from(stdout), stderr: Buffer.from("") });
      },
      dialDocker: async () => {
        tried = true;
        return bad({ kind: "cancelled" });
      },
      dialTcp: () => Promise.reject(new Error("not asked for")),
    };
    const outcome = await guardedDial(transport).dialDocker(new AbortController().signal);
    return { tried, outcome };
  }

  test("that is stopped is not made, since its socket would start it", async () => {
    expect(await dialed("inactive", true)).toMatchObject({
      tried: false,
      outcome: { trouble: { kind: "docker-stopped", detail: "inactive (dead)" } },
    });
    expect(await dialed("failed", true)).toMatchObject({ tried: false });
  });

  test("is made where root's is stopped and has no socket: a rootless engine may be there", async () => {
    expect(await dialed("inactive", false)).toMatchObject({ tried: true });
  });

  test("that runs is made", async () => {
    expect(await dialed("active", true)).toMatchObject({ tried: true });
  });
});
