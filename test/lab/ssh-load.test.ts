import { beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../src/domain/trouble.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { users } from "./root.ts";
import { secrets } from "./ssh-process.ts";
import { SshTrial } from "./ssh-trial.ts";
import { extraSshd } from "./sshd.ts";

const patience = { timeout: 60_000 };
const value = <T>(outcome: Outcome<T>): T =>
  outcome.ok ? outcome.value : expect.fail(JSON.stringify(outcome.trouble));

onRealHosts("one connection under load", () => {
  const trial = new SshTrial("ssh-load");

  test("changes its keys in the middle of the traffic, and loses not a byte", async () => {
    await extraSshd(trial.host, 2220, "RekeyLimit 512K", "LogLevel DEBUG1");
    const node = await trial.begun({ port: 2220 });
    await node.is("up");
    const stream = await node.stream();
    const many = await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const letter = String.fromCharCode(97 + index);
        const script = node.script('head -c 900000 /dev/zero | tr "\\0" "$1"', [letter]);
        const answer = await node.docker("/version");
        return { letter, answer: value(answer).status, output: value(await script).stdout };
      }),
    );
    for (const { letter, answer, output } of many) {
      expect(answer).toBe(200);
      expect(output === letter.repeat(900_000)).toBe(true);
    }
    const rekeyed = await trial.host.must("journalctl --no-pager -t sshd | grep -c 'rekeying out'");
    expect(Number(rekeyed)).toBeGreaterThan(5);
    expect(stream.end()).toBeUndefined();
    expect(node.states.map((state) => state.state).filter((state) => state === "lost")).toEqual([]);
  });

  describe("where Docker is reached by a command, and sshd has ten sessions for everything", () => {
    const names = Array.from({ length: 8 }, (_, index) => `busy-${index}`);

    beforeAll(async () => {
      await extraSshd(trial.host, 2221, "DisableForwarding yes");
      for (const name of names)
        await trial.host.docker("run", "-d", "--name", name, "busybox", "/bin/busybox", "sleep", "600");
    });

    test.each([
      ["root, for whom sshd forwards nothing", { port: 2221 }],
      ["operator, who needs sudo", { user: "operator" }],
    ])("as %s: events, every container's use, requests and scripts go on beside each other", async (_, as) => {
      const node = await trial.begun(as, secrets(users.operator.password));
      await node.is("up");
      const engine = await node.follow();
      const samples = async () => {
        const seen = (await engine.seen()).samples;
        return names.map((name) => Math.min(seen[name] ?? 0, 2));
      };
      await expect.poll(samples, patience).toEqual(names.map(() => 2));
      const others = await Promise.all([
        ...Array.from({ length: 12 }, () => node.docker("/containers/json")),
        ...Array.from({ length: 12 }, () => node.script("sleep 0.2")),
        trial.host.docker("restart", "-t", "0", "busy-0"),
      ]);
      expect(others.filter((one) => typeof one === "object" && !one.ok)).toEqual([]);
      await expect.poll(async () => (await engine.seen()).events, patience).toContain("start");
      expect((await engine.seen()).ends).toEqual([]);
    });
  });
});
