import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSpec, type SpecProblem } from "../../src/domain/spec/parse.ts";
import type { Spec } from "../../src/domain/spec/spec.ts";

const around = { file: "/clusters/ovl.yaml", home: "/home/op", resolve: path.posix.resolve };

const classic = `version: 1
cluster: bigcomputing
nodes:
  - name: node103
    ssh: root@192.168.44.103   # the first
    advertise: ens33
  - name: node104
    ssh: root@192.168.44.104:2222
    advertise: ens33
    identityFile: keys/node104
ssh:
  identityFile: ~/.ssh/id_ed25519
  knownHostsFile: ~/.ssh/known_hosts
store:
  kind: consul
  node: node103
  image: consul:1.8.7
networks:
  - name: ov_net1
    subnet: 10.10.10.0/24
containers:
  - { name: node2, node: node103, image: big_computing, network: ov_net1, privileged: true, command: [/usr/sbin/init] }
condor:
  manager: node2
`;

const spec = (content: string): Spec => {
  const result = parseSpec(content, around);
  if (!result.ok) throw new Error(result.problems.map((one) => one.message).join("\n"));
  return result.spec;
};

const problems = (content: string): SpecProblem[] => {
  const result = parseSpec(content, around);
  return result.ok ? [] : result.problems;
};

/** Line and column, both from 1, of the first place of `needle` in the file. */
const placeOf = (content: string, needle: string) => {
  const before = content.slice(0, content.indexOf(needle)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

describe("a good file", () => {
  test("is read with its defaults filled in and its paths made absolute", () => {
    const seen = spec(classic);
    expect(seen.nodes[0]?.ssh).toEqual({
      host: "192.168.44.103",
      user: "root",
      port: undefined,
      identityFile: "/home/op/.ssh/id_ed25519",
      knownHostsFile: "/home/op/.ssh/known_hosts",
      jump: undefined,
    });
    expect(seen.nodes[1]?.ssh).toMatchObject({ port: 2222, identityFile: "/clusters/keys/node104" });
    expect(seen.engine).toEqual({ mode: "auto", listen: "none" });
    expect(seen.store).toMatchObject({ at: "nodes", kind: "consul", port: 8500, nodes: ["node103"] });
    expect(seen.networks[0]).toMatchObject({ driver: "overlay", subnet: "10.10.10.0/24" });
    expect(seen.containers[0]).toMatchObject({ privileged: true, remove: false, environment: {} });
    expect(seen.condor).toMatchObject({ security: "password", execute: [], domain: "bigcomputing" });
    expect(seen.readOnly).toBe(false);
  });

  test("takes a store that exists by its endpoints, IPv6 too", () => {
    const file = classic.replace("  node: node103\n", '  endpoints: ["10.0.0.5:8500", "[fd00::5]:8501"]\n');
    expect(spec(file).store).toMatchObject({
      at: "endpoints",
      endpoints: [
        { host: "10.0.0.5", port: 8500 },
        { host: "fd00::5", port: 8501 },
      ],
    });
  });
});

describe("a bad file says line, column and what was expected", () => {
  const cases: [string, string, string, string, RegExp][] = [
    [
      "an unknown key",
      "advertise: ens33",
      "advertize: ens33",
      "advertize",
      /unknown key "advertize" in nodes\[0\].*advertise/,
    ],
    ["an unknown key at the top", "condor:", "condors:", "condors", /unknown key "condors" in the file.*condor/],
    [
      "a wrong type",
      "privileged: true",
      'privileged: "yes"',
      '"yes"',
      /containers\[0\]\.privileged is "yes"; expected true or false/,
    ],
    ["a wrong version", "version: 1", "version: 2", "2\n", /version is 2; expected 1/],
    [
      "a name used twice",
      "name: node104",
      "name: node103",
      "node103\n    ssh: root@192.168.44.104",
      /node "node103" is there twice/,
    ],
    [
      "a reference to no node",
      "node: node103, image",
      "node: node105, image",
      "node105",
      /no node "node105"; expected one of: node103, node104/,
    ],
    [
      "a reference to no network",
      "network: ov_net1",
      "network: ov_net2",
      "ov_net2",
      /no network "ov_net2"; expected one of: ov_net1/,
    ],
    [
      "a domain that would be more than a word to HTCondor",
      "manager: node2",
      "manager: node2\n  domain: $(HOSTNAME)",
      "$(HOSTNAME)",
      /condor\.domain is "\$\(HOSTNAME\)"; expected a domain such as pool\.example/,
    ],
    [
      "a store of two servers",
      "node: node103\n  image: consul",
      "node: [node103, node104]\n  image: consul",
      "node: [node103, node104]",
      /store has 2 nodes; expected 1, 3 or 5/,
    ],
    [
      "a container that is removed when it ends and restarted as well",
      "privileged: true,",
      "remove: true, restart: always,",
      "always",
      /restart always together with "remove: true"; expected one of them/,
    ],
    ["a reference to no container", "manager: node2", "manager: node9", "node9", /no container "node9"/],
    [
      "a subnet that is none",
      "10.10.10.0/24",
      "10.10.10.0/33",
      "10.10.10.0/33",
      /subnet is "10.10.10.0\/33"; expected a subnet/,
    ],
    [
      "an ssh option in place of a host",
      "root@192.168.44.103 ",
      "-oProxyCommand=x ",
      "-oProxyCommand",
      /ssh is .*; expected \[user@\]host/,
    ],
    [
      "no ssh at all",
      "    ssh: root@192.168.44.103   # the first\n",
      "",
      "- name: node103",
      /nodes\[0\]\.ssh is missing/,
    ],
  ];
  test.each(cases)("%s", (_title, before, after, where, message) => {
    const file = classic.replace(before, after);
    const found = problems(file);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(message);
    const place = placeOf(file, where);
    expect(found[0]?.line).toBe(place.line);
    if (!where.startsWith("- ")) expect(found[0]?.column).toBe(place.column);
  });

  test("subnets that overlap", () => {
    const file = classic.replace("containers:", "  - name: two\n    subnet: 10.10.0.0/16\ncontainers:");
    expect(problems(file)).toEqual([
      {
        ...placeOf(file, "10.10.0.0/16"),
        message: expect.stringContaining('overlaps 10.10.10.0/24 of network "ov_net1"'),
      },
    ]);
  });

  test("YAML that is broken", () => {
    const [problem] = problems("version: 1\nnodes: [a, b\ncluster: x\n");
    expect(problem?.line).toBeGreaterThan(1);
    expect(problem?.message).not.toBe("");
  });

  test("a file that is empty", () => {
    expect(problems("")[0]?.message).toMatch(/empty/);
  });

  test("several things at once, in the order of the file", () => {
    const file = classic
      .replace("cluster: bigcomputing", "cluster: 7")
      .replace("port: 8500", "")
      .replace("kind: consul", "kind: redis");
    const found = problems(file);
    expect(found.map((one) => one.line)).toEqual([2, 15]);
  });

  test("and no input at all makes it throw", () => {
    fc.assert(fc.property(fc.string(), (content) => void parseSpec(content, around)));
    fc.assert(fc.property(fc.json(), (content) => void parseSpec(`version: 1\ncluster: x\nnodes: ${content}`, around)));
  });
});
