import { afterAll, beforeAll, expect, test } from "vitest";
import type { Terminal } from "../terminal/terminal.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen, row } from "./on-screen.ts";

onRealHosts("a real swarm on the screen", () => {
  let lab: Lab;
  let screen: Terminal;

  beforeAll(async () => {
    lab = await Lab.up({ name: "screen-swarm", flavour: "swarm" });
    screen = openScreen(lab);
    await screen.shows(/ 2\/2 nodes live /);
  });

  afterAll(async () => {
    await screen?.close();
    await lab?.down();
  });

  test("shows managers and workers, the overlay with its VNI, and the containers of both hosts", async () => {
    await screen.shows(row("node103", "manager", "leader ready"));
    await screen.shows(row("node104", "worker", "ready"));
    await screen.shows(/swarm leader node103/);
    await screen.shows(row("node103", "live", "26.1.5", "swarm"));
    await screen.shows(row("ov_net1", "overlay", "10.10.10.0/24", "\\d{4}", "2 of 253", "2 of 2"));
    await screen.shows(row("node1", "node104", "big_computing", "10\\.10\\.10\\.\\d", "up"));
  });

  test("shows a container that is started behind its back, and loses it when it is removed", async () => {
    const node104 = lab.node("node104");
    await node104.docker("run", "-d", "--name", "visitor", "--network", "ov_net1", "big_computing", "sleep", "1000");
    await screen.shows(row("visitor", "node104", "big_computing", "10\\.10\\.10\\.\\d", "up"));
    await node104.docker("rm", "-f", "visitor");
    await screen.hides(/visitor/);
  });

  test("says that the swarm's worker is down when its engine was stopped, and ready when it is back", async () => {
    const node104 = lab.node("node104");
    await node104.must("systemctl stop docker");
    await screen.shows(row("node104", "engine stopped"));
    await screen.shows(row("node104", "worker", "down"), 180);
    expect(screen.text()).toMatch(row("node103", "live"));
    await node104.must("systemctl start docker");
    await screen.shows(row("node104", "worker", "ready"), 180);
    await screen.shows(/ 2\/2 nodes live /);
  });
});
