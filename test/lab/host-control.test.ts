import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createFiles, sha256Of } from "../../src/adapters/host/files.ts";
import { createNodeLock } from "../../src/adapters/host/node-lock.ts";
import { createServiceManager } from "../../src/adapters/host/service-manager.ts";
import { readSurvey } from "../../src/adapters/host/survey.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { readSpec } from "../../src/cli/spec-file.ts";
import { isUp } from "../../src/domain/link.ts";
import type { FileEdit } from "../../src/domain/plan/change.ts";
import type { NodeSurvey } from "../../src/domain/plan/survey.ts";
import { bad, type Outcome } from "../../src/domain/trouble.ts";
import { RemoteWorld } from "../contract/remote-world.ts";
import { run } from "../lock-holder.ts";
import { nodeNamed } from "../snapshots.ts";
import { until } from "./command.ts";
import { Lab, labObstacle } from "./lab.ts";
import { opensshTransport } from "./openssh.ts";

const within = { ms: 60_000 };
const file = "/etc/docker/daemon.json";

const missing = bad({ kind: "cancelled" });

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
    lab = await Lab.up({ name: "hostcontrol", flavour: "classic", nodes: 2, joined: false });
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

  test("a secret gets its mode also where a file is there, and so does what is kept of the old one", async () => {
    const path = "/etc/docker/secret.pem";
    await on103(`printf old >${path}; chmod 644 ${path}`);
    const secret = { ...edit("new", "old", path), mode: 0o600, secret: true } as const;
    expect(value(await files().write({ ...secret, content: "old" }, within))).toEqual({ result: "unchanged" });
    expect(await on103(`stat -c %a ${path}; chmod 644 ${path}`)).toBe("600\n");
    expect(value(await files().write(secret, within))).toMatchObject({ result: "written" });
    expect(await on103(`cat ${path}; stat -c ' %a' ${path} ${path}.ovl-tui-*; rm ${path}*`)).toBe("new 600\n 600\n");
  });

  test("no content is on a command line of the node while it is written over the program's own connection", async () => {
    const world = await RemoteWorld.start(lab.inSwitch([]));
    try {
      const [node] = readSpec(lab.configFile).nodes;
      if (node === undefined) throw new Error("the lab has no node");
      const { control, link } = world.node(node, readSpec(lab.configFile), { ask: async () => ({ kind: "refuse" }) });
      await until("the link", 60, () => isUp(link.state));
      const secret = "very-secret-content";
      await on103(
        `: >/tmp/seen; rm -f /tmp/enough; (while [ ! -e /tmp/enough ]; do
          for one in /proc/[0-9]*/cmdline; do { tr '\\0' ' ' <$one; echo; } 2>/dev/null; done >>/tmp/seen
        done; : >/tmp/seen-all) >/dev/null 2>&1 &`,
      );
      for (let time = 0; time < 20; time++) {
        const before = time === 0 ? original : `${secret} ${time - 1}`;
        const content = `${secret} ${time}`;
        expect(value((await control?.files.write(edit(content, before), within)) ?? missing)).toMatchObject({
          result: "written",
        });
      }
      await on103(": >/tmp/enough; until [ -e /tmp/seen-all ]; do sleep 0.1; done");
      const seen = await on103("cat /tmp/seen");
      expect(seen.split("\n").filter((line) => line.includes(secret))).toEqual([]);
      expect(seen).toMatch(/^timeout -k 5 \d+ \/bin\/sh -s/m);
    } finally {
      await world.close();
    }
  });

  test("a write that is killed at any of its commands leaves the old file or the new one, and the next one ends it", async () => {
    const commands = ["mktemp", "cat", "sha256sum", "chown", "chmod", "sync", "ln", "mv", "date", "stat"];
    const ends = new Set<string>();
    for (const command of commands) {
      for (const when of ["before", "amid", "after"]) {
        await on103(
          `cat >"/usr/local/sbin/$1" && chmod 755 "/usr/local/sbin/$1"`.replace(
            "cat >",
            `printf '%s\\n' '#!/bin/sh' 'PATH=/usr/sbin:/usr/bin:/sbin:/bin' "$2" >`,
          ),
          command,
          {
            before: "kill -9 0",
            // A part of what it would have written, where it writes.
            amid: `${command} "$@" | head -c 7; kill -9 0`,
            after: `${command} "$@"; kill -9 0`,
          }[when] ?? "",
        );
        const wanted = `{ "killed": "${command} ${when}" }\n`;
        const cut = await files().write(edit(wanted, original), within);
        await on103(`rm "/usr/local/sbin/$1"`, command);
        expect(cut.ok, `${command} ${when}`).toBe(false);
        const left = await on103(`cat ${file}`);
        expect([original, wanted], `${command} ${when}`).toContain(left);
        ends.add(left === original ? "old" : "new");
        const again = value(await files().write(edit(wanted, original), within));
        expect(again.result).toBe(left === original ? "written" : "unchanged");
        expect(await on103(`cat ${file}`)).toBe(wanted);
        expect(await leftovers()).toBe("");
        await on103(`printf %s "$1" >${file}; rm -f ${file}.ovl-tui-*`, original);
      }
    }
    expect([...ends].sort()).toEqual(["new", "old"]);
  });

  test("of writers that begin at once one wins, and the others are told that the file changed", async () => {
    const contents = ["one", "two", "three", "four"];
    const results = await Promise.all(contents.map((content) => files().write(edit(content, original), within)));
    const winners = contents.filter((_, index) => {
      const outcome = results[index];
      return outcome?.ok === true && outcome.value.result === "written";
    });
    expect(winners).toEqual([await on103(`cat ${file}`)]);
    expect(results.filter((one) => one.ok && one.value.result === "changed")).toHaveLength(3);
  });

  test("of the old files the last five are kept", async () => {
    let before = original;
    const backups: (string | undefined)[] = [];
    for (let time = 0; time < 7; time++) {
      const written = value(await files().write(edit(`${time}`, before), within));
      if (written.result === "written") backups.push(written.backup);
      before = `${time}`;
    }
    expect((await on103(`ls ${file}.ovl-tui-*`)).trim().split("\n").sort()).toEqual(backups.slice(2).sort());
    expect(await on103(`cat "$1"`, backups.at(-1) ?? "")).toBe("5");
  });

  test("any text comes out as it went in: NUL, backslashes, no line end, half a megabyte", async () => {
    let before = original;
    for (const content of ["\0a\\0b\\c%s\\n\r\n'", "", "ü漢🐳", `${"0123456789abcde\n".repeat(32_000)}end`]) {
      value(await files().write(edit(content, before), within));
      const read = value(await files().read(file, within));
      expect(read === "absent" ? read : read.content === content).toBe(true);
      before = content;
    }
  });

  test("a user with sudo writes as root; one without is told so", async () => {
    const by = (user: string) => createFiles(opensshTransport(lab, "node103", user));
    expect(value(await by("deploy").write(edit("{}", original), within))).toMatchObject({ result: "written" });
    expect(await on103(`stat -c '%U %a' ${file}`)).toBe("root 644\n");
    expect(await by("dockeruser").write(edit("{ }", "{}"), within)).toMatchObject({
      ok: false,
      trouble: { kind: "sudo-refused" },
    });
  });

  test("with busybox's tools alone it works all the same", async () => {
    await on103(`docker create --name tools busybox true && docker cp tools:/bin/busybox /usr/local/bin/busybox
      docker rm tools; mkdir -p /opt/busybox; busybox --install -s /opt/busybox`);
    const poor = opensshTransport(lab, "node103", "root", "env PATH=/opt/busybox busybox sh");
    await on103(`chmod 640 ${file}; chgrp adm ${file}`);
    expect(value(await createFiles(poor).write(edit("{}", original), within))).toMatchObject({ result: "written" });
    expect(await on103(`stat -c '%a %G' ${file}; cat ${file}.ovl-tui-*`)).toBe(`640 adm\n${original}`);
    expect(value(await createFiles(poor).read(file, within))).toMatchObject({ content: "{}" });
    // It has no flock; whoever held the folder that stands for its lock was killed.
    await on103("mkdir /run/ovl-tui/guard.d; echo 999999 >/run/ovl-tui/guard.d/pid");
    expect(value(await createFiles(poor).write(edit("{ }", "{}"), within))).toMatchObject({ result: "written" });
    expect(await on103("ls /run/ovl-tui")).toBe("guard\n");
    await on103(`chmod 644 ${file}; chgrp root ${file}`);
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

  test("what is no file is neither read nor written, and the sentence says what it is", async () => {
    await on103(
      "mkdir /etc/docker/folder; mkfifo /etc/docker/pipe; head -c 600000 /dev/zero >/etc/docker/long; printf '\\377' >/etc/docker/bytes",
    );
    try {
      const path = (name: string) => `/etc/docker/${name}`;
      for (const [name, words] of [
        ["folder", "is a folder"],
        ["pipe", "is no regular file"],
      ] as const) {
        const trouble = { ok: false, trouble: { kind: "misconfigured", detail: expect.stringContaining(words) } };
        expect(await files().read(path(name), within)).toMatchObject(trouble);
        const made = { path: path(name), replaces: "absent", content: "x", mode: 0o600 } as const;
        expect(await files().write(made, within)).toMatchObject(trouble);
      }
      for (const [name, words] of [
        ["long", "longer than"],
        ["bytes", "no UTF-8 text"],
      ] as const) {
        expect(await files().read(path(name), within)).toMatchObject({
          ok: false,
          trouble: { detail: expect.stringContaining(words) },
        });
      }
    } finally {
      await on103("cd /etc/docker; rm -r folder pipe long bytes");
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
    const log = async () => value(await services().engineLog(before, 50, within)).join("\n");
    await expect.poll(log).toContain("Got signal to reload configuration");
  });

  test("an engine that somebody started by hand is reloaded by a signal to its process", async () => {
    await on103("systemctl stop docker.socket docker; setsid dockerd </dev/null >/tmp/by-hand 2>&1 &");
    try {
      await until("the engine", 60, async () => (await lab.node("node103").run("docker version")).code === 0);
      const pid = await on103("pidof dockerd");
      value(await services().reloadEngine(within));
      await until("its word", 60, async () => (await on103("cat /tmp/by-hand")).includes("Got signal to reload"));
      expect(await on103("pidof dockerd")).toBe(pid);
    } finally {
      await on103("kill $(pidof dockerd); while pidof dockerd; do sleep 0.1; done; systemctl start docker");
    }
  });

  test("an engine that does not start is told with its own words, and starts again once the file is right", async () => {
    await on103(`echo '{ "storage-driver": "nonsense" }' >${file}`);
    const told: string[] = [];
    for (let time = 0; time < 4; time++) {
      const outcome = await services().restartEngine(within);
      expect(outcome).toMatchObject({ ok: false, trouble: { kind: "docker-stopped" } });
      told.push(JSON.stringify(outcome));
    }
    // On a busy machine the journal may have the last words of one start only after we asked for them.
    expect(told.join("\n")).toContain("error initializing graphdriver: driver not supported");
    await on103(`printf %s "$1" >${file}`, original);
    value(await services().restartEngine(within));
    expect(await on103("systemctl is-active docker")).toBe("active\n");
  });

  test("of two runs one holds the lock; the other is told who, and may break it", async () => {
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
    const port = (protocol: "tcp" | "udp", port: number) => ({
      node: node104,
      address: "192.168.44.104",
      protocol,
      port,
    });
    const reach = [port("tcp", 22), port("tcp", 7946), port("tcp", 81), port("udp", 4789)];
    const results = ({ reach: tried }: Pick<NodeSurvey, "reach">) =>
      reach.map((one) => tried.find((other) => other.port === one.port && other.protocol === one.protocol)?.result);
    const survey = async () => value(await readSurvey(transport(), systemClock, reach, within));
    const seen = await survey();
    expect(seen.storeDrivers).toEqual(["consul", "etcd", "zookeeper"]);
    expect(seen.daemonJson).toEqual({ path: file, sha256: sha256Of(original) });
    expect(seen.sources.daemonJson?.content).toBe(original);
    expect(seen.listening).toContainEqual({ protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" });
    expect(seen.freeBytes).toBeGreaterThan(1e6);
    expect(seen.writable).toEqual({ ok: true });
    // A kernel tells of closed ports when it has time for it.
    await until("all four ports answer", 60, async () => results(await survey()).every((one) => one === "answered"));
    await lab.node("node104").dropUdp(4789, "in");
    await lab.node("node104").must(`iptables -I INPUT -p tcp --dport 7946 -j DROP
      iptables -I INPUT -p tcp --dport 81 -j REJECT --reject-with icmp-admin-prohibited`);
    try {
      expect(results(await survey())).toEqual(["answered", "silent", "rejected", "silent"]);
    } finally {
      await lab.node("node104").dropUdp(4789, "none");
      await lab.node("node104").must(`iptables -D INPUT -p tcp --dport 7946 -j DROP
        iptables -D INPUT -p tcp --dport 81 -j REJECT --reject-with icmp-admin-prohibited`);
    }
  });
});

describe.skipIf(labObstacle() !== undefined)(
  "the drivers for stores that a dockerd was built with are found in it",
  () => {
    test.each([
      ["20.10.24 of Debian, which leaves Consul out", "classic-24", ["etcd", "zookeeper"]],
      ["26.1, which knows no stores", "swarm", []],
    ] as const)("%s", async (_, flavour, drivers) => {
      const lab = await Lab.up({ name: `drivers-${flavour}`, flavour, nodes: 1, joined: false });
      try {
        const survey = () => readSurvey(opensshTransport(lab, "node103"), systemClock, [], within);
        expect(value(await survey()).storeDrivers).toEqual(drivers);
        // The one on disk, when none runs.
        await lab.node("node103").must("systemctl stop docker.socket docker");
        expect(value(await survey())).toMatchObject({ storeDrivers: drivers, daemonJson: { path: file } });
      } finally {
        await lab.down();
      }
    });
  },
);
