import { afterEach, describe, expect, test } from "vitest";
import type { DaemonConfig, FlagValue } from "../../src/domain/daemon.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import type { Observation } from "../../src/domain/reduce.ts";
import { clean, text } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";
import { consul, container, engineInfo, ghost, node103, node104, nodeNamed } from "../snapshots.ts";
import { at, clusterAfter, containersOn, facts, inOverlay, lost } from "./clusters.ts";
import { keys, ScreenDriver, type Size } from "./screen-driver.tsx";

const open: ScreenDriver[] = [];
const size: Size = { columns: 140, rows: 44 };
async function screen(...more: Observation[]): Promise<ScreenDriver> {
  const driver = await ScreenDriver.open(size, { snapshot: clusterAfter(...more) });
  open.push(driver);
  return driver;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const flag = (name: string, value: string, changes: Partial<FlagValue> = {}): FlagValue => ({
  name: clean(name),
  value: clean(value),
  origin: { kind: "daemon.json", path: clean("/etc/docker/daemon.json") },
  running: "same",
  ...changes,
});
const config = (flags: FlagValue[], changes: Partial<DaemonConfig> = {}): DaemonConfig => ({
  flags,
  conflicts: [],
  listeners: [],
  fileProblem: undefined,
  ...changes,
});
const daemon = (node: NodeName, value: DaemonConfig): Observation => ({ of: "daemon", node, outcome: good(value), at });

describe("a node's details", () => {
  test("tell engine, machine and clock", async () => {
    const driver = await screen({
      of: "facts",
      node: node103,
      outcome: good(facts("node103", { clockDifferenceMs: 90_000 })),
      at,
    });
    await driver.press(keys.enter);
    const shown = driver.text();
    expect(shown).toMatch(/version +20\.10\.5, API 1\.41/);
    expect(shown).toMatch(/mode +cluster-store/);
    expect(shown).toMatch(/system +Debian GNU\/Linux 12, kernel 6\.18\.0/);
    expect(shown).toMatch(/clock +90000 ms ahead of this machine's, give or take 5 ms/);
    expect(shown).toMatch(/dockerd +process 812, started 1h ago/);
  });

  test("tell what runs where it is no engine of root's, or Podman", async () => {
    const value = engineInfo({ product: "podman", version: clean("4.9.4"), rootless: true });
    const driver = await screen({ of: "engine", node: node103, outcome: good(value), at });
    await driver.press(keys.enter);
    expect(driver.text()).toMatch(/version +Podman 4\.9\.4, API 1\.41/);
    expect(driver.text()).toMatch(/rootless +yes: an ordinary user's, without overlay networks/);
  });

  test("of a node that is down name the error, the way out, and how old the rest is", async () => {
    const driver = await screen(lost(node104, at));
    await driver.later(20_000);
    await driver.press("j", keys.enter);
    const shown = driver.text();
    expect(shown).toMatch(/last error +no answer from 192\.168\.44\.104: no route to host/);
    expect(shown).toMatch(/way out +Is node104 powered on/);
    expect(shown).toContain("Engine (seen 20s ago)");
  });

  test("list flags with origin, and name the odd one out of three nodes", async () => {
    const node105 = nodeNamed("node105");
    const driver = await ScreenDriver.open(size, { snapshot: clusterAfter() });
    open.push(driver);
    const before = clusterAfter(
      daemon(node103, config([flag("live-restore", "true", { running: "unknown" }), flag("label", "rack=1")])),
      daemon(node104, config([flag("live-restore", "true"), flag("label", "rack=2")])),
    );
    const third = before.nodes.get(node104);
    if (third === undefined) throw new Error("node104 is in the cluster");
    const nodes = new Map(before.nodes).set(node105, {
      ...third,
      name: node105,
      daemon: { state: "fresh", at, value: config([flag("live-restore", "false", { running: "absent" })]) },
    });
    await driver.sees({ ...before, nodes });
    await driver.press("G", keys.enter, "]");
    expect(driver.row(/live-restore/)).toMatch(
      /false +not restarted +odd one out: others true +daemon\.json \/etc\/docker/,
    );
    await driver.press(keys.escape, "g", keys.enter, "]");
    expect(driver.row(/live-restore/)).toMatch(/true +- +odd: node105/);
    // Labels are each node's own business: told, not marked.
    expect(driver.row(/label/)).toMatch(/rack=1 +same +node104: rack=2, node105: not set/);
    await driver.press("/", "rack");
    expect(driver.text()).not.toContain("live-restore");
  });

  test("put what keeps dockerd from starting on top of the flags", async () => {
    const conflict = { name: clean("hosts"), flag: clean("fd://"), file: clean("tcp://0.0.0.0:2376") };
    const driver = await screen(daemon(node103, config([flag("debug", "true")], { conflicts: [conflict] })));
    await driver.press(keys.enter, "]");
    const lines = driver.lines();
    const words = lines.findIndex((line) =>
      line.includes("dockerd would not start: hosts is both a flag (fd://) and in daemon.json"),
    );
    expect(words).toBeGreaterThan(0);
    expect(words).toBeLessThan(lines.findIndex((line) => line.includes("FLAG ")));
  });

  test("list interfaces, the one that carries the cluster marked, and listeners with those that are root for everyone", async () => {
    const listeners = [
      {
        address: clean("fd://"),
        insecure: false,
        origin: { kind: "unit", path: clean("/lib/systemd/system/docker.service") },
      },
      { address: clean("tcp://0.0.0.0:2376"), insecure: true, origin: { kind: "process" } },
    ] as const;
    const driver = await screen(daemon(node103, config([], { listeners })));
    await driver.press(keys.enter, "]]");
    expect(driver.row(/ens33/)).toMatch(/up +1500 +192\.168\.44\.103\/24 +02:42:c0:a8:2c:67 +cluster traffic/);
    expect(driver.row(/ens34/)).toMatch(/down +9000 +- +-/);
    await driver.press("]");
    expect(driver.row(/tcp:/)).toMatch(/no TLS: root for everyone who reaches it +running process only/);
    expect(driver.row(/fd:/)).toContain("local or TLS");
    await driver.press("]");
    expect(driver.text()).toContain("Connection");
  });

  test("say what could not be read and why", async () => {
    const driver = await screen({
      of: "facts",
      node: node103,
      outcome: bad({ kind: "tool-missing", tool: text`ip`, remedy: text`install iproute2` }),
      at,
    });
    await driver.press(keys.enter, "]]");
    expect(driver.text()).toContain("ip is missing");
    expect(driver.text()).toContain("On node103: install iproute2");
  });
});

describe("a network's details", () => {
  test("list every endpoint over all nodes, those that only the store knows too, and the addresses left", async () => {
    const driver = await screen({ of: "membership", outcome: good(consul({ endpoints: [ghost] })), at });
    await driver.press("3", keys.enter);
    expect(driver.row(/10\.10\.10\.0\/24/)).toContain("3 used, 250 free of 253, gateway 10.10.10.1");
    expect(driver.row(/│ node1 /)).toMatch(/10\.10\.10\.3 +02:42:0a:0a:0a:02 +node104 +its engine/);
    expect(driver.row(/│ node2 /)).toMatch(/10\.10\.10\.2 +02:42:0a:0a:0a:02 +node103 +its engine/);
    expect(driver.row(/ghost/)).toMatch(/10\.10\.10\.9 +- +node104 +only the store/);
    await driver.press("/", "node104");
    expect(driver.text()).not.toMatch(/│ node2 /);
    await driver.press(keys.escape, "]");
    expect(driver.text()).toMatch(/VNI +256/);
    expect(driver.text()).toMatch(/on +node103, node104/);
  });
});

describe("a container's details", () => {
  test("tell addresses, ports, image, command and id, and list its labels", async () => {
    const web = container("web", node103, {
      attachments: inOverlay("10.10.10.7"),
      ports: [
        { container: 80, protocol: clean("tcp"), host: { address: clean("0.0.0.0"), port: 8080 } },
        { container: 443, protocol: clean("tcp"), host: undefined },
      ],
      labels: [{ name: clean("team"), value: clean("condor") }],
    });
    const driver = await screen(containersOn(node103, [web]));
    await driver.press("4", keys.enter);
    const shown = driver.text();
    expect(shown).toMatch(/ov_net1 +10\.10\.10\.7, mac 02:42:0a:0a:0a:02/);
    expect(shown).toContain("0.0.0.0:8080>80/tcp");
    expect(shown).toContain("443/tcp");
    expect(shown).toMatch(/image +big_computing/);
    expect(shown).toMatch(/command +\/usr\/sbin\/init/);
    expect(shown).toContain(web.id);
    await driver.press("]");
    expect(driver.row(/team/)).toContain("condor");
  });

  test("of one that was removed say that it is there no more", async () => {
    const driver = await screen();
    await driver.press("4", keys.enter);
    await driver.sees(clusterAfter(containersOn(node103, [])));
    expect(driver.text()).toContain("it is there no more; esc goes back");
    await driver.press(keys.escape);
    expect(driver.text()).toContain("▸4 Containers");
  });
});

describe("a member's details", () => {
  test("of an engine that never registered say so and where to look", async () => {
    const driver = await screen({
      of: "membership",
      outcome: good(consul({ registrations: [clean("192.168.44.103:2376")] })),
      at,
    });
    await driver.press("2");
    expect(driver.row(/node104 +engine/)).toContain("not registered");
    await driver.press("G", keys.enter);
    expect(driver.text()).toContain("The store answers and does not know this engine");
    expect(driver.text()).toMatch(/leader +192\.168\.44\.103:8300/);
  });
});
