import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createFiles, sha256Of } from "../../src/adapters/host/files.ts";
import { createNodeLock } from "../../src/adapters/host/node-lock.ts";
import { createServiceManager } from "../../src/adapters/host/service-manager.ts";
import { readSurvey } from "../../src/adapters/host/survey.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { FileEdit } from "../../src/domain/plan/change.ts";
import { text } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { LockHolder } from "../../src/ports/node-lock.ts";
import { nodeNamed } from "../snapshots.ts";
import { Lab, labObstacle } from "./lab.ts";
import { opensshTransport } from "./openssh.ts";

const within = { ms: 60_000 };
const file = "/etc/docker/daemon.json";

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
  return outcome.value;
}

describe.skipIf(labObstacle() !== undefined)("on a real host", () => {
  let lab: Lab;
  let original: string;
  const transport = () => opensshTransport(lab, "node103");
  const files = () => createFiles(transport());
  const services = () => createServiceManager(transport(), systemClock);
  const on103 = (script: string, ...args: string[]) => lab.node("node103").must(script, ...args);
  const edit = (content: FileEdit["content"], before: string, path = file): FileEdit => ({
    path,
    replaces: { content: before, sha256: sha256Of(before) },
    content,
    mode: 0o644,
  });
  const leftovers = () =>
    on103("find /etc/docker /etc/systemd/system/docker.service.d -name '.ovl-tui-*' 2>/dev/null || true");

  beforeAll(async () => {
    lab = await Lab.up({ name: "bcontrol", flavour: "classic", nodes: 2, joined: false });
    original = await on103(`cat ${file}`);
  });
  afterAll(() => lab?.down());
  afterEach(async () => {
    await on103(`printf %s "$1" >${file}; rm -f ${file}.ovl-tui-*`, original);
  });

  test("a file is replaced whole, keeps owner and mode, and the old one is kept beside it", async () => {
    await on103(`chmod 640 ${file}; chgrp adm ${file}`);
    const wanted = `{ "it's": "new $(id) \\" \\\\ \`x\`", "ü": 1 }\n`;
    const written = value(await files().write(edit(wanted, original), within));
    expect(written).toMatchObject({ result: "written", backup: expect.stringContaining(`${file}.ovl-tui-2`) });
    expect(await on103(`cat ${file}`)).toBe(wanted);
    expect(await on103(`stat -c '%a %G' ${file}`)).toBe("640 adm\n");
    expect(await on103(`cat ${file}.ovl-tui-*`)).toBe(original);
    expect(value(await files().read(file, within))).toEqual({
      content: wanted,
      sha256: createHash("sha256").update(wanted).digest("hex"),
    });
    expect(await leftovers()).toBe("");
    await on103(`chmod 644 ${file}; chgrp root ${file}`);
  });

  test("a file that somebody changed meanwhile stays as it is", async () => {
    await on103(`echo '{"debug": true}' >${file}`);
    expect(value(await files().write(edit("{}", original), within))).toEqual({ result: "changed" });
    expect(await on103(`cat ${file}`)).toBe('{"debug": true}\n');
  });

  test("a file that is as wanted is not touched, whatever it was before", async () => {
    expect(value(await files().write(edit(original, "something else"), within))).toEqual({ result: "unchanged" });
    expect(await on103(`ls ${file}.ovl-tui-* 2>/dev/null || true`)).toBe("");
  });

  test("a new file gets its folder and its mode, and can be taken away again", async () => {
    const path = "/etc/systemd/system/docker.service.d/ovl-tui.conf";
    const made = { path, replaces: "absent", content: "[Service]\n", mode: 0o600 } as const;
    expect(value(await files().write(made, within))).toEqual({ result: "written", backup: undefined });
    expect(await on103(`stat -c %a ${path}; stat -c %a "$(dirname ${path})"`)).toBe("600\n755\n");
    expect(value(await files().write(edit("removed", "[Service]\n", path), within))).toMatchObject({
      result: "written",
    });
    expect(value(await files().read(path, within))).toBe("absent");
    await on103(`rm -rf /etc/systemd/system/docker.service.d`);
  });

  test("no content is on a command line of the node while it is written", async () => {
    const secret = "very-secret-content";
    await on103(
      `: >/tmp/seen; (end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >>/tmp/seen; done) >/dev/null 2>&1 &`,
    );
    for (let time = 0; time < 3; time++) {
      value(await files().write(edit(`${secret} ${time}`, time === 0 ? original : `${secret} ${time - 1}`), within));
    }
    await on103("sleep 4");
    expect(await on103(`grep -ao '.\\{0,150\\}${secret}.\\{0,50\\}' /tmp/seen || true`)).toBe("");
    expect(Number(await on103("grep -ac dockerd /tmp/seen"))).toBeGreaterThan(0);
  });

  test.each([
    [
      "a file system that is read-only",
      "mount --bind /etc/docker /etc/docker && mount -o remount,ro,bind /etc/docker",
      /Read-only file system/,
      /findmnt/,
    ],
    [
      "a full disk",
      "mount -t tmpfs -o size=16k none /etc/docker && cp /tmp/original /etc/docker/daemon.json && (yes >/etc/docker/fill 2>/dev/null || true)",
      /No space left/i,
      /make room/,
    ],
  ])("%s is said with its way out, and nothing is left", async (_what, script, detail, remedy) => {
    await on103(`printf %s "$1" >/tmp/original`, original);
    await on103(script);
    try {
      const outcome = await files().write(edit("{}\n".repeat(3000), original), within);
      expect(outcome).toMatchObject({
        ok: false,
        trouble: {
          kind: "misconfigured",
          detail: expect.stringMatching(detail),
          remedy: expect.stringMatching(remedy),
        },
      });
      expect(await on103(`cat ${file}`)).toBe(original);
      expect(await leftovers()).toBe("");
    } finally {
      await on103("umount /etc/docker");
    }
  });

  test("a symbolic link is not written through", async () => {
    await on103(`mv ${file} /etc/docker/elsewhere.json; ln -s elsewhere.json ${file}`);
    const outcome = await files().write(edit("{}", original), within);
    expect(outcome).toMatchObject({ ok: false, trouble: { detail: expect.stringContaining("symbolic link") } });
    await on103(`rm ${file}; mv /etc/docker/elsewhere.json ${file}`);
  });

  test("the engine loads its configuration anew without a new process", async () => {
    const pid = await on103("pidof dockerd");
    const before = Date.now() - 2000;
    value(await services().reloadEngine(within));
    expect(await on103("sleep 1; pidof dockerd")).toBe(pid);
    const log = value(await services().engineLog(before, 50, within));
    expect(log.join("\n")).toContain("Got signal to reload configuration");
  });

  test("an engine that does not start is told with its own words, and starts again once the file is right", async () => {
    await on103(`echo '{ "storage-driver": "nonsense" }' >${file}`);
    for (let time = 0; time < 4; time++) {
      const outcome = await services().restartEngine(within);
      expect(outcome).toMatchObject({
        ok: false,
        trouble: { detail: expect.stringContaining("error initializing graphdriver: driver not supported") },
      });
    }
    await on103(`printf %s "$1" >${file}`, original);
    value(await services().restartEngine(within));
    expect(await on103("systemctl is-active docker")).toBe("active\n");
  });

  test("of two runs one holds the lock; the other is told who, and may break it", async () => {
    const run = (name: string): LockHolder => ({
      run: name,
      operator: text`operator@workstation`,
      machine: "0123",
      pid: 42,
      doing: text`apply`,
    });
    const lock = () => createNodeLock(transport());
    const taken = await Promise.all([lock().take(run("one"), within), lock().take(run("two"), within)]);
    const states = taken.map((one) => value(one).state);
    expect([...states].sort()).toEqual(["busy", "held"]);
    const [winner, loser] = states[0] === "held" ? ["one", "two"] : ["two", "one"];
    expect(taken.map(value).find((one) => one.state === "busy")).toMatchObject({
      by: { ...run(winner), idleMs: expect.any(Number) },
    });
    expect(value(await lock().take(run(winner), within))).toEqual({ state: "held" });
    value(await lock().release(run(loser), within));
    expect(value(await lock().take(run(loser), within)).state).toBe("busy");
    value(await lock().break(winner, within));
    expect(value(await lock().take(run(loser), within))).toEqual({ state: "held" });
    value(await lock().release(run(loser), within));
    expect(await on103("ls -A /run/ovl-tui")).not.toContain("lock");
  });

  test("what planning needs is read: drivers, sockets, disk, whether files can be made, and ports of the other host", async () => {
    const node104 = nodeNamed("node104");
    const reach = [
      { node: node104, address: "192.168.44.104", protocol: "tcp", port: 22 },
      { node: node104, address: "192.168.44.104", protocol: "tcp", port: 7946 },
      { node: node104, address: "192.168.44.104", protocol: "udp", port: 4789 },
    ] as const;
    const seen = value(await readSurvey(transport(), systemClock, reach, within));
    expect(seen.storeDrivers).toEqual(["consul", "etcd", "zookeeper"]);
    expect(seen.daemonJson).toEqual({ path: file, sha256: sha256Of(original) });
    expect(seen.sources.daemonJson?.content).toBe(original);
    expect(seen.listening).toContainEqual({ protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" });
    expect(seen.freeBytes).toBeGreaterThan(1e6);
    expect(seen.writable).toEqual({ ok: true });
    expect(seen.reach.find((one) => one.protocol === "udp")?.result).toBe("answered");
    await lab.node("node104").dropUdp(4789, "in");
    const dropped = value(await readSurvey(transport(), systemClock, reach, within));
    await lab.node("node104").dropUdp(4789, "none");
    expect(dropped.reach.find((one) => one.protocol === "udp")?.result).toBe("silent");
  });
});
