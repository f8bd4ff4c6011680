import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { agentFor } from "./agent.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen } from "./on-screen.ts";
import { addressOf } from "./places.ts";
import type { Flavour } from "./recipe.ts";

const nextPage = "\x0e";
const small = { columns: 80, rows: 24 };
const large = { columns: 200, rows: 50 };

/** Bare hosts, an operator with an ssh-agent, and a folder without a file. */
class Site {
  readonly folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-set-up-"));
  private constructor(
    readonly lab: Lab,
    readonly agent: { socket: string; stop(): void },
  ) {}

  static async of(name: string, flavour: Flavour, nodes: number): Promise<Site> {
    const lab = await Lab.up({ name, flavour, nodes, joined: false });
    return new Site(lab, await agentFor(lab));
  }

  get file(): string {
    return path.join(this.folder, "ovl.yaml");
  }

  open(size: { columns: number; rows: number }): Terminal {
    const place = (name: string) => path.join(this.folder, name);
    return openScreen(this.lab, {
      ...size,
      args: [],
      cwd: this.folder,
      env: {
        SSH_AUTH_SOCK: this.agent.socket,
        XDG_CONFIG_HOME: place("config"),
        XDG_STATE_HOME: place("state"),
        XDG_DATA_HOME: place("data"),
      },
    });
  }

  async leave(): Promise<void> {
    this.agent.stop();
    rmSync(this.folder, { recursive: true, force: true });
    await this.lab.down();
  }
}

/** Every host that is new shows its key once. */
async function acceptKeys(screen: Terminal, hosts: number): Promise<void> {
  for (let host = 0; host < hosts; host++) {
    await screen.shows(/Unknown host key/);
    const asked = / host +(\d+\.\S+) /.exec(screen.text())?.[1] ?? "";
    screen.press("A");
    await screen.hides(new RegExp(` host +${asked.replaceAll(".", "\\.")} `));
  }
}

async function fromNothing(site: Site, size: { columns: number; rows: number }): Promise<void> {
  const screen = site.open(size);
  try {
    await screen.shows(/set-up +Hosts/);
    // Pasted as a list: bracketed paste, as terminals send it (xterm, "ctlseqs").
    screen.press(`\x1b[200~root@${addressOf("node103")}, root@${addressOf("node104")}\n\x1b[201~`);
    await acceptKeys(screen, 2);
    await screen.shows(/host 1 .*Docker .*node103[\s\S]*host 2 .*Docker .*node104/);
    screen.press(nextPage);
    await screen.shows(/─? Mode ─/);
    await screen.shows(/engines (?:from|up to) 2/);
    screen.press(nextPage);
    if (site.lab.flavour === "classic") {
      await screen.shows(/ Store ─/);
      await screen.shows(/consul:1\.8\.7/);
      screen.press(nextPage);
    }
    await screen.shows(/ Network ─/);
    await screen.shows(/free on every host/);
    screen.press(nextPage);
    await screen.shows(/ Containers ─/);
    await screen.shows(/container 1 +node2 .*on node103, big_computing/);
    screen.press(nextPage);
    await screen.shows(/ Pool ─[\s\S]*\(•\) none/);
    screen.press(keys.right);
    await screen.shows(/\(•\) password[\s\S]*node2 .*manager, submit, execute[\s\S]*node1 .*execute/);
    screen.press(nextPage);
    await screen.shows(/ Review ─/);
    await screen.shows(/no running container is disturbed/);
    screen.press("a");
    await screen.shows(/Apply this plan\?/);
    screen.press("y");
    await screen.shows(/The cluster is as the file says/, 240);
    await screen.shows(/ok +node1 → node2 [\d.]+: [\d.]+ ms/);
    await screen.shows(/ok +node2 → node1 [\d.]+: [\d.]+ ms/);

    screen.press(keys.enter);
    await screen.shows(/2\/2 nodes live/);
    screen.press("c");
    await screen.shows(/slot1@node1/);
    await screen.shows(/slot1@node2/);
    screen.press(keys.escape);
    await screen.hides(/slot1@node1/);
    screen.press("q");
    expect(await screen.exits()).toEqual({ code: 0, signal: undefined });
  } finally {
    await screen.close();
  }
}

