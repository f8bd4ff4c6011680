import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  fingerprint,
  judge,
  keyTypeOf,
  knownLine,
  knownName,
  linesOf,
  parseKnownHosts,
} from "../../src/adapters/ssh/known-hosts.ts";

const isMissing = spawnSync("ssh-keygen", ["-?"]).error !== undefined;

/** OpenSSH's own ssh-keygen has the last word about known_hosts. */
describe.skipIf(isMissing)("as ssh-keygen sees it", () => {
  let folder: string;
  /** "type base64" of two keys that ssh-keygen made. */
  let ours: string;
  let other: string;

  const keygen = (...args: string[]): { status: number | null; output: string } => {
    const { status, stdout } = spawnSync("ssh-keygen", args, { encoding: "utf8" });
    return { status, output: stdout };
  };
  const file = (content: string): string => {
    const name = path.join(folder, "known_hosts");
    writeFileSync(name, content);
    return name;
  };
  const blob = (key: string): Buffer => Buffer.from(key.split(" ")[1] ?? "", "base64");
  function made(name: string, ...type: string[]): string {
    const at = path.join(folder, name);
    expect(keygen("-q", "-N", "", "-C", "", "-f", at, "-t", ...type).status).toBe(0);
    return readFileSync(`${at}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
  }
  /** The lines, by number, that ssh-keygen finds for a host: "# Host NAME found: line 3 REVOKED". */
  const found = (known: string, name: string): number[] =>
    [...keygen("-F", name, "-f", known).output.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
  /** The same of ours. */
  const matched = (content: string, host: string, port = 22): number[] =>
    linesOf(parseKnownHosts(content, ""), host, port)
      .filter((one) => one.borrowed !== true)
      .map((one) => Number(one.place.slice(1)));

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ovl-keygen-"));
    ours = made("ours", "ed25519");
    other = made("other", "ecdsa");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([["ed25519"], ["ecdsa", "-b", "384"], ["rsa", "-b", "2048"]])(
    "the fingerprint of a key of type %s is the same",
    (...type) => {
      const key = made(`printed-${type[0]}`, ...type);
      const [, shown] = keygen("-lf", path.join(folder, `printed-${type[0]}.pub`)).output.split(" ");
      expect(fingerprint(blob(key))).toBe(shown);
      expect(keyTypeOf(blob(key))).toBe(key.split(" ")[0]);
    },
  );

  test.each([
    ["node103", 22],
    ["192.168.44.103", 22],
    ["node103", 2222],
    ["fe80::1", 22],
    ["fe80::1", 2222],
  ])("the line that makes %s on port %i known is found, also once it is hashed", (host, port) => {
    const shown = blob(ours);
    const known = file(`${knownLine(knownName(host, port), shown)}\n`);
    expect(found(known, knownName(host, port))).toEqual([1]);
    expect(keygen("-H", "-f", known).status).toBe(0);
    const hashed = readFileSync(known, "utf8");
    expect(hashed).toMatch(/^\|1\|/);
    expect(judge(linesOf(parseKnownHosts(hashed, known), host, port), shown)).toEqual({ verdict: "known" });
    expect(judge(linesOf(parseKnownHosts(hashed, known), "node104", port), shown)).toEqual({ verdict: "unknown" });
  });

  test("of many kinds of lines the same ones speak of a host", () => {
    const name = fc.constantFrom("node103", "node10", "NODE103", "lab", "192.168.44.103", "node103.lab");
    const pattern = fc.oneof(
      name,
      name.map((one) => `[${one}]:2222`),
      fc.constantFrom("*", "node*", "node10?", "!node103", "!*.lab", "*.lab", "[node*]:2222", "192.168.44.*", "?????"),
    );
    const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((many) => many.join(","));
    const line = fc.oneof(
      { weight: 6, arbitrary: patterns.map((one) => (key: string) => `${one} ${key}`) },
      { weight: 1, arbitrary: patterns.map((one) => (key: string) => `@revoked ${one} ${key}`) },
      { weight: 1, arbitrary: patterns.map((one) => (key: string) => `@cert-authority ${one} ${key} comment`) },
      { weight: 1, arbitrary: patterns.map((one) => (key: string) => `  ${one}\t${key}  root@host`) },
      {
        weight: 1,
        arbitrary: fc.constantFrom("", "# node103", "#node103 x y", "nonsense").map((broken) => () => broken),
      },
    );
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        name,
        fc.constantFrom(22, 2222),
        (lines, host, port) => {
          const content = `${lines.map((one, index) => one(index % 2 === 0 ? ours : other)).join("\n")}\n`;
          expect(matched(content, host, port)).toEqual(found(file(content), knownName(host, port)));
        },
      ),
      { numRuns: 150 },
    );
  });
});
