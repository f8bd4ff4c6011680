import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseSshOptions, resolveTarget, targetOf } from "../../src/adapters/ssh/ssh-config.ts";
import type { SshTarget } from "../../src/domain/spec/spec.ts";
import { clean } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";

const around = { home: "/home/ada", user: "ada", environment: { SSH_AUTH_SOCK: "/run/agent", KEYS: "/keys" } };

/** A node of ovl.yaml that names nothing but its host. */
const wanted = (more: Partial<Omit<SshTarget, "host">> & { host?: string } = {}): SshTarget => ({
  user: undefined,
  port: undefined,
  identityFile: undefined,
  knownHostsFile: undefined,
  jump: undefined,
  ...more,
  host: clean(more.host ?? "node103"),
});

const value = <T>(outcome: Outcome<T>): T =>
  outcome.ok ? outcome.value : expect.fail(JSON.stringify(outcome.trouble));
const target = (printed: string, more?: Parameters<typeof wanted>[0]) =>
  value(targetOf(wanted(more), parseSshOptions(printed), around));

/** What OpenSSH 9.2 prints for an alias of this configuration, in parts:
 * Host node103
 *   HostName 192.168.44.103
 *   User operator
 *   Port 2222
 *   IdentityFile ~/.ssh/lab_%r
 *   IdentityFile ${KEYS}/%h
 *   IdentitiesOnly yes
 *   UserKnownHostsFile ~/.ssh/known_hosts_lab
 *   HostKeyAlias node103.lab
 *   ProxyJump gate,root@inner:2200
 */
const printed = `host node103
user operator
hostname 192.168.44.103
port 2222
addressfamily any
identitiesonly yes
stricthostkeychecking no
hostkeyalias node103.lab
identityfile ~/.ssh/lab_%r
identityfile \${KEYS}/%h
certificatefile ~/.ssh/lab-cert.pub
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile /home/ada/.ssh/known_hosts_lab
sendenv LANG
sendenv LC_*
proxyjump gate,root@inner:2200
`;

