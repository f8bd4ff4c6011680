import { createHmac } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostKeys, KnownHostsFiles, UnreadableKnownHosts } from "../../src/adapters/ssh/host-keys.ts";
import {
  fingerprint,
  judge,
  keyTypeOf,
  knownLine,
  knownName,
  linesOf,
  matches,
  parseKnownHosts,
} from "../../src/adapters/ssh/known-hosts.ts";

/** A public key blob of that type; what follows the type is nobody's business here. */
function key(type: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)]);
}
const ours = key("ssh-ed25519", "ours");
const other = key("ssh-ed25519", "other");
const ecdsa = key("ecdsa-sha2-nistp256", "ours");
const base64 = (blob: Buffer) => blob.toString("base64");
const hashed = (name: string) =>
  `|1|c2FsdHNhbHRzYWx0c2FsdHNhbA==|${createHmac("sha1", Buffer.from("c2FsdHNhbHRzYWx0c2FsdHNhbA==", "base64")).update(name).digest("base64")}`;

const verdict = (content: string, host: string, shown: Buffer, port = 22) =>
  judge(linesOf(parseKnownHosts(content, "known_hosts"), host, port), shown);

describe("a host key", () => {
  test.each([
    ["by its plain name", `node103 ssh-ed25519 ${base64(ours)}`],
    ["among several names", `gw,node103,192.168.44.103 ssh-ed25519 ${base64(ours)}`],
    ["under a hashed name", `${hashed("node103")} ssh-ed25519 ${base64(ours)}`],
    ["by a wildcard", `node* ssh-ed25519 ${base64(ours)}`],
    ["by a wildcard for one character", `node10? ssh-ed25519 ${base64(ours)}`],
    ["whatever the case of its name", `NODE103 ssh-ed25519 ${base64(ours)}`],
    ["with a comment behind it", `node103 ssh-ed25519 ${base64(ours)} root@node103`],
    ["beside another key of the host", `node103 ssh-ed25519 ${base64(other)}\nnode103 ssh-ed25519 ${base64(ours)}`],
    ["after lines that make no sense", `#\n\nnonsense\n@what node103 x y\nnode103 ssh-ed25519 ${base64(ours)}`],
    ["in a file with Windows line ends", `# first\r\nnode103 ssh-ed25519 ${base64(ours)}\r\n`],
  ])("is known %s", (_, content) => {
    expect(verdict(content, "node103", ours)).toEqual({ verdict: "known" });
  });

  test.each([
    ["of an empty file", ""],
    ["of another host", `node104 ssh-ed25519 ${base64(ours)}`],
    ["that a negation takes out", `node*,!node103 ssh-ed25519 ${base64(ours)}`],
    ["under another host's hash", `${hashed("node104")} ssh-ed25519 ${base64(ours)}`],
    ["in a comment", `# node103 ssh-ed25519 ${base64(ours)}`],
    ["of the same host on another port", `[node103]:2222 ssh-ed25519 ${base64(ours)}`],
    [
      "of a certificate authority, whose certificates are not understood",
      `@cert-authority * ssh-ed25519 ${base64(ours)}`,
    ],
    ["of the first SSH protocol", "node103 1024 35 1234567890"],
    ["whose type is not what the line says", `node103 ssh-rsa ${base64(ours)}`],
  ])("is unknown by a line %s", (_, content) => {
    expect(verdict(content, "node103", ours)).toEqual({ verdict: "unknown" });
  });

  test("is changed when the host is known by another, and says where", () => {
    const content = `# kept\nnode103 ssh-ed25519 ${base64(other)}`;
    expect(verdict(content, "node103", ours)).toEqual({ verdict: "changed", place: "known_hosts:2" });
  });

  test("is changed also when only its type is new: a stranger may offer what nobody has seen", () => {
    expect(verdict(`node103 ssh-ed25519 ${base64(ours)}`, "node103", ecdsa)).toMatchObject({ verdict: "changed" });
  });

  test("is revoked whatever else is known of it", () => {
    const content = `node103 ssh-ed25519 ${base64(ours)}\n@revoked * ssh-ed25519 ${base64(ours)}`;
    expect(verdict(content, "node103", ours)).toEqual({ verdict: "revoked", place: "known_hosts:2" });
    expect(verdict(`@revoked node103 ssh-ed25519 ${base64(other)}`, "node103", ours)).toEqual({ verdict: "unknown" });
  });

  test("off port 22 is known by its own lines, else by the same key on port 22, which yet makes no other key a change", () => {
    const own = `[node103]:2222 ssh-ed25519 ${base64(ours)}`;
    const bare = `node103 ssh-ed25519 ${base64(ours)}`;
    expect(verdict(own, "node103", ours, 2222)).toEqual({ verdict: "known" });
    expect(verdict(own, "node103", other, 2222)).toMatchObject({ verdict: "changed" });
    expect(verdict(bare, "node103", ours, 2222)).toEqual({ verdict: "known" });
    expect(verdict(bare, "node103", other, 2222)).toEqual({ verdict: "unknown" });
    expect(verdict(`${own}\nnode103 ssh-ed25519 ${base64(other)}`, "node103", other, 2222)).toMatchObject({
      verdict: "changed",
    });
  });
});

