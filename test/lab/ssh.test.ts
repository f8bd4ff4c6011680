import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readSpec } from "../../src/cli/spec-file.ts";
import type { NodeSpec } from "../../src/domain/spec/spec.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import { Lab, type LabNode } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { users } from "./root.ts";
import { type Answerer, refuse, type SshConnection, SshProcess, secrets } from "./ssh-process.ts";
import { extraSshd } from "./sshd.ts";

const patience = { timeout: 60_000 };
const { password } = users.operator;

const value = <T>(outcome: Outcome<T>): T =>
  outcome.ok ? outcome.value : expect.fail(JSON.stringify(outcome.trouble));

onRealHosts("one SSH connection a node", () => {
  let lab: Lab;
  let host: LabNode;
  let ssh: SshProcess | undefined;
  let spec: NodeSpec;

  beforeAll(async () => {
    lab = await Lab.up({ name: "ssh", nodes: 1, joined: false });
    host = lab.node("node103");
    spec = readSpec(lab.configFile).nodes[0] ?? expect.fail("no node");
  });
  afterEach(async () => {
    await ssh?.close();
    ssh = undefined;
  });
  afterAll(() => lab?.down());

  /** systemd counts how often a unit was started, and at the third time within a minute refuses (docker.service). */
  const startEngine = () => host.must("systemctl reset-failed docker; systemctl start docker.socket docker");
  const stopEngine = () => host.must("systemctl stop docker.socket docker");

  /** A link of its own, with nothing remembered. */
  async function connected(as: Partial<NodeSpec["ssh"]> = {}, answerer: Answerer = refuse): Promise<SshConnection> {
    ssh = await SshProcess.start(lab);
    const connection = ssh.connect({ ...spec, ssh: { ...spec.ssh, ...as } }, answerer);
    await connection.is("up");
    return connection;
  }

  describe("runs scripts", () => {
    test("with their arguments as they are, and tells exit code and both outputs", async () => {
      const node = await connected();
      const hostile = ["", "a b", "it's", '$HOME "`id`"', "line\nline", "\\", "-n", "漢字 \u001b[2J"];
      const ran = value(await node.script('printf "%s|" "$#" "$@"; echo oops >&2; exit 7', hostile));
      expect(ran).toEqual({ code: 7, stdout: `${[hostile.length, ...hostile].join("|")}|`, stderr: "oops\n" });
    });

    test("whose commands cannot eat the rest of the script", async () => {
      const node = await connected();
      expect(value(await node.script("cat\necho after")).stdout).toBe("after\n");
    });

    test("past a login shell that talks, whichever it is", async () => {
      await host.must('cp -p "$1" "$1.kept"; sed -i "1i echo hello; echo there >&2" "$1"', "/home/deploy/.bashrc");
      await host.must("chsh -s /bin/bash deploy");
      try {
        const node = await connected({ user: "deploy" });
        expect(value(await node.script("id -un"))).toMatchObject({ code: 0, stdout: "deploy\n" });
        expect(value(await node.script("id -un", [], { root: true }))).toMatchObject({ code: 0, stdout: "root\n" });
      } finally {
        await host.must('mv "$1.kept" "$1"', "/home/deploy/.bashrc");
      }
    });

    test("and says so where a login may run none", async () => {
      await host.must("usermod -s /usr/sbin/nologin deploy");
      try {
        const node = await connected({ user: "deploy" });
        expect(await node.script("id -un")).toMatchObject({
          ok: false,
          trouble: { kind: "bad-answer", detail: expect.stringContaining("not available") },
        });
      } finally {
        await host.must("usermod -s /bin/bash deploy");
      }
    });

    test("side by side, more than sshd has sessions for, and loses none", async () => {
      const node = await connected();
      const ran = await Promise.all(
        Array.from({ length: 40 }, (_, index) => node.script('sleep 0.1; echo "$1"; exit "$1"', [String(index)])),
      );
      expect(ran.map(value).map(({ code, stdout }) => [code, stdout])).toEqual(
        Array.from({ length: 40 }, (_, index) => [index, `${index}\n`]),
      );
    });

    test("and ends on the host what takes too long, and lets go of what is called off", async () => {
      const node = await connected();
      const sleeps = async () => (await host.run("pgrep -xf 'sleep 987'")).code === 0;
      const late = node.script("sleep 987; :", [], { ms: 1500 });
      await expect.poll(sleeps, patience).toBe(true);
      expect(await late).toMatchObject({ ok: false, trouble: { kind: "timed-out", afterMs: 1500 } });
      await expect.poll(sleeps, patience).toBe(false);
      const off = node.running("sleep 5; :");
      await off.cancel();
      expect(await off.outcome).toEqual({ ok: false, trouble: { kind: "cancelled" } });
      expect(value(await node.script("id -un")).stdout).toBe("root\n");
    });

    test("but takes no more output than it was told to", async () => {
      const node = await connected();
      expect(await node.script("yes", [], { limit: 10_000 })).toMatchObject({
        ok: false,
        trouble: { kind: "bad-answer", detail: "more than 10000 bytes of output" },
      });
      expect(value(await node.script("head -c 10000 /dev/zero", [], { limit: 10_000 })).stdout).toHaveLength(10_000);
    });
  });

  describe("is root", () => {
    test("without a question where sudo asks for none", async () => {
      const node = await connected({ user: "deploy" });
      expect(value(await node.script("id -un; exit 3", [], { root: true }))).toMatchObject({
        code: 3,
        stdout: "root\n",
      });
      expect(node.asked).toEqual([]);
    });

    test("with a password that is asked once for everything, and lands nowhere but in sudo", async () => {
      const node = await connected({ user: "operator" }, secrets(password));
      const ran = await Promise.all(
        ["one", "two", "three"].map((word) => node.script('id -un; cat; echo "$1"; env', [word], { root: true })),
      );
      for (const [index, word] of ["one", "two", "three"].entries()) {
        const { stdout, stderr } = value(ran[index] ?? expect.fail());
        expect(stdout).toMatch(new RegExp(`^root\n${word}\n`));
        expect(stdout + stderr).not.toContain(password);
      }
      expect(node.asked).toEqual([{ kind: "sudo-password", node: "node103", user: "operator", again: false }]);
      expect((await host.run(`grep -rl "$1" /var/log /home/operator /tmp`, password)).stdout).toBe("");
    });

    test("and asks again after a wrong password", async () => {
      const node = await connected({ user: "operator" }, secrets("wrong", password));
      expect(value(await node.script("id -un", [], { root: true })).stdout).toBe("root\n");
      expect(node.asked).toMatchObject([{ again: false }, { again: true }]);
    });

    test("an answer may take longer than the call that needed it", async () => {
      let answer: ((given: { kind: "secret"; secret: string }) => void) | undefined;
      const node = await connected({ user: "operator" }, (_, given) => {
        answer = given;
      });
      const first = await node.script("id -un", [], { root: true, ms: 500 });
      expect(first).toMatchObject({ ok: false, trouble: { kind: "timed-out" } });
      const second = node.script("id -un", [], { root: true });
      await expect.poll(() => answer, patience).toBeDefined();
      answer?.({ kind: "secret", secret: password });
      expect(value(await second).stdout).toBe("root\n");
      expect(node.asked).toHaveLength(1);
      expect(node.withdrawn).toHaveLength(1);
    });

    test("and nobody is asked twice who refused, until everything is tried again", async () => {
      const node = await connected({ user: "operator" });
      const refused = { ok: false, trouble: { kind: "sudo-refused", user: "operator" } };
      expect(await node.script("id -un", [], { root: true })).toMatchObject(refused);
      expect(await node.script("id -un", [], { root: true })).toMatchObject(refused);
      expect(node.asked).toHaveLength(1);
      await node.retryNow();
      node.answerer = secrets(password);
      expect(value(await node.script("id -un", [], { root: true })).stdout).toBe("root\n");
    });

    test("where sudo does not know the user, with sudo's own words", async () => {
      await host.must("echo 'dockeruser:lab-dockeruser' | chpasswd");
      const node = await connected({ user: "dockeruser" }, secrets("lab-dockeruser"));
      expect(await node.script("id -un", [], { root: true })).toMatchObject({
        ok: false,
        trouble: { kind: "sudo-refused", user: "dockeruser", detail: expect.stringContaining("sudoers") },
      });
      expect(node.asked).toHaveLength(1);
    });

    test("where there is no sudo, not at all", async () => {
      await host.must("mv /usr/bin/sudo /usr/bin/sudo.kept");
      try {
        const node = await connected({ user: "deploy" });
        expect(await node.script("id -un", [], { root: true })).toMatchObject({
          ok: false,
          trouble: { kind: "sudo-refused", detail: "sudo is not installed" },
        });
      } finally {
        await host.must("mv /usr/bin/sudo.kept /usr/bin/sudo");
      }
    });
  });

  describe("opens the Docker socket", () => {
    const answers = { ok: true, value: { status: 200, body: "OK" } };

    test.each(["root", "dockeruser", "deploy"])("as %s without a question", async (user) => {
      const node = await connected({ user });
      expect(await node.docker()).toMatchObject(answers);
      expect(value(await node.docker("/containers/json")).status).toBe(200);
      expect(node.asked).toEqual([]);
    });

    test("through sudo with its password, asked once, also for the next connection", async () => {
      const node = await connected({ user: "operator" }, secrets(password));
      const many = await Promise.all([node.docker(), node.docker("/version"), node.docker("/info"), node.docker()]);
      for (const one of many) expect(one).toMatchObject({ ok: true, value: { status: 200 } });
      await host.must("pkill -KILL -u operator sshd");
      await node.is("lost");
      await node.is("up");
      expect(await node.docker()).toMatchObject(answers);
      expect(node.asked).toHaveLength(1);
    });

    test("or says who may not open it", async () => {
      const node = await connected({ user: "operator" });
      const denied = { kind: "docker-permission", user: "operator", path: "/var/run/docker.sock" };
      expect(await node.docker()).toEqual({ ok: false, trouble: denied });
      expect(await node.docker()).toEqual({ ok: false, trouble: denied });
      expect(node.asked).toHaveLength(1);
    });

    test.each(["root", "dockeruser", "deploy"])("as %s also where sshd forwards no sockets", async (user) => {
      await extraSshd(host, 2201, "AllowStreamLocalForwarding no");
      const node = await connected({ user, port: 2201 });
      expect(await node.docker()).toMatchObject(answers);
      const streams = await Promise.all([node.stream(), node.stream(), node.stream()]);
      for (const stream of streams) expect(stream.opened.ok).toBe(true);
      // Streams that stay do not keep requests and scripts from their sessions.
      const others = await Promise.all([
        ...Array.from({ length: 8 }, () => node.docker("/version")),
        ...Array.from({ length: 8 }, () => node.script("true")),
      ]);
      expect(others.filter((one) => !one.ok)).toEqual([]);
    });

    test("by root's socket, and not by the one of a rootless engine that the user has as well", async () => {
      const own = `/run/user/$(id -u operator)/docker.sock`;
      await host.must(
        `mkdir -p "$(dirname ${own})"; systemd-run -q --unit=own systemd-socket-activate -l "${own}" /bin/cat`,
      );
      try {
        await host.must(`until [ -S "${own}" ]; do sleep 0.1; done; chown -R operator "$(dirname ${own})"`);
        const node = await connected({ user: "operator" }, secrets(password));
        expect(await node.docker()).toMatchObject(answers);
        expect(node.asked).toHaveLength(1);
      } finally {
        await host.must(`systemctl stop own; rm -rf "$(dirname ${own})"`);
      }
    });

    test("of root also by a command, wherever the user's own settings lead", async () => {
      await extraSshd(host, 2201, "AllowStreamLocalForwarding no");
      await host.must(
        'cp -p "$1" "$1.kept"; sed -i "1i export DOCKER_HOST=unix:///nowhere.sock" "$1"',
        "/home/dockeruser/.bashrc",
      );
      try {
        const node = await connected({ user: "dockeruser", port: 2201 });
        expect(await node.docker()).toMatchObject(answers);
      } finally {
        await host.must('mv "$1.kept" "$1"', "/home/dockeruser/.bashrc");
      }
    });

    test("or says what is missing where it forwards none and there is no docker command", async () => {
      await extraSshd(host, 2201, "AllowStreamLocalForwarding no");
      await host.must("mv /usr/bin/docker /usr/bin/docker.kept");
      try {
        const node = await connected({ port: 2201 });
        expect(await node.docker()).toMatchObject({ ok: false, trouble: { kind: "tool-missing", tool: "docker" } });
      } finally {
        await host.must("mv /usr/bin/docker.kept /usr/bin/docker");
      }
    });

    test.each(["root", "deploy", "operator"])(
      "and tells %s that the engine was stopped, and nobody is asked for that",
      async (user) => {
        await stopEngine();
        try {
          const node = await connected({ user });
          expect(await node.docker()).toEqual({ ok: false, trouble: { kind: "docker-stopped", detail: "inactive" } });
          expect(node.asked).toEqual([]);
          await startEngine();
          if (user !== "operator") expect(await node.docker()).toMatchObject(answers);
        } finally {
          await startEngine();
        }
      },
    );

    test("and tells that the engine was stopped also where it is reached by a command", async () => {
      await extraSshd(host, 2201, "AllowStreamLocalForwarding no");
      const node = await connected({ port: 2201 });
      expect(await node.docker()).toMatchObject(answers);
      await stopEngine();
      try {
        expect(await node.docker()).toMatchObject({ ok: false, trouble: { kind: "docker-stopped" } });
      } finally {
        await startEngine();
      }
      expect(await node.docker()).toMatchObject(answers);
    });

    test("and tells a socket that is gone from a host without Docker", async () => {
      await host.must("systemctl stop docker.socket docker; rm -f /run/docker.sock");
      await host.must("mv /usr/sbin/dockerd /usr/sbin/dockerd.kept");
      try {
        const node = await connected();
        expect(await node.docker()).toMatchObject({ ok: false, trouble: { kind: "docker-socket-missing" } });
        await host.must("mv /usr/bin/docker /usr/bin/docker.kept");
        expect(await node.docker()).toEqual({ ok: false, trouble: { kind: "docker-missing" } });
      } finally {
        await host.must("mv /usr/sbin/dockerd.kept /usr/sbin/dockerd; mv /usr/bin/docker.kept /usr/bin/docker");
        await startEngine();
      }
    });
  });

  describe("dials TCP", () => {
    test("to what listens on the host, and says what does not", async () => {
      const node = await connected();
      expect((await node.stream({ host: "127.0.0.1", port: 22 })).opened).toEqual({ ok: true, value: "open" });
      expect((await node.stream({ host: "127.0.0.1", port: 9 })).opened).toMatchObject({
        trouble: { kind: "connection-refused", port: 9 },
      });
      expect((await node.stream({ host: "nowhere.invalid", port: 9 })).opened).toMatchObject({
        trouble: { kind: "name-unresolved", host: "nowhere.invalid" },
      });
    });

    test("and says so where sshd forwards nothing", async () => {
      await extraSshd(host, 2202, "DisableForwarding yes");
      const node = await connected({ port: 2202 });
      expect((await node.stream({ host: "127.0.0.1", port: 22 })).opened).toMatchObject({
        trouble: { kind: "misconfigured", remedy: expect.stringContaining("AllowTcpForwarding") },
      });
      expect(await node.docker()).toMatchObject({ ok: true, value: { status: 200 } });
    });
  });

  describe("stands and falls", () => {
    test("an sshd that is killed is a link lost; streams break, and it comes back by itself", async () => {
      const node = await connected();
      const streams = [await node.stream(), await node.stream({ host: "127.0.0.1", port: 22 })];
      const running = node.script("sleep 60");
      await host.stopSshd();
      expect(await node.trouble("lost")).toMatchObject({ kind: "connection-lost" });
      expect(await running).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
      for (const stream of streams) await expect.poll(stream.end, patience).toBe("broken");
      const stillAway = { kind: expect.stringMatching(/^connection-(lost|refused)$/) };
      expect(await node.script("true")).toMatchObject({ ok: false, trouble: stillAway });
      await host.startSshd();
      await node.is("up");
      expect(value(await node.script("id -un")).stdout).toBe("root\n");
    });

    test("a host without sshd refuses, one that is gone does not answer, and it is tried again after longer waits", async () => {
      await host.must("systemctl stop ssh ssh.socket");
      ssh = await SshProcess.start(lab);
      const node = ssh.connect(spec);
      try {
        expect(await node.trouble("lost")).toEqual({ kind: "connection-refused", host: "192.168.44.103", port: 22 });
        const attempts = () => node.states.flatMap((state) => (state.state === "connecting" ? state.attempt : []));
        await expect.poll(() => Math.max(...attempts()), patience).toBeGreaterThan(2);
        const gone = ssh.connect({ ...spec, ssh: { ...spec.ssh, host: "192.168.44.250" as NodeSpec["ssh"]["host"] } });
        expect(await gone.trouble("lost")).toMatchObject({ kind: "unreachable", host: "192.168.44.250" });
      } finally {
        await host.must("systemctl start ssh");
      }
      await node.retryNow();
      await node.is("up");
    });

    test("a cable that is pulled is found out within a minute", async () => {
      const node = await connected();
      const stream = await node.stream();
      await host.link("down");
      try {
        const trouble = await node.trouble("lost", 60);
        expect(trouble.kind).toBe("timed-out");
        expect(node.states.map((state) => state.state)).toContain("slow");
        await expect.poll(stream.end, patience).toBe("broken");
      } finally {
        await host.link("up");
      }
      await node.retryNow();
      await node.is("up", 60);
    });

    test("a host that loses its power is lost, and live again once it has booted", async () => {
      const node = await connected();
      await host.powerOff();
      await node.trouble("lost", 60);
      await host.boot();
      await node.is("up", 90);
      expect(await node.docker()).toMatchObject({ ok: true, value: { status: 200 } });
    });

    test("a link that is closed leaves no login behind", async () => {
      const node = await connected({ user: "dockeruser" });
      const logins = () => host.run("pgrep -u dockeruser sshd");
      expect((await logins()).code).toBe(0);
      await node.close();
      expect(node.state?.state).toBe("closed");
      await expect.poll(async () => (await logins()).code, patience).toBe(1);
    });

    test("a host key that was replaced ends the trust, and a mended known_hosts brings it back", async () => {
      const node = await connected();
      await host.replaceHostKey();
      try {
        await host.must("pkill -KILL -f 'sshd: root' || :");
        expect(await node.trouble("refused", 60)).toMatchObject({
          kind: "host-key-changed",
          host: "192.168.44.103",
          keyType: "ssh-ed25519",
          fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
          knownIn: `${lab.places.knownHostsFile}:1`,
        });
        expect(node.asked).toEqual([]);
      } finally {
        lab.writeKnownHosts();
      }
      await node.retryNow();
      await node.is("up");
    });
  });
});
