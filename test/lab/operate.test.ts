import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen } from "./on-screen.ts";
import type { Flavour } from "./recipe.ts";

const small = { columns: 80, rows: 24 };

/** An operator at the panes of a lab, with a journal of their own. */
class Operator {
  readonly state = mkdtempSync(path.join(tmpdir(), "ovl-tui-operate-"));
  readonly screen: Terminal;

  constructor(readonly lab: Lab) {
    this.screen = openScreen(lab, { ...small, env: { XDG_STATE_HOME: this.state } });
  }

  /** Chooses an action on the containers that the filter leaves, up to the question before it. */
  async choose(filter: string, action: string, beside = ""): Promise<void> {
    const { screen } = this;
    screen.press("4", "/", "\x15", filter, keys.enter);
    await screen.shows(new RegExp(`/${filter} [1-9]\\d* of`));
    await this.pick("a", action, beside);
  }

  /** Opens the menu and goes down to the action, however many are above it. */
  async pick(open: string, action: string, beside = ""): Promise<void> {
    const { screen } = this;
    screen.press(open);
    // Possible: nothing stands beside it. The menu follows what is seen of the container.
    await screen.shows(new RegExp(`Actions: [\\s\\S]*│ ${action}(?: …)? +${beside}[│┃]`));
    // The dialog lies two columns in; a marked row of the pane under it shows its mark there.
    const inside = screen.lines().filter((line) => line[2] === "│");
    const entries = inside.flatMap((line) => /^(\S[^│]*?)(?: …| {2,}|[│┃])/.exec(line.slice(4))?.[1]?.trim() ?? []);
    const at = entries.indexOf(action);
    if (at < 0) throw new Error(`no action ${action} among ${entries.join(", ")}\n${screen.text()}`);
    screen.press("g", "j".repeat(at), keys.enter);
  }

  /** Answers the question with y and waits for the result. */
  async confirm(result: RegExp, seconds = 120): Promise<void> {
    await this.screen.shows(/y +do it/);
    this.screen.press("y");
    await this.screen.shows(result, seconds);
    this.screen.press(keys.enter);
    await this.screen.hides(/back to the panes/);
  }