describe("known_hosts", () => {
  const hostName = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
  const port = fc.integer({ min: 1, max: 65_535 });

  test("trusts for any host exactly the key whose line was added", () => {
    fc.assert(
      fc.property(hostName, port, fc.uint8Array({ minLength: 1 }), (host, at, bytes) => {
        const shown = key("ssh-ed25519", base64(Buffer.from(bytes)));
        const content = knownLine(knownName(host, at), shown);
        expect(verdict(content, host, shown, at)).toEqual({ verdict: "known" });
        expect(verdict(content, host, Buffer.concat([shown, Buffer.of(0)]), at)).toMatchObject({ verdict: "changed" });
        expect(verdict(content, `${host}x`, shown, at)).toEqual({ verdict: "unknown" });
      }),
    );
  });

  test("knows a name by its hash if and only if it is that name", () => {
    fc.assert(
      fc.property(hostName, hostName, (one, two) => {
        expect(matches(hashed(one), two)).toBe(one === two);
      }),
    );
  });

  test("matches wildcards as a regular expression of the same meaning does", () => {
    const pattern = fc.stringMatching(/^[ab*?]{0,10}$/);
    const name = fc.stringMatching(/^[ab]{0,10}$/);
    fc.assert(
      fc.property(pattern, name, (wild, plain) => {
        const same = new RegExp(`^${wild.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matches(wild, plain)).toBe(same.test(plain));
      }),
    );
  });

  test("takes any bytes at all without a throw, and trusts nobody for them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (content) => {
        expect(verdict(content, "node103", ours)).toEqual({ verdict: "unknown" });
      }),
    );
    expect(keyTypeOf(Buffer.of(0xff, 0xff, 0xff, 0xff, 1))).toBe("unknown");
    expect(keyTypeOf(Buffer.alloc(0))).toBe("unknown");
  });
});

test("a fingerprint is what ssh-keygen -l prints", () => {
  // ssh-keygen -lf of this key: SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU (GitHub's published host key)
  const github = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl", "base64");
  expect(fingerprint(github)).toBe("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
  expect(keyTypeOf(github)).toBe("ssh-ed25519");
});

describe("the files of a target", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ovl-known-hosts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const at = (name: string, content?: string): string => {
    const file = path.join(folder, name);
    if (content !== undefined) writeFileSync(file, content);
    return file;
  };
  function hostKeys(files: readonly string[], from = new KnownHostsFiles(), port = 22): HostKeys {
    const keys = new HostKeys({ host: "node103", port, files }, from);
    keys.load();
    return keys;
  }

  test("may be missing, and are all looked into", () => {
    const second = at("second", `node103 ssh-ed25519 ${base64(ours)}\n`);
    expect(hostKeys([at("missing"), second]).judge(ours)).toEqual({ verdict: "known" });
  });

  test("are read again as soon as they were changed", () => {
    const file = at("known_hosts", "");
    const from = new KnownHostsFiles();
    expect(hostKeys([file], from).judge(ours)).toEqual({ verdict: "unknown" });
    writeFileSync(file, `node103 ssh-ed25519 ${base64(ours)}\n`);
    expect(hostKeys([file], from).judge(ours)).toEqual({ verdict: "known" });
  });

  test("that cannot be read let nobody in", () => {
    mkdirSync(at("folder"));
    expect(() => hostKeys([at("folder")])).toThrow(UnreadableKnownHosts);
  });

  test("offer the type by which the host is known first, and never SHA-1", () => {
    const keys = hostKeys([at("known_hosts", `node103 ecdsa-sha2-nistp256 ${base64(ecdsa)}\n`)]);
    expect(keys.algorithms()[0]).toBe("ecdsa-sha2-nistp256");
    expect(keys.algorithms()).toContain("ssh-ed25519");
    expect(hostKeys([]).algorithms()[0]).toBe("ssh-ed25519");
    const rsa = hostKeys([at("rsa", `node103 ssh-rsa ${base64(key("ssh-rsa", "ours"))}\n`)]);
    expect(rsa.algorithms().slice(0, 2)).toEqual(["rsa-sha2-512", "rsa-sha2-256"]);
    expect(rsa.algorithms()).not.toContain("ssh-rsa");
  });

  test("get the remembered key as a line of its own, in a file that only its owner reads", () => {
    const file = path.join(folder, "new", "known_hosts");
    hostKeys([file], new KnownHostsFiles(), 2222).remember(ours);
    expect(readFileSync(file, "utf8")).toBe(`[node103]:2222 ssh-ed25519 ${base64(ours)}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const unfinished = at("unfinished", "node104 ssh-ed25519 AAAA");
    chmodSync(unfinished, 0o644);
    hostKeys([unfinished]).remember(ours);
    expect(readFileSync(unfinished, "utf8")).toBe(`node104 ssh-ed25519 AAAA\nnode103 ssh-ed25519 ${base64(ours)}\n`);
    expect(statSync(unfinished).mode & 0o777).toBe(0o644);
    expect(hostKeys([unfinished]).judge(ours)).toEqual({ verdict: "known" });
  });

  test("stay as they are when a key is accepted once, which then counts for every connection of this run", () => {
    const file = at("known_hosts");
    const from = new KnownHostsFiles();
    hostKeys([file], from).acceptOnce(ours);
    expect(hostKeys([file], from).judge(ours)).toEqual({ verdict: "known" });
    expect(hostKeys([file], from).judge(other)).toEqual({ verdict: "unknown" });
    expect(hostKeys([file]).judge(ours)).toEqual({ verdict: "unknown" });
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, `@revoked * ssh-ed25519 ${base64(ours)}\n`);
    expect(hostKeys([file], from).judge(ours)).toMatchObject({ verdict: "revoked" });
  });
});
