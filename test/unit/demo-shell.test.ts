import { describe, expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Session } from "../../src/ports/shells.ts";
import { ManualClock } from "../manual-clock.ts";

const size = { columns: 80, rows: 24 };
const within = { ms: 5000 };

async function open() {
  const clock = new ManualClock();
  const demo = createDemo({ nodes: 3, containersPerNode: 2, seed: 5, clock });
  const [spec] = demo.spec.nodes;
  if (spec === undefined) throw new Error("the demo has a node");
  const { shells, engine } = demo.node(spec, demo.spec, { ask: async () => ({ kind: "refuse" }) });
  await clock.advance(1000);
  const listed = engine.containers(within);
  await clock.advance(1000);
  const outcome = await listed;
  if (shells === undefined || !outcome.ok) throw new Error("the demo has shells and containers");
  const id = (name: string) => outcome.value.find((one) => one.name === name)?.id ?? expect.fail(`no ${name}`);
  let printed = "";
  const output = (bytes: Uint8Array): void => {
    printed += Buffer.from(bytes).toString();
  };
  const opened = async (opening: Promise<Outcome<Session>>): Promise<Session> => {
    await clock.advance(1000);
    const session = await opening;
    if (!session.ok) throw new Error(JSON.stringify(session.trouble));
    return session.value;
  };
  /** What the line prints, without the line itself and the prompts; and its exit code, which the shell ends with. */
  const run = async (session: Session, line: string): Promise<{ printed: string; code: number }> => {
    printed = "";
    await session.write(Buffer.from(`${line}\rexit\r`));
    await clock.advance(30_000);
    const end = await session.ended;
    const lines = printed.split("\r\n").slice(1, -2).join("\n");
    return { printed: lines, code: end.end === "exited" ? end.code : Number.NaN };
  };
  return {
    demo,
    node: spec.name,
    onNode: async (line: string) => run(await opened(shells.login(size, "xterm", output, within)), line),
    inNetworkOf: async (name: string, line: string) =>
      run(await opened(shells.inNetworkOf(id(name), size, "xterm", output, within)), line),
    inside: async (name: string, line: string) => {
      const asked = { container: id(name), command: ["sh"], terminal: size };
      return run(await opened(shells.exec(asked, output, within)), line);
    },
  };
}

describe("a shell on a node of the demo", () => {
  test("pings other nodes by address and name, and nobody else", async () => {
    const { onNode, demo } = await open();
    const address = demo.spec.nodes[1]?.ssh.host ?? "";
    expect(await onNode(`ping -c 2 ${address}`)).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/icmp_seq=2 [\s\S]*2 packets transmitted, 2 received, 0% packet loss/),
    });
    expect((await onNode("ping node104 -c 1")).code).toBe(0);
    expect(await onNode("ping -c1 192.168.44.250")).toMatchObject({
      code: 1,
      printed: expect.stringContaining("1 packets transmitted, 0 received, 100% packet loss"),
    });
    expect(await onNode("ping -c 1 web-1")).toEqual({ code: 2, printed: "ping: web-1: Name or service not known" });
  });

  test("lists its containers, all of them when asked to, and says when there is no engine", async () => {
    const { onNode, demo, node } = await open();
    demo.stopContainer(node, "web-1");
    const { printed, code } = await onNode("docker ps");
    expect(code).toBe(0);
    expect(printed).toMatch(/^CONTAINER ID {3}IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n/);
    expect(printed).toMatch(
      /^[0-9a-f]{12} {3}consul:1.8.7 +"docker-entrypoint.s…" .* ago +Up .*0:8500->8500\/tcp +consul$/m,
    );
    expect(printed).not.toContain("web-1");
    expect((await onNode("docker ps -a")).printed).toMatch(/ Exited \(137\) .* web-1$/m);
    demo.stopEngine(node);
    expect(await onNode("docker ps")).toEqual({
      code: 1,
      printed: expect.stringContaining("Cannot connect to the Docker daemon"),
    });
  });

  test("says how its engine is, as systemctl does", async () => {
    const { onNode, demo, node } = await open();
    expect(await onNode("systemctl status docker")).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/Active: active \(running\) since 20[\s\S]*initialization/),
    });
    demo.stopEngine(node);
    expect(await onNode("systemctl is-active docker")).toEqual({ code: 3, printed: "inactive" });
    expect((await onNode("systemctl status docker.service")).code).toBe(3);
    expect((await onNode("systemctl status nginx")).code).toBe(4);
  });

  test("stands in its home, also in the network of a container", async () => {
    const { onNode, inNetworkOf, inside } = await open();
    expect((await onNode("pwd")).printed).toBe("/root");
    expect(await inNetworkOf("web-1", "hostname; pwd")).toEqual({ code: 0, printed: "node103\n/root" });
    expect((await inNetworkOf("web-1", "ip")).printed).toContain("10.10.10.");
    expect((await inside("web-1", "pwd")).printed).toBe("/");
  });

  test("has programs that no container has", async () => {
    const { onNode, inNetworkOf, inside } = await open();
    expect(await onNode("iptables -S")).toEqual({ code: 0, printed: "-P INPUT ACCEPT" });
    expect((await inNetworkOf("web-1", "docker ps")).code).toBe(0);
    for (const line of ["iptables -S", "docker ps", "systemctl status docker"]) {
      expect(await inside("web-1", line)).toMatchObject({ code: 127, printed: expect.stringContaining("not found") });
    }
    expect((await onNode("help")).printed).toContain("iptables");
    expect((await inside("web-1", "help")).printed).not.toContain("iptables");
  });
});

describe("a shell in a container of the demo", () => {
  test("asks the pool where HTCondor is, and knows nothing of it elsewhere", async () => {
    const { inside } = await open();
    expect(await inside("node2", "condor_status")).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/^Name +OpSys[\s\S]*slot1@node2/),
    });
    expect((await inside("node2", "condor_q")).printed).toMatch(/Total for query: \d+ jobs/);
    expect((await inside("web-1", "condor_status")).code).toBe(127);
  });

  test("takes ping's options wherever they stand", async () => {
    const { inside } = await open();
    for (const line of ["ping web-2 -c 1", "ping -c 1 web-2", "ping -n -W 2 -c1 web-2"]) {
      expect(await inside("node2", line)).toMatchObject({
        code: 0,
        printed: expect.stringMatching(/^PING web-2 \(10\./),
      });
    }
    expect((await inside("node2", "ping")).code).toBe(1);
  });
});
