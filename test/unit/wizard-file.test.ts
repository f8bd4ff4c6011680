import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSpec } from "../../src/domain/spec/parse.ts";
import type { CondorSpec, Spec } from "../../src/domain/spec/spec.ts";
import { writeSpec } from "../../src/domain/spec/write.ts";
import type { SafeText } from "../../src/domain/text.ts";
import { type Draft, draftOf } from "../../src/domain/wizard/draft.ts";
import { withRole, withSecurity } from "../../src/domain/wizard/pool.ts";
import { type Around, valuesOf } from "../../src/domain/wizard/values.ts";

const around = { file: "/etc/ovl.yaml", home: "/root", resolve: (...parts: string[]) => parts.at(-1) ?? "" };

function parsed(content: string): Spec {
  const result = parseSpec(content, around);
  if (!result.ok) throw new Error(result.problems.map((one) => `${one.line}: ${one.message}\n${content}`).join("\n"));
  return result.spec;
}

const nothingKnown = (spec: Spec): Around => ({
  known: new Map(),
  used: [],
  usesStore: spec.store !== undefined,
  storeImage: "consul:1.8.7",
});

/** The file as the set-up writes it after `change` to what it read. */
function rewritten(content: string, change: (draft: Draft) => Draft = (draft) => draft): string {
  const spec = parsed(content);
  const targets = new Map(spec.nodes.map((node) => [node.name as string, `root@${node.ssh.host}`]));
  return writeSpec(content, valuesOf(change(draftOf(spec, targets)), nothingKnown(spec)));
}

const byHand = `# ask operations before you change it
version: 1
cluster: bigcomputing
nodes:
  # the old rack
  - { name: node103, ssh: root@192.0.2.103, advertise: ens33 } # 10 Gbit
  - name: node104
    ssh: root@192.0.2.104
    port: 2222 # behind the firewall
store:
  kind: consul
  node: [node103]
networks:
  - name: ov_net1
    subnet: 10.10.10.0/24 # free since March
    mtu: 1400
  - { name: flat, driver: macvlan, subnet: 10.20.0.0/24, parent: ens33 }
containers:
  # the manager
  - name: node2
    node: node103
    image: big_computing
    network: flat
    privileged: true # systemd
    command: [sh, -c, "sleep 5; echo 'done'"]
    environment: { ROLE: manager }
  - { name: lonely, node: node104, image: nginx }
condor:
  manager: node2
  execute: [lonely, node2] # both have local disks
`;

/** A container like the manager, one of another image, one on no network. */
const like = `{ name: node1, node: node104, image: big_computing, network: flat }
  - { name: web, node: node104, image: nginx, network: flat }
  - { name: lonely, node: node104, image: big_computing }`;

