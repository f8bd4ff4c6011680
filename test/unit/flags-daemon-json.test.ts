import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDaemonJson } from "../../src/domain/flags/daemon-json.ts";
import { jsonFault } from "../../src/domain/flags/json-fault.ts";

const path = "/etc/docker/daemon.json";
const read = (content: string) => parseDaemonJson({ path, content });
const values = (content: string): string[] =>
  read(content).settings.map(({ option, value }) => `${option.flag}=${value}`);
const parses = (source: string): boolean => {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
};

describe("what is wrong with a daemon.json", () => {
  test.each([
    ["a comma after the last member", '{\n  "debug": true,\n}', 'line 3 column 1: no comma before "}" is expected'],
    ["a forgotten comma", '{\n  "debug": true\n  "mtu": 1400\n}', 'line 3 column 3: "," or "}" is expected'],
    ["a name without quotes", "{\n  debug: true\n}", "line 2 column 3: a name in double quotes is expected"],
    ["single quotes", "{ 'debug': true }", "line 1 column 3: a name in double quotes is expected"],
    ["a comment", '{\n  "debug": // yes\n true }', "line 2 column 12: no comment (JSON has none) is expected"],
    ["a value of no kind", '{"debug": yes}', "line 1 column 11: a value is expected"],
    ["an end too early", '{"hosts": ["fd://"', 'line 1 column 19: "," or "]" is expected where the file ends'],
    ["text after the end", '{"debug": true}}', "line 1 column 16: nothing more is expected"],
    ["a list for a file", '["fd://"]', "line 1 column 1: an object in braces is expected"],
  ])("%s is told with line and column", (_, content, words) => {
    expect(read(content)).toEqual({ settings: [], keys: [], problem: `${path} ${words}` });
  });

  test.each([
    ['{\n  "hosts": "fd://"\n}', "line 2 column 3: hosts has to be a list in brackets"],
    ['{"debug": "true"}', "line 1 column 2: debug has to be true or false, without quotes"],
    ['{"mtu": "1400"}', "line 1 column 2: mtu has to be a number, without quotes"],
    ['{"log-opts": {"max-file": 3}}', "line 1 column 2: log-opts has to hold strings only, numbers in quotes too"],
    ['{"cluster-store": ["consul://a:8500"]}', "line 1 column 2: cluster-store has to be one string"],
    ['{"labels": {"a": "b"}}', "line 1 column 2: labels has to be a list in brackets"],
  ])("a value of the wrong type: %s", (content, words) => {
    expect(read(content).problem).toBe(`${path} ${words}`);
  });

  test("an empty file and null values say nothing and are no fault", () => {
    expect(read(" \n")).toEqual({ settings: [], keys: [], problem: undefined });
    expect(read('{"hosts": null}')).toEqual({ settings: [], keys: ["hosts"], problem: undefined });
  });

  test("a fault is found exactly where JSON.parse fails as well", () => {
    const unit = fc.constantFrom(..."{}[]:,\"\\/ \n0123-+.eEtruefalsn'x\u0001");
    const almost = fc
      .json()
      .chain((json) =>
        fc
          .record({ at: fc.nat(json.length), text: fc.string({ unit, maxLength: 2 }), gone: fc.nat(2) })
          .map(({ at, text, gone }) => json.slice(0, at) + text + json.slice(at + gone)),
      );
    fc.assert(
      fc.property(fc.oneof(almost, fc.string({ unit }), fc.json()), (source) => {
        expect(jsonFault(source) === undefined).toBe(parses(source));
      }),
      { numRuns: 3000 },
    );
  });

  test("a file nested without end is refused, not followed", () => {
    expect(jsonFault("[".repeat(100_000))?.words).toContain("fewer levels");
  });
});

describe("what a daemon.json sets", () => {
  test("names are the flags' names, lists and maps one value each", () => {
    expect(
      values(`{
        "hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2376"],
        "labels": ["role=manager"],
        "cluster-store": "consul://192.168.44.103:8500",
        "cluster-advertise": "ens33:2376",
        "cluster-store-opts": {"kv.cacertfile": "/etc/docker/ca.pem"},
        "insecure-registries": [],
        "live-restore": true,
        "mtu": 1400,
        "default-address-pools": [{"base": "10.200.0.0/16", "size": 24}],
        "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 2048, "Soft": 1024}},
        "features": {"containerd-snapshotter": true}
      }`),
    ).toEqual([
      "host=unix:///var/run/docker.sock",
      "host=tcp://0.0.0.0:2376",
      "label=role=manager",
      "cluster-store=consul://192.168.44.103:8500",
      "cluster-advertise=ens33:2376",
      "cluster-store-opt=kv.cacertfile=/etc/docker/ca.pem",
      "live-restore=true",
      "mtu=1400",
      "default-address-pool=base=10.200.0.0/16,size=24",
      "default-ulimit=nofile=1024:2048",
      "feature=containerd-snapshotter=true",
    ]);
  });

  test("a runtime is its path, or all that is said of it", () => {
    expect(
      values('{"runtimes": {"capless": {"path": "/usr/local/sbin/runc-capless"}, "kata": {"runtimeType": "k"}}}'),
    ).toEqual(["add-runtime=capless=/usr/local/sbin/runc-capless", 'add-runtime=kata={"runtimeType":"k"}']);
  });

  test("members of an object that is no option of its own count as dockerd counts them", () => {
    expect(read('{"proxies": {"http-proxy": "http://proxy:3128"}}').keys).toEqual(["http-proxy"]);
  });
});