  journal(): { title: string; event: string; node: string; operator: string }[] {
    const file = path.join(this.state, "ovl-tui/journal.jsonl");
    return readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  async leave(): Promise<void> {
    await this.screen.close();
    rmSync(this.state, { recursive: true, force: true });
    await this.lab.down();
  }
}

const isIn = (lab: Lab, node: string, container: string, wanted: string) =>
  until(`${container} ${wanted}`, 60, async () => {
    const found = await lab.node(node).run('docker inspect -f "{{.State.Status}}" "$1"', container);
    return found.stdout.trim() === wanted;
  });

const flavours: readonly (readonly [Flavour, string])[] = [
  ["classic", "op-classic"],
  ["swarm", "op-swarm"],
];

for (const [flavour, name] of flavours) {
  onRealHosts(`changes by keys at 80x24, ${flavour}`, () => {
    let lab: Lab;
    let operator: Operator;

    beforeAll(async () => {
      lab = await Lab.up({ name, flavour });
      await lab
        .node("node104")
        .docker("run", "-d", "--name", "box", "--network", "ov_net1", "big_computing", "sleep", "9999");
      operator = new Operator(lab);
      await operator.screen.shows(/2\/2 nodes live/);
    });
    afterAll(() => operator?.leave());

    test("a container on the far node is paused, resumed and restarted", async () => {
      const startedAt = () => lab.node("node104").docker("inspect", "-f", "{{.State.StartedAt}}", "box");
      await operator.choose("box", "pause");
      await operator.confirm(/✓ pause box on node104/);
      await isIn(lab, "node104", "box", "paused");
      await operator.choose("box", "resume");
      await operator.confirm(/✓ unpause box on node104/);
      await isIn(lab, "node104", "box", "running");
      const before = await startedAt();
      await operator.choose("box", "restart");
      await operator.confirm(/✓ restart box on node104/);
      expect(await startedAt()).not.toBe(before);
    });

    test("it is killed with a signal, started, and given another name", async () => {
      await operator.choose("box", "send a signal");
      await operator.screen.shows(/‹ SIGTERM ›/);
      operator.screen.press("s".repeat(3), keys.enter);
      await operator.screen.shows(/docker kill -s SIGKILL box/);
      await operator.confirm(/✓ send SIGKILL to box on node104/);
      await isIn(lab, "node104", "box", "exited");
      // A swarm's engine renames none that runs.
      if (flavour === "classic") {
        await operator.choose("box", "start");
        await operator.confirm(/✓ start box on node104/);
        await isIn(lab, "node104", "box", "running");
      }
      await operator.choose("box", "rename");
      operator.screen.press("\x15", "node2", keys.enter);
      await operator.screen.shows(/node2 is taken on node103/);
      operator.screen.press("\x15", "crate", keys.enter);
      await operator.confirm(/✓ rename box on node104 to crate/);
      if (flavour === "swarm") {
        await operator.choose("crate", "start");
        await operator.confirm(/✓ start crate on node104/);
      }
      await isIn(lab, "node104", "crate", "running");
    });

    test("it joins another network and leaves it again", async () => {
      const networks = () =>
        lab
          .node("node104")
          .docker("inspect", "-f", "{{range $n, $_ := .NetworkSettings.Networks}}{{$n}} {{end}}", "crate");
      await operator.choose("crate", "connect to a network");
      await operator.screen.shows(/‹ bridge/);
      operator.screen.press(keys.enter);
      await operator.confirm(/✓ connect crate on node104 to bridge/);
      expect((await networks()).trim().split(" ").sort()).toEqual(["bridge", "ov_net1"]);
      await until("both networks on the screen", 60, async () => {
        await operator.choose("crate", "disconnect from a network");
        await operator.screen.shows(/▸ network +‹ \S+ ›/);
        if (/1 of 2/.test(operator.screen.text())) return true;
        operator.screen.press(keys.escape);
        await operator.screen.shows(/Actions: /);
        operator.screen.press(keys.escape);
        await operator.screen.hides(/Actions: /);
        return false;
      });
      if (!/‹ bridge ›/.test(operator.screen.text())) operator.screen.press("b");
      operator.screen.press(keys.enter);
      await operator.confirm(/✓ disconnect crate on node104 from bridge/);
      expect((await networks()).trim()).toBe("ov_net1");
    });

    test("its image is copied to the other node, through this machine", async () => {
      await lab.node("node104").must("tar -c -C /etc hostname | docker import - only-here:1");
      await lab.node("node104").docker("create", "--name", "tiny", "only-here:1", "none");
      await operator.choose("tiny", "copy its image to a node");
      await operator.screen.shows(/‹ node103 ›/);
      operator.screen.press(keys.enter);
      await operator.confirm(/✓ copy only-here:1 from node104 to node103/, 60);
      expect(await lab.node("node103").docker("images", "-q", "only-here:1")).not.toBe("");
    });

    test("two on two nodes go down together only after a word was typed, each with its result", async () => {
      for (const [node, name] of [
        ["node104", "sample"],
        ["node103", "sample2"],
      ] as const) {
        await lab.node(node).docker("run", "-d", "--init", "--name", name, "big_computing", "sleep", "9999");
      }
      await operator.screen.hides(/back to the panes/);
      const { screen } = operator;
      screen.press("4", "/", "\x15", "sample", keys.enter);
      await screen.shows(/\/sample 2 of/);
      screen.press("*");
      await screen.shows(/•2 marked/);
      await operator.pick("a", "stop");
      await screen.shows(/Type "stop 2" to do it/);
      screen.press("stop 2", keys.enter);
      await screen.shows(/✓ stop sample2 on node103/);
      await screen.shows(/✓ stop sample on node104/);
      screen.press(keys.enter, "a");
      await screen.shows(/Actions: 2 containers on 2 nodes/);
      screen.press(keys.escape);
      await screen.hides(/Actions: /);
      await operator.pick("a", "remove");
      await operator.confirm(/✓ remove sample on node104[\s\S]*|✓ remove sample2 on node103[\s\S]*/);
      await screen.shows(/nothing matches/);
    });

    test("a network is made, seen by both nodes, refused to be removed while in use, and removed", async () => {
      const { screen } = operator;
      screen.press("3", "/", "\x15", keys.enter);
      await operator.pick("a", "create a network");
      await screen.shows(/▸ name/);
      screen.press("ov_net2", keys.down, keys.down, keys.down, "10.77.0.0/24", keys.enter);
      await operator.confirm(/✓ create the network ov_net2 on node103/);
      await screen.shows(/ov_net2 +overlay +10\.77\.0\.0\/24/);
      await lab
        .node("node104")
        .docker("run", "-d", "--name", "user2", "--network", "ov_net2", "big_computing", "sleep", "9999");
      screen.press("/", "ov_net2", keys.enter);
      await screen.shows(/ov_net2 +overlay +10\.77\.0\.0\/24 +\S+ +1 of 253 +\d of 2/);
      await operator.pick("a", "remove");
      await screen.shows(/ov_net2 is in use by user2 on node104/);
      screen.press(keys.escape);
      await screen.hides(/Actions: /);
      await lab.node("node104").docker("rm", "-f", "user2");
      await screen.shows(/ov_net2 +overlay +10\.77\.0\.0\/24 +\S+ +0 of 253/);
      await operator.pick("a", "remove");
      await operator.confirm(/✓ remove the network ov_net2/);
      await screen.shows(/nothing matches/);
      screen.press(keys.escape);
      await screen.hides(/nothing matches/);
    });

    test("a change is refused while the program is read-only", async () => {
      const { screen } = operator;
      screen.press(keys.ctrlR);
      await screen.shows(/ RO /);
      await operator.choose("crate", "stop", "read-only +");
      await screen.shows(/read-only refuses every change/);
      screen.press(keys.escape);
      await screen.hides(/Actions: /);
      screen.press(keys.ctrlR);
      await screen.shows(/ RW /);
      await isIn(lab, "node104", "crate", "running");
    });

    if (flavour === "classic") leftOver(() => operator);

    test("what was sent when the connection broke is told as unknown, and each change is in the journal", async () => {
      const { screen } = operator;
      await operator.choose("crate", "stop");
      await screen.shows(/y +do it/);
      const host = lab.node("node104");
      const before = (await host.must("date +%s")).trim();
      screen.press("y");
      await screen.shows(/… stop crate on node104/);
      // Painted before it is sent: the connection has to break once the engine is at it.
      const asked = `docker events --since ${before} --until "$(date +%s)" --filter container=crate --filter event=kill`;
      await until("the engine stopping crate", 60, async () => (await host.must(asked)) !== "");
      await host.killSshd();
      await screen.shows(/\? stop crate on node104/, 120);
      await screen.shows(/sent, and then: connection lost/);
      screen.press(keys.enter);
      await screen.shows(/crate +node104 .* exited/, 120);
      const lines = operator.journal().map((one) => `${one.event} ${one.title}`);
      for (const [first, last] of [
        ["begun pause box on node104", "done pause box on node104"],
        ["begun rename box on node104 to crate", "done rename box on node104 to crate"],
        ["begun create the network ov_net2 on node103", "done create the network ov_net2 on node103"],
        ["begun stop crate on node104", "failed stop crate on node104"],
      ] as const) {
        expect(lines.indexOf(first)).toBeGreaterThanOrEqual(0);
        expect(lines.indexOf(last)).toBeGreaterThan(lines.indexOf(first));
      }
    });
  });
}

/** Consul keeps an endpoint whose container is gone, as after a host that died in between (libnetwork, network.go). */
function leftOver(at: () => Operator): void {
  test("an endpoint that the store kept is dropped once its node has shown that the container is gone", async () => {
    const operator = at();
    const { screen, lab } = operator;
    const host = lab.node("node104");
    await host.docker("run", "-d", "--name", "ghost", "--network", "ov_net1", "big_computing", "sleep", "9999");
    const tree = "http://192.168.44.103:8500/v1/kv/docker/network/v1.0/endpoint";
    const found = await host.must(`curl -fsS "${tree}/?recurse"`);
    const entries: { Key: string; Value: string | null }[] = JSON.parse(found);
    const key = entries.find(({ Value }) => Buffer.from(Value ?? "", "base64").includes('"name":"ghost"'));
    if (key === undefined) throw new Error(`no endpoint of ghost in ${found}`);
    await host.docker("rm", "-f", "ghost");
    const put = `curl -fsS -X PUT --data-binary @- "http://192.168.44.103:8500/v1/kv/$1"`;
    await host.must(`printf %s "$2" | base64 -d | ${put}`, key.Key, key.Value ?? "");
    screen.press("3", "/", "\x15", "ov_net1", keys.enter);
    await screen.shows(/\/ov_net1 1 of/);
    await until("the endpoint in the menu", 60, async () => {
      screen.press("a");
      await screen.shows(/Actions: ov_net1/);
      const isThere = !/drop endpoints.*the store has none/.test(screen.text());
      screen.press(keys.escape);
      await screen.hides(/Actions: /);
      return isThere;
    });
    await operator.pick("a", "drop endpoints of containers that are gone");
    await screen.shows(/docker network disconnect -f ov_net1 ghost/);
    await operator.confirm(/✓ drop the endpoint ghost of ov_net1/);
    expect(await host.must(`curl -fsS "${tree}/?recurse"`)).not.toContain(key.Value);
    await host.docker("run", "-d", "--rm", "--name", "ghost", "--network", "ov_net1", "big_computing", "sleep", "9999");
    await host.docker("rm", "-f", "ghost");
  });
}
