import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plan } from "../../src/domain/plan/plan.ts";
import { planRemoval } from "../../src/domain/plan/removal.ts";
import { isAllowed, type Plan } from "../../src/domain/plan/step.ts";
import type { Image } from "../../src/domain/plan/survey.ts";
import type { Spec } from "../../src/domain/spec/spec.ts";
import { carryOut } from "../carry-out.ts";
import { type BareChanges, type BareCluster, bare, computingImage, consulImage, fileFor, specOf } from "../planned.ts";
import { nodeNamed } from "../snapshots.ts";

const etcdImage: Image = { id: `sha256:${"e".repeat(64)}`, tags: ["etcd:3.4"], bytes: 50_000_000 };
const debianLine = "/usr/sbin/dockerd -H fd://";
const flaggedLine = `${debianLine} --cluster-store=consul://10.9.9.9:8500 --cluster-advertise eth9:2376`;

interface Case {
  spec: Spec;
  cluster: BareCluster;
}

const some = <T>(values: readonly T[]) => fc.constantFrom(...values);

/** One of the clusters that people have: any number of nodes, images here and there, daemon.json or flags of their own. */
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    nodes: fc.integer({ min: 1, max: 6 }),
    version: some(["19.03.15", "20.10.5", "20.10.24", "26.1.5"]),
    store: some(["consul", "etcd"] as const),
    servers: some([1, 3, 5]),
    listen: some(["none", "tls", "insecure"]),
    overlay: fc.boolean(),
    macvlan: fc.boolean(),
    containers: fc.array(fc.record({ node: fc.nat(5), on: some(["ov", "flat", undefined]) }), { maxLength: 5 }),
    images: fc.array(fc.subarray([computingImage, consulImage, etcdImage]), { minLength: 6, maxLength: 6 }),
    json: fc.array(some([undefined, "", "{}", '{\n\t"debug": true\n}\n', '{"mtu":1400}']), {
      minLength: 6,
      maxLength: 6,
    }),
    flagged: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  })
  .map((made): Case => {
    const nameOf = (i: number) => `node${103 + (i % made.nodes)}`;
    const count = made.servers <= made.nodes ? made.servers : 1;
    const servers = Array.from({ length: count }, (_, i) => nameOf(i)).join(", ");
    const image = made.store === "consul" ? "consul:1.8.7" : "etcd:3.4";
    const networks = [
      ...(made.overlay ? ["  - { name: ov, subnet: 10.10.10.0/24 }"] : []),
      ...(made.macvlan ? ["  - { name: flat, driver: macvlan, subnet: 10.20.0.0/24 }"] : []),
    ];
    const containers = made.containers.map(({ node, on }, i) => {
      const wanted = (on === "ov" && made.overlay) || (on === "flat" && made.macvlan) ? `, network: ${on}` : "";
      return `  - { name: box${i}, node: ${nameOf(node)}, image: big_computing${wanted} }`;
    });
    const rest = [
      `engine: { listen: ${made.listen} }`,
      `store: { kind: ${made.store}, node: [${servers}], image: "${image}" }`,
      networks.length === 0 ? "networks: []" : ["networks:", ...networks].join("\n"),
      containers.length === 0 ? "containers: []" : ["containers:", ...containers].join("\n"),
    ].join("\n");
    const classic = !made.version.startsWith("26");
    const changes = Array.from({ length: made.nodes }, (_, i): [string, BareChanges] => {
      const content = made.json[i];
      const unit = classic && made.flagged[i] === true ? flaggedLine : debianLine;
      return [
        nameOf(i),
        {
          sources: {
            daemonJson: content === undefined ? undefined : { path: "/etc/docker/daemon.json", content },
            unitFiles: [{ path: "/lib/systemd/system/docker.service", content: `[Service]\nExecStart=${unit}\n` }],
          },
          survey: { images: made.images[i] ?? [] },
        },
      ];
    });
    return {
      spec: specOf(fileFor(made.nodes, rest)),
      cluster: bare(made.nodes, Object.fromEntries(changes), made.version),
    };
  });

const planned = ({ spec, cluster }: Case): Plan => plan(spec, cluster.seen, cluster.survey);
const ids = ({ steps }: Plan): string[] => steps.map((step) => step.id);

describe("a plan, whatever the cluster", () => {
  test("is the same when it is made again", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        expect(planned(one)).toEqual(planned(one));
      }),
      { numRuns: 60 },
    );
  });

  test("has steps with ids of their own that need only steps before them", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { steps } = planned(one);
        steps.forEach((step, i) => {
          const before = steps.slice(0, i).map((earlier) => earlier.id);
          expect(before).not.toContain(step.id);
          expect(before).toEqual(expect.arrayContaining([...step.needs]));
        });
      }),
      { numRuns: 60 },
    );
  });

  test("carried out, leaves nothing to do", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const first = planned(one);
        if (!isAllowed(first)) return;
        const cluster = carryOut(one.cluster, first.steps);
        expect(ids(planned({ ...one, cluster }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("broken off after any step, is finished by the next one with steps of the first", () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), (one, cut) => {
        const first = planned(one);
        if (!isAllowed(first)) return;
        const half = carryOut(one.cluster, first.steps.slice(0, cut % (first.steps.length + 1)));
        const second = planned({ ...one, cluster: half });
        expect(isAllowed(second)).toBe(true);
        expect(ids(first)).toEqual(expect.arrayContaining(ids(second)));
        expect(ids(planned({ ...one, cluster: carryOut(half, second.steps) }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("stops no container that runs when an engine gets its store for the first time", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const disturbing = planned(one).steps.filter(
          ({ change }) => change.kind === "configure-engine" && change.take === "restart",
        );
        const meant = one.spec.engine.listen !== "none";
        const flagged = (name: string) => {
          const survey = one.cluster.survey.get(nodeNamed(name));
          return survey?.ok === true && survey.value.sources.unitFiles[0]?.content.includes("--cluster-store") === true;
        };
        for (const step of disturbing) expect(meant || flagged(step.node)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("of taking a node out again, leaves that node without anything of the cluster", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const first = planned(one);
        const last = one.spec.nodes.at(-1)?.name;
        if (!isAllowed(first) || last === undefined) return;
        const cluster = carryOut(one.cluster, first.steps);
        const removal = planRemoval(one.spec, last, cluster.seen, cluster.survey);
        if (!isAllowed(removal)) return;
        expect(removal.steps.every((step) => step.node === last)).toBe(true);
        const after = carryOut(cluster, removal.steps);
        const node = after.seen.nodes.get(last);
        expect(node?.engine).toMatchObject({ value: { mode: "standalone" } });
        expect(node?.containers).toMatchObject({ value: new Map() });
        expect(planRemoval(one.spec, last, after.seen, after.survey).steps).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
