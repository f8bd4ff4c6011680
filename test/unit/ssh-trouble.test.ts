import { describe, expect, test } from "vitest";
import type { Login } from "../../src/adapters/ssh/login.ts";
import { createSshShared } from "../../src/adapters/ssh/shared.ts";
import { targetOf } from "../../src/adapters/ssh/ssh-config.ts";
import {
  channelTrouble,
  connectionTrouble,
  loginTrouble,
  type SshError,
  tcpTrouble,
} from "../../src/adapters/ssh/trouble.ts";
import { explain } from "../../src/domain/explain.ts";
import { asNodeName } from "../../src/domain/ids.ts";
import { clean, text } from "../../src/domain/text.ts";

const here = { home: "/home/ada", user: "ada", environment: {} };
const resolved = targetOf(
  { host: text`node103`, user: "root", port: 22, identityFile: undefined, knownHostsFile: undefined, jump: undefined },
  new Map([["hostname", ["192.168.44.103"]]]),
  here,
);
const target = resolved.ok ? resolved.value : expect.fail();
const error = (message: string, more: Partial<SshError> = {}): SshError => Object.assign(new Error(message), more);

describe("a connection that fails", () => {
  test("because the address to dial from is not there just now is this machine's trouble, and ends by itself", () => {
    const away = error("connect EADDRNOTAVAIL", { code: "EADDRNOTAVAIL" });
    expect(connectionTrouble(away, { ...target, localAddress: "10.8.0.2" })).toMatchObject({
      kind: "trouble-here",
      detail: expect.stringContaining("10.8.0.2"),
      remedy: expect.stringContaining("BindAddress"),
    });
    expect(connectionTrouble(away, target)).toMatchObject({ kind: "trouble-here" });
  });

  test.each([
    ["getaddrinfo ENOTFOUND", { code: "ENOTFOUND" }, "name-unresolved"],
    ["getaddrinfo EAI_AGAIN", { code: "EAI_AGAIN" }, "name-unresolved"],
    ["getaddrinfo EAI_FAIL node103", { code: "EAI_FAIL", syscall: "getaddrinfo" }, "name-unresolved"],
    ["connect ECONNREFUSED", { code: "ECONNREFUSED" }, "connection-refused"],
    ["connect EHOSTUNREACH", { code: "EHOSTUNREACH" }, "unreachable"],
    ["connect ENETUNREACH", { code: "ENETUNREACH" }, "unreachable"],
    ["connect ETIMEDOUT", { code: "ETIMEDOUT" }, "unreachable"],
    ["read ECONNRESET", { code: "ECONNRESET" }, "connection-lost"],
    ["Connection lost before handshake", { level: "protocol" }, "connection-lost"],
    ["Handshake failed: no matching key exchange algorithm", { level: "handshake" }, "misconfigured"],
    ["Keepalive timeout", { level: "client-timeout" }, "connection-lost"],
    ["whatever", {}, "connection-lost"],
  ])("with %j is %o: %s", (message, more, kind) => {
    expect(connectionTrouble(error(message, more), target).kind).toBe(kind);
  });

  test("without a word is lost too, and what a server says cannot reach the terminal raw", () => {
    expect(connectionTrouble(undefined, target)).toEqual({
      kind: "connection-lost",
      detail: "closed by the other side",
    });
    const evil = connectionTrouble(error("\u001b[2Jbye\u0007", { code: 7 }), target);
    expect(JSON.stringify(evil)).not.toMatch(/\\u001b|\\u0007/);
  });
});

describe("a login that fails", () => {
  const login = (more: Partial<Login>): Login => ({
    ssh2: undefined as unknown as Login["ssh2"],
    node: asNodeName("node103") ?? expect.fail(),
    target,
    prompter: { ask: async () => ({ kind: "refuse" }) },
    shared: createSshShared(),
    signal: new AbortController().signal,
    lifetime: new AbortController().signal,
    tried: [],
    notes: [],
    offered: [],
    asking: (question) => question(),
    ...more,
  });
  const exhausted = error("All configured authentication methods failed", { level: "client-authentication" });

  test("says what was tried, what stood in the way, and what to do", () => {
    const trouble = loginTrouble(
      exhausted,
      login({
        tried: [text`2 keys of the agent`, text`password`, text`password`],
        notes: [text`there is no /keys/lab`, text`there is no /keys/lab`],
        offered: ["publickey", "password"],
      }),
    );
    expect(trouble).toEqual({
      kind: "authentication-failed",
      user: "root",
      tried: ["2 keys of the agent", "password (2 times)"],
      hint: 'there is no /keys/lab; the server takes only: publickey, password; check the user, and put a public key there with "ssh-copy-id root@192.168.44.103"',
    });
    const words = explain(trouble ?? expect.fail(), text`node103`);
    expect(words.what).toContain("2 keys of the agent");
    expect(words.remedy).toMatch(/^node103: /);
  });

  test("at a server that takes passwords only does not speak of keys", () => {
    const trouble = loginTrouble(exhausted, login({ offered: ["password"] }));
    expect(trouble).toMatchObject({ hint: expect.not.stringContaining("ssh-copy-id") });
  });

  test("after too many tries asks for the right key, and is not tried again by itself", () => {
    const cutOff = error("Too many authentication failures", { code: 2 });
    expect(loginTrouble(cutOff, login({ offered: ["publickey"] }))).toMatchObject({
      kind: "authentication-failed",
      hint: "the server cut it off after too many tries; name the right key as identityFile in ovl.yaml",
    });
  });

  test("says what of ~/.ssh/config is not understood, which may be the reason", () => {
    const withCertificate = { ...target, ignored: ["CertificateFile"] };
    expect(loginTrouble(exhausted, login({ target: withCertificate }))).toMatchObject({
      hint: expect.stringContaining("not supported from ~/.ssh/config: CertificateFile"),
    });
  });

  test.each([
    [error("read ECONNRESET", { code: "ECONNRESET", level: "client-socket" })],
    [error("Too many connections", { code: 12 })],
    [undefined],
  ])("because the connection broke is none: %s", (broken) => {
    expect(loginTrouble(broken, login({}))).toBeUndefined();
  });
});

describe("a channel that does not open", () => {
  const refused = (message: string, reason = 2) => error(`(SSH) Channel open failure: ${message}`, { reason });

  test.each([
    [refused("Connection refused"), { kind: "connection-refused", port: 8500 }],
    [refused("Name or service not known"), { kind: "name-unresolved", host: "consul" }],
    [refused("No route to host"), { kind: "unreachable", detail: "No route to host" }],
    [refused("open failed", 1), { kind: "misconfigured", remedy: expect.stringContaining("AllowTcpForwarding") }],
    [error("Not connected"), { kind: "connection-lost" }],
  ])("to a port: %s", (failure, trouble) => {
    expect(tcpTrouble(failure, "consul", 8500)).toMatchObject(trouble);
  });

  test("for a command says that it was sshd", () => {
    expect(channelTrouble(refused("open failed"))).toMatchObject({ kind: "bad-answer", from: clean("sshd") });
  });
});