describe("~/.ssh/config", () => {
  test("says how to reach an alias", () => {
    expect(target(printed)).toEqual({
      alias: "node103",
      host: "192.168.44.103",
      port: 2222,
      user: "operator",
      hostKeyAlias: "node103.lab",
      identityFiles: [
        { file: "/home/ada/.ssh/lab_operator", named: true },
        { file: "/keys/192.168.44.103", named: true },
      ],
      identitiesOnly: true,
      agent: "/run/agent",
      knownHostsFiles: ["/home/ada/.ssh/known_hosts_lab", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
      localAddress: undefined,
      addressFamily: undefined,
      jumps: ["gate", "root@inner:2200"],
      ignored: ["CertificateFile"],
    });
  });

  test("gives way to what ovl.yaml says of the node", () => {
    const own = target(printed, {
      user: "root",
      port: 22,
      identityFile: "/keys/own",
      knownHostsFile: "/lab/known_hosts",
      jump: "other",
    });
    expect(own).toMatchObject({
      host: "192.168.44.103",
      user: "root",
      port: 22,
      identityFiles: [{ file: "/keys/own", named: true }],
      knownHostsFiles: ["/lab/known_hosts"],
      jumps: ["other"],
    });
    expect(target(printed, { jump: "none" }).jumps).toEqual([]);
  });

  test("that has a ProxyCommand is refused with a way out, unless ovl.yaml names a jump", () => {
    const command = "hostname node103\nproxycommand nc -x proxy:1080 %h %p\n";
    expect(targetOf(wanted(), parseSshOptions(command), around)).toMatchObject({
      ok: false,
      trouble: { kind: "misconfigured", remedy: expect.stringContaining("ProxyJump") },
    });
    expect(target(command, { jump: "gate" }).jumps).toEqual(["gate"]);
    expect(target("proxycommand none\n").jumps).toEqual([]);
  });

  test.each([
    ["", "/run/agent"],
    ["identityagent none", undefined],
    ["identityagent SSH_AUTH_SOCK", "/run/agent"],
    ["identityagent $KEYS", "/keys"],
    ["identityagent ~/agent.sock", "/home/ada/agent.sock"],
    [`identityagent \${KEYS}/agent`, "/keys/agent"],
  ])("with %j finds the agent at %s", (line, agent) => {
    expect(target(`${line}\n`).agent).toBe(agent);
  });

  test("may pin the address family and the address it comes from", () => {
    expect(target("addressfamily inet6\nbindaddress 10.0.0.1\n")).toMatchObject({
      addressFamily: 6,
      localAddress: "10.0.0.1",
    });
  });

  test("takes only ssh's own usual keys for guesses", () => {
    const files = target("identityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ed25519\nidentityfile ~/.ssh/work\n");
    expect(files.identityFiles.map(({ named }) => named)).toEqual([false, false, true]);
  });
});

describe("without ssh", () => {
  test("the node's own keys and ssh's defaults have to do", () => {
    const alone = target("");
    expect(alone).toMatchObject({ host: "node103", port: 22, user: "ada", jumps: [], knownHostsFiles: undefined });
    expect(alone.identityFiles).toContainEqual({ file: "/home/ada/.ssh/id_ed25519", named: false });
  });

  test("somebody has to say the user's name", () => {
    expect(targetOf(wanted(), new Map(), { ...around, user: undefined })).toMatchObject({
      ok: false,
      trouble: { kind: "misconfigured", remedy: "name the user in ovl.yaml" },
    });
  });

  test("an IPv6 address is known without its brackets", () => {
    expect(target("", { host: "[fe80::1%eth0]" }).host).toBe("fe80::1%eth0");
  });
});

describe("ssh, asked for its configuration,", () => {
  /** A program in the place of ssh. */
  const ssh = (script: string, mode = 0o755) => {
    const program = path.join(mkdtempSync(path.join(tmpdir(), "ovl-tui-ssh-")), "ssh");
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode });
    return program;
  };

  test.each([
    ["that does not end", "exec sleep 60", 0o755, "did not end in 0.2 s"],
    ["that is killed", "kill -KILL $$", 0o755, "was ended by SIGKILL"],
    ["that cannot be started", "exit 0", 0o644, "cannot be run (EACCES)"],
  ])("%s is trouble here, which ends by itself", async (_, script, mode, words) => {
    expect(await resolveTarget(wanted(), { program: ssh(script, mode), ms: 200 })).toMatchObject({
      ok: false,
      trouble: { kind: "trouble-here", detail: expect.stringContaining(words) },
    });
  });

  test("that refuses its configuration waits for the operator", async () => {
    const program = ssh("echo 'config line 3: Bad configuration option: foo' >&2; exit 255");
    expect(await resolveTarget(wanted(), { program, ms: 5000 })).toMatchObject({
      ok: false,
      trouble: { kind: "misconfigured", detail: expect.stringContaining("Bad configuration option: foo") },
    });
  });

  test("that is not there leaves it to ovl.yaml", async () => {
    const program = path.join(tmpdir(), "no-such-ssh");
    expect(value(await resolveTarget(wanted({ user: "ops" }), { program, ms: 5000 })).user).toBe("ops");
  });
});

describe("what is no host name reaches no command line", () => {
  test.each(["-oProxyCommand=id", "a b", "a;id", "$(id)", "`id`", "a\nb", "", "%h|id", "a'b"])("%j", async (host) => {
    expect(await resolveTarget(wanted({ host }))).toMatchObject({
      ok: false,
      trouble: { kind: "misconfigured", detail: expect.stringContaining("no host name") },
    });
  });

  test.each(["-l", "a b", "$(id)", "a;b", "root\n"])("nor %j, which is no user name", async (user) => {
    expect(await resolveTarget(wanted({ user }))).toMatchObject({
      ok: false,
      trouble: { kind: "misconfigured", detail: expect.stringContaining("no user name") },
    });
  });
});
