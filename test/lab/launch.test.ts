import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen } from "./on-screen.ts";
import type { Flavour } from "./recipe.ts";

const [review, pick, emptied] = ["\x0e", "\x0f", "\x15"];
const comment = "# The pool of room 5; ask before you change it.\n";
const since = "# Somebody else was here.\n";

/** Two real hosts, and an operator in 80 columns whose cluster is in a file of their own. */
class Site {
  readonly folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-launch-"));
  readonly screen: Terminal;

  private constructor(readonly lab: Lab) {
    writeFileSync(this.file, comment + readFileSync(lab.configFile, "utf8"));
    this.screen = openScreen(lab, {
      ...{ columns: 80, rows: 24, args: ["--config", this.file] },
      env: { XDG_STATE_HOME: path.join(this.folder, "state") },
    });
  }

  static async of(name: string, flavour: Flavour): Promise<Site> {
    return new Site(await Lab.up({ name, flavour }));
  }

  get file(): string {
    return path.join(this.folder, "ovl.yaml");
  }

  /** What was done, by the journal: "done node104/container/far-1". */
  get journal(): string[] {
    const lines = readFileSync(path.join(this.folder, "state/ovl-tui/journal.jsonl"), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line)).map(({ event, step }) => `${event} ${step}`);
  }

  /** The form, from the row of node1 on the far node. */
  async opens(): Promise<void> {
    this.screen.press("4");
    await this.screen.shows(/node1 +node104 .* up /, 180);
    await this.screen.shows(/node2 +node103 .* up /, 180);
    this.screen.press("G");
    await this.screen.shows(/node1 +on node104/);
    this.screen.press("n");
    await this.screen.shows(/image +big_computing +there/);
    await this.screen.shows(/node +node104 +\d running/);
  }

  /** Types into a field, in the place of what stands there. */
  async fills(label: string, value: string): Promise<void> {
    await this.goesTo(label);
    this.screen.press(emptied, value);
  }

  async goesTo(label: string): Promise<void> {
    const order = ["image", "node", "network", "name", "how many", "hostname", "address", "privileged", "remove"];
    order.push("restart", "command", "environment", "mounts", "save");
    const now = / ▸ (\S+(?: \S+)?)/.exec(this.screen.text())?.[1] ?? "";
    const steps = order.indexOf(label) - order.indexOf(now);
    expect(order).toContain(now);
    for (let i = 0; i < Math.abs(steps); i++) this.screen.press(steps > 0 ? keys.down : keys.up);
    await this.screen.shows(new RegExp(`▸ ${label} `));
  }

  async launches(): Promise<void> {
    this.screen.press(review);
    await this.screen.shows(/┌ Review/);
    this.screen.press("a");
    await this.screen.shows(/Launch\?/);
    this.screen.press("y");
    await this.screen.shows(/┌ (?:Launched|Not launched)/, 180);
  }

  async leaves(): Promise<void> {
    await this.screen.close();
    rmSync(this.folder, { recursive: true, force: true });
    await this.lab.down();
  }
}

async function pings(site: Site, from: string, to: string): Promise<void> {
  await until(
    `a ping from node2 to ${to}`,
    60,
    async () => (await site.lab.node(from).run('docker exec node2 ping -c1 -W1 "$1"', to)).code === 0,
  );
}

const inspected = (site: Site, container: string, format: string): Promise<string> =>
  site.lab
    .node("node104")
    .docker("inspect", "-f", format, container)
    .then((said) => said.trim());