describe("a file that stands", () => {
  test("is written back as it was when nothing was changed", () => {
    expect(rewritten(byHand)).toBe(byHand);
  });

  test("keeps each container's network, words and variables when a host joins", () => {
    const written = rewritten(byHand, (draft) => ({
      ...draft,
      hosts: [
        ...draft.hosts,
        { id: 9, target: "root@192.0.2.105", name: "node105", advertise: "", leaving: false, known: undefined },
      ],
    }));
    const before = parsed(byHand);
    const after = parsed(written);
    expect(after.nodes.map((node) => node.name)).toEqual(["node103", "node104", "node105"]);
    expect({ ...after, nodes: [] }).toEqual({ ...before, nodes: [] });
    expect(after.nodes.slice(0, 2)).toEqual(before.nodes);
  });

  test("says a right that was taken away, and loses a word that was emptied", () => {
    const written = rewritten(byHand, (draft) => ({
      ...draft,
      containers: draft.containers.map((one) => ({ ...one, privileged: false, command: "", network: undefined })),
    }));
    expect(parsed(written).containers[0]).toMatchObject({ privileged: false, command: [], network: undefined });
    expect(written).toContain("privileged: false # systemd");
  });

  test("follows new names of nodes, networks and containers, the pool included", () => {
    const written = rewritten(byHand, (draft) => ({
      ...draft,
      hosts: draft.hosts.map((host) => ({ ...host, name: `${host.name}x` })),
      networks: draft.networks.map((network) => ({ ...network, name: `${network.name}x` })),
      containers: draft.containers.map((one) => ({ ...one, name: `${one.name}x` })),
    }));
    const spec = parsed(written);
    expect(spec.store).toMatchObject({ nodes: ["node103x"] });
    expect(spec.containers[0]).toMatchObject({ name: "node2x", node: "node103x", network: "flatx" });
    expect(spec.containers[0]?.environment).toEqual({ ROLE: "manager" });
    expect(spec.networks[0]).toMatchObject({ name: "ov_net1x", mtu: 1400 });
    expect(spec.condor).toMatchObject({ manager: "node2x", execute: ["lonelyx", "node2x"] });
  });

  test("lets two nodes exchange their names without exchanging anything else", () => {
    const written = rewritten(byHand, (draft) => ({
      ...draft,
      hosts: draft.hosts.map((host) => ({ ...host, name: host.name === "node103" ? "node104" : "node103" })),
    }));
    const spec = parsed(written);
    expect(spec.nodes.map((node) => [node.name, node.ssh.host, node.ssh.port])).toEqual([
      ["node104", "192.0.2.103", undefined],
      ["node103", "192.0.2.104", 2222],
    ]);
    expect(spec.containers.map((one) => one.node)).toEqual(["node104", "node103"]);
  });

  test("takes a container that goes out of the pool, and a host with all of its own", () => {
    const written = rewritten(byHand, (draft) => ({
      ...draft,
      hosts: draft.hosts.map((host) => ({ ...host, leaving: host.name === "node104" })),
    }));
    const spec = parsed(written);
    expect(spec.nodes.map((node) => node.name)).toEqual(["node103"]);
    expect(spec.containers.map((one) => one.name)).toEqual(["node2"]);
    expect(spec.condor).toMatchObject({ execute: ["node2"] });
  });

  test("loses its pool when there is to be none, and nothing else", () => {
    const written = rewritten(byHand, (draft) => ({ ...draft, pool: { ...draft.pool, security: "none" } }));
    expect(parsed(written)).toEqual({ ...parsed(byHand), condor: undefined });
    expect(written).toContain("# the manager");
  });

  test("says who submits only where it is not the manager alone, and keeps what is written beside its pool", () => {
    const submits = (names: readonly string[]) =>
      rewritten(byHand, (draft) => ({
        ...draft,
        containers: draft.containers.map((one) => ({
          ...one,
          roles: { ...one.roles, submits: names.includes(one.name) },
        })),
      }));
    expect(submits(["node2"])).toBe(byHand);
    expect(submits(["lonely"])).toContain("execute: [ lonely, node2 ] # both have local disks\n  submit: [ lonely ]\n");
    const manages = rewritten(byHand, (draft) => withRole(draft, 1, "manages", true));
    expect(manages).toContain("manager: lonely");
    expect(manages).toContain("execute: [ lonely, node2 ] # both have local disks\n  submit: [ node2 ]");
  });

  test("begins a pool with the containers that are like its first one, and leaves the others alone", () => {
    const apart = byHand
      .slice(0, byHand.indexOf("condor:"))
      .replace("{ name: lonely, node: node104, image: nginx }", like);
    const spec = parsed(rewritten(apart, (draft) => withSecurity(draft, "password")));
    expect(spec.condor).toEqual({
      ...{ manager: "node2", execute: ["node2", "node1"], submit: [] },
      ...{ security: "password", domain: "bigcomputing" },
    });
  });

  test("has a domain where it is not the cluster's name", () => {
    const domain = (name: string) =>
      rewritten(byHand, (draft) => ({ ...draft, pool: { ...draft.pool, domain: name } }));
    expect(domain("bigcomputing")).toBe(byHand);
    expect(parsed(byHand).condor?.domain).toBe("bigcomputing");
    expect(parsed(domain("pool.example")).condor?.domain).toBe("pool.example");
  });

  test("keeps what an anchor says", () => {
    const anchored = byHand
      .replace("advertise: ens33 }", "advertise: &nic ens33 }")
      .replace("parent: ens33", "parent: *nic");
    expect(rewritten(anchored)).toBe(anchored);
    const other = rewritten(anchored, (draft) => ({ ...draft, cluster: "other" }));
    expect(other).toContain("*nic");
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const word = fc.oneof(
  fc.constantFrom("sh", "-c", "a b", "it's", '"', "\\", "", "$HOME", "#no", "- x"),
  fc.string({ maxLength: 8 }),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** A cluster as plain data, and how its file is written: block or flow entries. */
const clusters = fc
  .record({
    hosts: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    networks: fc.uniqueArray(name, { maxLength: 3 }),
    containers: fc.uniqueArray(name, { maxLength: 4 }),
    advertise: maybe(fc.constantFrom("ens33", "bond0")),
    mode: maybe(fc.constantFrom("auto", "swarm")),
    store: maybe(fc.constantFrom({ port: 8500 }, { image: "consul:1.8.7" }, { kind: "consul" })),
    command: maybe(fc.array(word, { maxLength: 4 })),
    privileged: maybe(fc.boolean()),
    remove: maybe(fc.boolean()),
    hostname: maybe(name),
    environment: maybe(fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string({ maxLength: 6 }), { maxKeys: 2 })),
    condor: maybe(
      fc.record({
        execute: fc.array(fc.nat(20), { maxLength: 4 }),
        submit: maybe(fc.array(fc.nat(20), { maxLength: 4 })),
        security: maybe(fc.constantFrom("password", "open")),
        domain: maybe(name),
      }),
    ),
    isFlow: fc.boolean(),
    pick: fc.nat(20),
  })
  .map(({ hosts, networks, containers, pick, isFlow, advertise, mode, store, condor, ...container }) => ({
    isFlow,
    data: {
      version: 1,
      cluster: "generated",
      nodes: hosts.map((one, at) => ({ name: one, ssh: `root@192.0.2.${at + 1}`, ...(at % 2 ? { advertise } : {}) })),
      engine: mode === undefined ? undefined : { mode },
      store: store === undefined ? undefined : { node: hosts[pick % hosts.length], ...store },
      networks: networks.map((one, at) => ({ name: one, subnet: `10.${at}.0.0/16`, mtu: pick % 2 ? 1400 : undefined })),
      containers: containers.map((one, at) => ({
        ...{ name: one, node: hosts[(at + pick) % hosts.length], image: "nginx" },
        network: networks[(at + pick) % (networks.length + 1)],
        ...container,
      })),
      condor: condor === undefined || containers.length === 0 ? undefined : poolOf(condor, containers, pick),
    },
  }));

/** The places are those of containers, in any order; each is there once. */
function poolOf(
  { execute, submit, ...rest }: { execute: number[]; submit: number[] | undefined },
  containers: readonly string[],
  pick: number,
) {
  const named = (places: readonly number[]) => [...new Set(places.map((at) => containers[at % containers.length]))];
  const manager = containers[pick % containers.length];
  return { manager, execute: named(execute), submit: submit && named(submit), ...rest };
}

/** JSON is YAML: values are written as JSON, entries in block or flow style, each line with a comment of its own. */
function fileOf({ data, isFlow }: { data: Record<string, unknown>; isFlow: boolean }): string {
  let count = 0;
  const commented = (line: string): string => `${line} # comment ${++count}.`;
  const json = (value: unknown): string => JSON.stringify(value);
  const entry = (fields: Record<string, unknown>): string[] => {
    const said = Object.entries(fields).filter(([, value]) => value !== undefined);
    if (isFlow) return [commented(`  - { ${said.map(([key, value]) => `${key}: ${json(value)}`).join(", ")} }`)];
    return said.map(([key, value], at) => commented(`  ${at === 0 ? "-" : " "} ${key}: ${json(value)}`));
  };
  const lines = Object.entries(data).flatMap(([key, value]) => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    if (Array.isArray(value)) return [commented(`${key}:`), ...value.flatMap(entry)];
    return [commented(`${key}: ${json(value)}`)];
  });
  return `# comment 0.\n${lines.join("\n")}\n`;
}

/** A new pool names its members in the order of the containers, and not the manager as the one place to submit at. */
function inOrder(condor: CondorSpec, containers: readonly { name: SafeText }[]): CondorSpec {
  const order = (names: readonly SafeText[]) => containers.map((one) => one.name).filter((one) => names.includes(one));
  const submit = order(condor.submit);
  const isUsual = submit.length === 1 && submit[0] === condor.manager;
  return { ...condor, execute: order(condor.execute), submit: isUsual ? [] : submit };
}

const comments = (content: string): string[] => content.match(/# comment \d+\./g) ?? [];

describe("any file", () => {
  test("is written back as it was when nothing was changed", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const content = fileOf(cluster);
        expect(rewritten(content)).toBe(content);
      }),
    );
  });

  test("keeps every comment, and all that was not changed, through changes of every field", () => {
    fc.assert(
      fc.property(clusters, name, (cluster, typed) => {
        const content = fileOf(cluster);
        const before = parsed(content);
        const written = rewritten(content, (draft) => ({
          ...draft,
          hosts: draft.hosts.map((host) => ({ ...host, advertise: "eth7" })),
          containers: draft.containers.map((one) => ({ ...one, hostname: typed, privileged: true })),
        }));
        expect(comments(written)).toEqual(comments(content));
        expect(parsed(written)).toEqual({
          ...before,
          nodes: before.nodes.map((node) => ({ ...node, advertise: "eth7" })),
          containers: before.containers.map((one) => ({ ...one, hostname: typed, privileged: true })),
        });
      }),
    );
  });

  test("that is made from a draft says what the draft says", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const spec = parsed(fileOf(cluster));
        const targets = new Map(spec.nodes.map((node) => [node.name as string, `root@${node.ssh.host}`]));
        const draft = draftOf(spec, targets);
        const forgotten: Draft = {
          ...draft,
          hosts: draft.hosts.map((host) => ({ ...host, known: undefined })),
          networks: draft.networks.map((network) => ({ ...network, known: undefined })),
          containers: draft.containers.map((one) => ({ ...one, known: undefined })),
        };
        const made = parsed(writeSpec(undefined, valuesOf(forgotten, nothingKnown(spec))));
        // What the set-up does not ask for is in no new file.
        const asked = {
          ...spec,
          networks: spec.networks.map((network) => ({ ...network, mtu: undefined })),
          containers: spec.containers.map((one) => ({ ...one, environment: {} })),
          condor: spec.condor && inOrder(spec.condor, spec.containers),
        };
        expect(made).toEqual(asked);
      }),
    );
  });
});