onRealHosts("the set-up on bare hosts of 2020, in 80 columns", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.of("wizard", "classic", 3);
  });
  afterAll(() => site?.leave());

  test("goes from no file to containers that ping each other and are an HTCondor pool, by keys alone", async () => {
    await fromNothing(site, small);
    expect(readFileSync(site.file, "utf8")).toContain(`ssh: root@${addressOf("node103")}`);
    await until(
      "a ping",
      120,
      async () => (await site.lab.node("node104").run("docker exec node1 ping -c1 -W1 node2")).code === 0,
    );
  });

  test("adds a third host to the running cluster and disturbs no container, then takes it out again", async () => {
    const pids = () =>
      site.lab.node("node103").must("docker inspect -f '{{.State.Pid}} {{.RestartCount}}' consul node2");
    const before = await pids();
    const original = await site.lab.node("node105").must("cat /etc/docker/daemon.json");
    const screen = site.open(small);
    try {
      await acceptKeys(screen, 2);
      await screen.shows(/2\/2 nodes live/);
      screen.press("s");
      await screen.shows(/host 2 .*Docker/);
      screen.press(`root@${addressOf("node105")}`, keys.enter);
      await acceptKeys(screen, 1);
      await screen.shows(/host 3 .*Docker .*node105/);
      for (const page of [/ Mode ─/, / Store ─/, / Network ─/, / Containers ─/]) {
        screen.press(nextPage);
        await screen.shows(page);
      }
      await screen.shows(/container 3 +node3/);
      screen.press(nextPage);
      await screen.shows(/ Pool ─/);
      screen.press(nextPage);
      await screen.shows(/node105 +merge cluster-store/);
      await screen.shows(/no running container is disturbed/);
      screen.press("a");
      await screen.shows(/Apply this plan\?/);
      screen.press("y");
      await screen.shows(/The cluster is as the file says/, 240);
      expect(await pids()).toBe(before);
      screen.press(keys.enter);
      await screen.shows(/3\/3 nodes live/);

      screen.press("s");
      await screen.shows(/host 3 .*Docker .*node105/);
      screen.press(keys.up);
      await screen.shows(/▸ host 3/);
      screen.press("\x18");
      await screen.shows(/leaves +root@.*taken out/);
      for (const page of [/ Mode ─/, / Store ─/, / Network ─/, / Containers ─/, / Pool ─/, / Review ─/]) {
        screen.press(nextPage);
        await screen.shows(page);
      }
      screen.press("a");
      await screen.shows(/Apply this plan\?/);
      screen.press("y");
      await screen.shows(/The cluster is as the file says/, 240);
      expect(await pids()).toBe(before);
      expect(readFileSync(site.file, "utf8")).not.toContain("node105");
      expect(JSON.parse(await site.lab.node("node105").must("cat /etc/docker/daemon.json"))).toEqual(
        JSON.parse(original),
      );
      screen.press(keys.enter);
      await screen.shows(/2\/2 nodes live/);
      screen.press("q");
      await screen.exits();
    } finally {
      await screen.close();
    }
  });
});

onRealHosts("the set-up on bare hosts of today, in 200 columns", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.of("wizard-swarm", "swarm", 2);
  });
  afterAll(() => site?.leave());

  test("goes from no file to containers that ping each other and are an HTCondor pool, by keys alone", async () => {
    await fromNothing(site, large);
    const swarm = await site.lab.node("node103").docker("node", "ls", "--format", "{{.Hostname}} {{.Status}}");
    expect(swarm.trim().split("\n").sort()).toEqual(["node103 Ready", "node104 Ready"]);
  });
});