onRealHosts("launching on hosts of 2020, in 80 columns", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.of("launch", "classic");
  });
  afterAll(() => site?.leaves());

  test("refuses names, addresses and images that are taken or nowhere, before anything is touched", async () => {
    const { screen, lab } = site;
    await site.opens();
    await screen.shows(/▸ name +node3 +node3: free/);
    await site.fills("name", "node2");
    await screen.shows(/node2 is taken: runs on node103/);
    screen.press(review);
    await screen.shows(/first: node2 is taken/);
    await site.fills("name", "far-1");
    await screen.shows(/far-1: free/);

    const [taken] = (
      await lab.node("node103").docker("inspect", "-f", "{{.NetworkSettings.Networks.ov_net1.IPAddress}}", "node2")
    ).split("\n");
    await site.fills("address", taken ?? "");
    await screen.shows(/is taken: node2 on node103/);
    screen.press(emptied);
    await screen.shows(/▸ address .*next free: 10\.10\.10\.\d/);

    await site.fills("image", "nosuch/image:1");
    await screen.shows(/on no node: docker\.io is asked/);
    await site.launches();
    await screen.shows(/Nothing was touched\./);
    await screen.shows(/the image nosuch\/image:1 is on no node/);
    for (const node of ["node103", "node104"]) {
      expect(await lab.node(node).docker("ps", "-a", "--format", "{{.Names}}")).not.toContain("far-1");
    }
    expect(() => site.journal).toThrow(/ENOENT/);
  });

  test("runs a container on the far node, which the others reach, and writes it to the file", async () => {
    const { screen } = site;
    screen.press(keys.escape);
    await screen.hides(/Nothing was touched\./);
    await screen.shows(/┌ New container/);
    await site.fills("image", "big_computing");
    await site.goesTo("save");
    screen.press(" ");
    await screen.shows(/save +\( \) no {2}\(•\) yes/);
    appendFileSync(site.file, since);
    await site.launches();
    await screen.shows(/up +[\d.]+ s +far-1 on node104, 10\.10\.10\.\d/);
    await screen.shows(/Saved to .*ovl\.yaml/);
    expect(await inspected(site, "far-1", "{{.HostConfig.Privileged}} {{.Config.Hostname}} {{.State.Status}}")).toBe(
      "true far-1 running",
    );
    await pings(site, "node103", "far-1");
    const written = readFileSync(site.file, "utf8");
    expect(written.startsWith(comment)).toBe(true);
    expect(written).toContain(since);
    expect(written).toContain("name: far-1, node: node104, image: big_computing, network: ov_net1");
    expect(site.journal.slice(0, 2)).toEqual(["begun node104/container/far-1", "done node104/container/far-1"]);
    expect(site.journal.slice(2).map((line) => line.replace(/\S*\//, ""))).toEqual(["begun ovl.yaml", "done ovl.yaml"]);
    screen.press(keys.enter);
    await screen.shows(/far-1 is up on node104/);
    await screen.shows(/far-1 +node104 .* up /);
  });

  test("spreads several over the marked nodes, and brings the image to the one that lacks it", async () => {
    const { screen, lab } = site;
    await lab.node("node103").docker("tag", "busybox:latest", "onlyhere:1");
    screen.press("1", "*", "n");
    await screen.shows(/node +node103 node104 +running: /);
    await screen.shows(/how many +2/);
    await site.fills("image", "onlyhere:1");
    await screen.shows(/copied from node103 to node104/);
    await site.fills("name", "web-{n}");
    await screen.shows(/web-1 to web-2: free/);
    await site.fills("command", "sleep 600");
    await site.goesTo("privileged");
    screen.press(" ");
    await screen.shows(/privileged +\(•\) no/);
    await site.launches();
    await screen.shows(/up .*web-1 on node103, 10\.10\.10\.\d/);
    await screen.shows(/up .*web-2 on node104, 10\.10\.10\.\d/);
    await pings(site, "node103", "web-2");
    expect(site.journal).toContain("done node104/image/onlyhere:1");
    screen.press(keys.enter);
  });

  test("gives an address of the far engine's own range on a flat network", async () => {
    const { screen, lab } = site;
    for (const [node, range] of [
      ["node103", "192.168.44.224/28"],
      ["node104", "192.168.44.240/28"],
    ] as const) {
      const ipam = ["--subnet", "192.168.44.0/24", "--gateway", "192.168.44.1", "--ip-range", range];
      await lab.node(node).docker("network", "create", "-d", "macvlan", ...ipam, "-o", "parent=ens33", "flat");
    }
    screen.press("3");
    await screen.shows(/flat +macvlan/);
    screen.press("/", "flat", keys.enter);
    await screen.shows(/3 Networks \/flat/);
    // The nodes that are marked would win.
    screen.press("1", "*", "3", "n");
    await screen.shows(/network +flat +macvlan/);
    await site.fills("node", "node104");
    await site.fills("image", "busybox");
    await site.fills("name", "flat-1");
    await site.fills("command", "sleep 600");
    await site.goesTo("address");
    await screen.shows(/next free: 192\.168\.44\.240/);
    screen.press(pick);
    await screen.shows(/Free addresses/);
    screen.press("j", keys.enter);
    await screen.shows(/address +192\.168\.44\.241 +free/);
    await site.launches();
    await screen.shows(/up .*flat-1 on node104, 192\.168\.44\.241/);
    expect(await inspected(site, "flat-1", "{{.NetworkSettings.Networks.flat.IPAddress}}")).toBe("192.168.44.241");
    screen.press(keys.enter);
  });

  test("is refused while changes are", async () => {
    const { screen } = site;
    screen.press(keys.ctrlR);
    await screen.shows(/ RO /);
    screen.press("n");
    await screen.shows(/READ-ONLY/);
    await site.fills("name", "never");
    await screen.shows(/never: free/);
    screen.press(review);
    await screen.shows(/┌ Review/);
    screen.press("a");
    await screen.shows(/read-only: every change is refused/);
  });
});

onRealHosts("launching on hosts of today, in 80 columns", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.of("launch-swarm", "swarm");
  });
  afterAll(() => site?.leaves());

  test("runs a container on the swarm's worker, past the addresses that the swarm keeps", async () => {
    const { screen, lab } = site;
    const kept = await lab
      .node("node104")
      .docker("network", "inspect", "-f", '{{(index .Containers "lb-ov_net1").IPv4Address}}', "ov_net1");
    await site.opens();
    await site.fills("address", kept.trim().replace(/\/\d+$/, ""));
    await screen.shows(/is taken: the swarm's load balancer on node104/);
    screen.press(emptied);
    await screen.shows(/next free: (?<address>10\.10\.10\.\d+)/);
    const [, next = ""] = /next free: ([\d.]+)/.exec(screen.text()) ?? [];
    screen.press(next);
    await screen.shows(/address +\S+ +free/);
    await site.fills("name", "far-1");
    await site.launches();
    await screen.shows(new RegExp(`up .*far-1 on node104, ${next.replaceAll(".", "\\.")}`));
    await pings(site, "node103", "far-1");
    expect(await inspected(site, "far-1", "{{.NetworkSettings.Networks.ov_net1.IPAddress}}")).toBe(next);
  });
});
