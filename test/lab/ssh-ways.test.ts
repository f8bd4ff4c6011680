import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { NodeSpec } from "../../src/domain/spec/spec.ts";
import { done } from "./command.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import type { SshProcess } from "./ssh-process.ts";
import { SshTrial } from "./ssh-trial.ts";
import { extraSshd } from "./sshd.ts";

const patience = { timeout: 60_000 };

onRealHosts("finding the way", () => {
  const trial = new SshTrial("ssh-ways");
  const inFiles = (name: string): string => trial.file(name);

  describe("to a host whose key", () => {
    const hostKey = (type: string) =>
      trial.host.must(`cut -d " " -f 1,2 /etc/ssh/ssh_host_${type}_key.pub`).then((line) => line.trim());

    test("nobody knows asks with the fingerprint that ssh-keygen shows, and can be accepted for now", async () => {
      const knownHostsFile = inFiles("not-there-yet");
      const shown = (await trial.host.must("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")).split(" ")[1];
      const one = await trial.begun({ knownHostsFile }, (_, answer) => answer({ kind: "accept-once" }));
      await one.is("up");
      expect(one.asked).toEqual([
        {
          kind: "host-key",
          node: "node103",
          host: "192.168.44.103",
          keyType: "ssh-ed25519",
          fingerprint: shown,
          file: knownHostsFile,
        },
      ]);
      expect(statSync(knownHostsFile, { throwIfNoEntry: false })).toBeUndefined();
      await trial.host.must("pkill -KILL -f 'sshd: root' || :");
      await one.is("lost");
      await one.is("up");
      expect(one.asked).toHaveLength(1);
    });

    test("is accepted for good is known to ssh too", async () => {
      const knownHostsFile = path.join(trial.folder, "kept", "known_hosts");
      const one = await trial.begun({ knownHostsFile }, (_, answer) => answer({ kind: "accept-and-remember" }));
      await one.is("up");
      expect(readFileSync(knownHostsFile, "utf8")).toBe(`192.168.44.103 ${await hostKey("ed25519")}\n`);
      expect(statSync(knownHostsFile).mode & 0o777).toBe(0o600);
      const plain = ["-F", "none", "-i", trial.lab.places.keyFile, "-o", `UserKnownHostsFile=${knownHostsFile}`];
      const strict = ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"];
      expect(await done(trial.lab.inSwitch(["ssh", ...plain, ...strict, "root@192.168.44.103", "id -un"]))).toBe(
        "root\n",
      );
      const again = await trial.begun({ knownHostsFile });
      await again.is("up");
      expect(again.asked).toEqual([]);
    });

    test("is refused says the line that would trust it, and that line does", async () => {
      const one = await trial.begun({ knownHostsFile: inFiles("nobody") });
      const trouble = await one.trouble();
      if (trouble.kind !== "host-key-unknown") expect.fail(trouble.kind);
      expect(trouble.line).toBe(`192.168.44.103 ${await hostKey("ed25519")}`);
      trial.file("nobody", `${trouble.line}\n`);
      await one.retryNow();
      await one.is("up");
      expect(one.asked).toHaveLength(1);
    });

    test.each(["ecdsa", "rsa"])("is known by its %s key alone is known", async (type) => {
      const one = await trial.begun({ knownHostsFile: trial.file(type, `192.168.44.103 ${await hostKey(type)}\n`) });
      await one.is("up");
      expect(one.asked).toEqual([]);
    });

    test("is known by a hashed name is known", async () => {
      const hashed = trial.file("hashed", `192.168.44.103 ${await hostKey("ed25519")}\n`);
      await done(["ssh-keygen", "-H", "-f", hashed]);
      expect(readFileSync(hashed, "utf8")).toMatch(/^\|1\|/);
      await (await trial.begun({ knownHostsFile: hashed })).is("up");
    });

    test("is revoked is refused without a question", async () => {
      const key = await hostKey("ed25519");
      const knownHostsFile = trial.file("revoked", `192.168.44.103 ${key}\n@revoked * ${key}\n`);
      const one = await trial.begun({ knownHostsFile });
      expect(await one.trouble()).toMatchObject({ kind: "host-key-revoked", knownIn: `${knownHostsFile}:2` });
      expect(one.asked).toEqual([]);
    });

    test("cannot be looked up is not trusted", async () => {
      mkdirSync(inFiles("a-folder"));
      const one = await trial.begun({ knownHostsFile: inFiles("a-folder") });
      expect(await one.trouble()).toMatchObject({
        kind: "misconfigured",
        detail: expect.stringContaining("cannot be read (EISDIR)"),
      });
    });
  });

  test("to an sshd with which no way to exchange keys is shared says what it would have to offer", async () => {
    await extraSshd(trial.host, 2220, "KexAlgorithms sntrup761x25519-sha512@openssh.com");
    const one = await trial.begun({ port: 2220 });
    expect(await one.trouble()).toMatchObject({
      kind: "misconfigured",
      detail: expect.stringContaining("no matching key exchange algorithm"),
      remedy: expect.stringContaining("curve25519-sha256"),
    });
  });

  describe("through a bastion", () => {
    const connections = async () =>
      (await trial.host.must("ss -Htn state established 'sport = :22'")).split("\n").filter((line) => line !== "")
        .length;

    test("uses one connection for all nodes behind it, checks each key under its own name, and closes it with the last", async () => {
      await expect.poll(connections, patience).toBe(0);
      const ssh = await trial.program();
      const behind = [0, 1].map((index) => ssh.connect(trial.node(index, { jump: "root@192.168.44.103" })));
      for (const one of behind) await one.is("up");
      // The bastion's own, and the one from there to node103 as a host behind it.
      expect(await connections()).toBe(2);
      const ran = await Promise.all(behind.map((one) => one.script("hostname")));
      expect(ran).toMatchObject([{ value: { stdout: "node103\n" } }, { value: { stdout: "node104\n" } }]);
      expect(await behind[1]?.docker()).toMatchObject({ ok: true, value: { status: 200 } });
      for (const one of behind) await one.close();
      await expect.poll(connections, patience).toBe(0);
    });

    test("several hops in a row", async () => {
      const ssh = await trial.program();
      const one = ssh.connect(
        trial.node(1, { jump: "root@192.168.44.103,root@192.168.44.104,root@192.168.44.103:22" }),
      );
      await one.is("up");
      expect(await one.script("hostname")).toMatchObject({ value: { stdout: "node104\n" } });
    });

    test("whose key nobody knows asks for that key, then for the host's own", async () => {
      const ssh = await trial.program();
      const one = ssh.connect(
        trial.node(1, { jump: "root@192.168.44.103", knownHostsFile: inFiles("none-at-all") }),
        (_, answer) => answer({ kind: "accept-once" }),
      );
      await one.is("up");
      expect(one.asked.map((question) => question.kind === "host-key" && question.host)).toEqual([
        "192.168.44.103",
        "192.168.44.104",
      ]);
    });

    test("that falls is what is said of the nodes behind it, which come back with it", async () => {
      const ssh = await trial.program();
      const one = ssh.connect(trial.node(1, { jump: "root@192.168.44.103" }));
      await one.is("up");
      await trial.host.stopSshd();
      const down = { kind: "bastion-down", bastion: "root@192.168.44.103", detail: "connection refused on port 22" };
      await expect
        .poll(() => one.states.filter((state) => state.state === "lost").at(-1), patience)
        .toMatchObject({ trouble: down });
      await one.is("lost");
      await trial.host.startSshd();
      await one.is("up");
    });

    test("that cannot reach the host says so, and that forwards nothing too", async () => {
      const ssh = await trial.program();
      const away = ssh.connect(trial.node(1, { host: "192.168.44.104", port: 9, jump: "root@192.168.44.103" }));
      expect(await away.trouble("lost")).toMatchObject({ kind: "connection-refused", port: 9 });
      await extraSshd(trial.host, 2214, "AllowTcpForwarding no");
      const closed = ssh.connect(trial.node(1, { jump: "root@192.168.44.103:2214" }));
      expect(await closed.trouble()).toMatchObject({
        kind: "misconfigured",
        detail: "bastion root@192.168.44.103:2214: its sshd does not forward TCP",
      });
    });

    test("that hangs is found out, and so are the nodes behind it", async () => {
      const ssh = await trial.program();
      const one = ssh.connect(trial.node(1, { jump: "root@192.168.44.103" }));
      await one.is("up");
      await trial.host.link("down");
      try {
        await one.is("lost", 60);
        await expect
          .poll(() => one.states.filter((state) => state.state === "lost").at(-1), { timeout: 60_000 })
          .toMatchObject({ trouble: { kind: "bastion-down" } });
      } finally {
        await trial.host.link("up");
      }
      await one.retryNow();
      await one.is("up", 60);
    });
  });

  describe("by an alias of ~/.ssh/config", () => {
    /** ssh finds its configuration by the passwd file: a command of the same name goes before it. */
    async function configured(...lines: readonly string[]): Promise<SshProcess> {
      const bin = path.join(trial.folder, "bin");
      mkdirSync(bin, { recursive: true });
      const own = (await done(["sh", "-c", "command -v ssh"])).trim();
      writeFileSync(
        path.join(bin, "ssh"),
        `#!/bin/sh\nexec ${own} -F ${trial.file("config", lines.join("\n"))} "$@"\n`,
        {
          mode: 0o755,
        },
      );
      return trial.program({ PATH: `${bin}:${process.env.PATH}` });
    }
    const alias = (host: string): NodeSpec => {
      const unset = { user: undefined, port: undefined, identityFile: undefined, knownHostsFile: undefined };
      return trial.node(1, { host, ...unset });
    };

    test("takes address, user, key, known_hosts and bastion from there", async () => {
      const program = await configured(
        "Host far",
        "  HostName 192.168.44.104",
        "  ProxyJump gate",
        "Host gate",
        "  HostName 192.168.44.103",
        "Host *",
        "  User root",
        `  IdentityFile ${trial.lab.places.keyFile}`,
        `  UserKnownHostsFile ${trial.lab.places.knownHostsFile}`,
      );
      const one = program.connect(alias("far"));
      await one.is("up");
      expect(await one.script("hostname; id -un")).toMatchObject({ value: { stdout: "node104\nroot\n" } });
    });

    test("that leads through itself is refused", async () => {
      const program = await configured(
        "Host far",
        "  ProxyJump gate",
        "Host gate",
        "  ProxyJump other",
        "Host other",
        "  ProxyJump gate",
      );
      expect(await program.connect(alias("far")).trouble()).toMatchObject({
        kind: "misconfigured",
        remedy: expect.stringContaining("ProxyJump"),
      });
    });

    test("that nobody knows is no name", async () => {
      const program = await configured("Host *", "  User root");
      expect(await program.connect(alias("nowhere.invalid")).trouble("lost")).toEqual({
        kind: "name-unresolved",
        host: "nowhere.invalid",
      });
    });

    test("that has a ProxyCommand, or a configuration that ssh refuses, says what to do", async () => {
      const program = await configured("Host far", "  ProxyCommand nc %h %p");
      expect(await program.connect(alias("far")).trouble()).toMatchObject({ kind: "misconfigured" });
      trial.file("config", "Bogus yes\n");
      expect(await program.connect(alias("far")).trouble()).toMatchObject({
        kind: "misconfigured",
        detail: expect.stringContaining("Bad configuration option: bogus"),
      });
    });
  });
});
