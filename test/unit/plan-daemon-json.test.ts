import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeDaemonJson } from "../../src/domain/plan/daemon-json.ts";
import { unifiedDiff } from "../../src/domain/plan/diff.ts";

const path = "/etc/docker/daemon.json";
const keys = { "cluster-store": "consul://192.168.44.103:8500", "cluster-advertise": "ens33:2376" };

function merged(content: string | undefined, wanted: Parameters<typeof mergeDaemonJson>[2] = keys): string {
  const result = mergeDaemonJson(path, content, wanted);
  if (!result.ok) throw new Error(result.problem);
  return result.content;
}
const without = { "cluster-store": undefined, "cluster-advertise": undefined };

describe("keys merged into daemon.json", () => {
  test("make a file where there is none, or nothing in it", () => {
    const whole = '{\n  "cluster-store": "consul://192.168.44.103:8500",\n  "cluster-advertise": "ens33:2376"\n}\n';
    expect(merged(undefined)).toBe(whole);
    expect(merged("  \n")).toBe(whole);
  });

  test("leave everything else as it is written: indent, order, nested objects, the end of the file", () => {
    const before = '{\n    "runtimes": { "lab": { "path": "/usr/bin/lab" } },\n    "debug": true\n}';
    expect(merged(before)).toBe(
      '{\n    "runtimes": { "lab": { "path": "/usr/bin/lab" } },\n    "debug": true,\n' +
        '    "cluster-store": "consul://192.168.44.103:8500",\n    "cluster-advertise": "ens33:2376"\n}',
    );
  });

  test("are written with the file's own tabs and line ends", () => {
    expect(merged('{\r\n\t"debug": true\r\n}\r\n')).toBe(
      '{\r\n\t"debug": true,\r\n\t"cluster-store": "consul://192.168.44.103:8500",\r\n\t"cluster-advertise": "ens33:2376"\r\n}\r\n',
    );
  });

  test("stay on the one line of a file of one line", () => {
    expect(merged('{"debug":true}')).not.toContain("\n");
  });

  test("change a value where it stands", () => {
    expect(
      merged('{\n  "cluster-store": "etcd://a:2379",\n  "debug": true\n}\n', { "cluster-store": "etcd://b:2379" }),
    ).toBe('{\n  "cluster-store": "etcd://b:2379",\n  "debug": true\n}\n');
  });

  test("settle a key that is there twice, of which dockerd takes the last, and one within another object", () => {
    expect(JSON.parse(merged('{ "cluster-store": "a", "cluster-store": "b" }'))).toEqual(keys);
    expect(JSON.parse(merged('{\n  "group": { "cluster-store": "a", "mtu": 1400 }\n}'))).toEqual({
      group: { mtu: 1400 },
      ...keys,
    });
  });

  test("keep a byte order mark, which dockerd may have been fed by an editor", () => {
    expect(merged('\ufeff{\n  "debug": true\n}\n')).toMatch(/^\ufeff\{\n {2}"debug": true,/);
  });

  test("are the same when they are merged again", () => {
    const once = merged('{ "debug": true }');
    expect(merged(once)).toBe(once);
  });

  test("whatever the file holds: all of it is kept, and taking the keys out again leaves it as it was", () => {
    const names = fc.stringMatching(/^[a-z-]{1,12}$/).filter((name) => !(name in keys) && name !== "toString");
    const values = fc.oneof(fc.string(), fc.dictionary(names, fc.integer(), { maxKeys: 2 }));
    const labels = fc.dictionary(
      names.map((name) => `x-${name}`),
      values,
      { minKeys: 1, maxKeys: 5 },
    );
    fc.assert(
      fc.property(labels, fc.constantFrom(2, 4, "\t"), fc.constantFrom("", "\n"), (content, indent, end) => {
        const before = JSON.stringify(content, null, indent) + end;
        const after = merged(before);
        expect(JSON.parse(after)).toEqual({ ...content, ...keys });
        expect(merged(after, without)).toBe(before);
      }),
    );
  });
});

describe("a daemon.json that dockerd would not take", () => {
  test("is told with line and column, and never written over", () => {
    expect(mergeDaemonJson(path, '{\n  "debug": true,\n}\n', keys)).toEqual({
      ok: false,
      problem: '/etc/docker/daemon.json line 3 column 1: no comma before "}" is expected',
    });
    expect(mergeDaemonJson(path, "[]", keys)).toMatchObject({ ok: false });
    expect(mergeDaemonJson(path, '{ "debug": "true" }', keys)).toMatchObject({ ok: false });
  });
});

describe("the preview of an edit", () => {
  test("is a unified diff with three lines around the change", () => {
    const before = '{\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4\n}\n';
    expect(unifiedDiff(before, before.replace('"d": 4', '"d": 5'))).toEqual(
      ["@@ -2,5 +2,5 @@", '   "a": 1,', '   "b": 2,', '   "c": 3,', '-  "d": 4', '+  "d": 5', " }"].map((line, i) =>
        i === 1 ? '   "a": 1,' : line,
      ),
    );
  });

  test("of a new file shows all of it, of one that goes what it held", () => {
    expect(unifiedDiff("", "a\nb\n")).toEqual(["@@ -0,0 +1,2 @@", "+a", "+b"]);
    expect(unifiedDiff("a\n", "")).toEqual(["@@ -1 +0,0 @@", "-a"]);
  });

  test("covers secrets on the lines around it", () => {
    const shown = unifiedDiff(
      '{\n  "log-opts": {\n    "splunk-token": "s3cr3t"\n  },\n  "x": "http://me:hunter2@proxy"\n}\n',
      '{\n  "log-opts": {\n    "splunk-token": "s3cr3t"\n  },\n  "x": "http://me:hunter2@proxy",\n  "y": 1\n}\n',
    ).join("\n");
    expect(shown).toContain('"splunk-token": "***"');
    expect(shown).not.toMatch(/s3cr3t|hunter2/);
  });
});
