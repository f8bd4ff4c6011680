import { expect, test } from "vitest";
import { Cluster } from "../../src/demo/cluster.ts";
import type { Hindrance } from "../../src/demo/machine.ts";
import { iptables } from "../../src/demo/shell/firewall.ts";
import { runProgram } from "../../src/demo/shell/programs.ts";
import { demoSpec } from "../../src/demo/spec.ts";
import { ManualClock } from "../manual-clock.ts";

const machine = (...hindrances: Hindrance[]) => ({ hindrances: new Set(hindrances) });
const run = (line: string, on: ReturnType<typeof machine>) => iptables(line.split(" "), on);
const rule = "-A INPUT -p udp -m udp --dport 4789 -j DROP";

test("a machine whose firewall drops the overlay's packets lists that rule, and another lists none", () => {
  expect(run("iptables -S INPUT", machine("vxlan-blocked")).lines).toEqual(["-P INPUT ACCEPT", rule]);
  expect(run("iptables -S", machine()).lines).toEqual(["-P INPUT ACCEPT"]);
  expect(run("iptables -L INPUT -n", machine("vxlan-blocked")).lines.at(-1)).toMatch(/^DROP +udp .*dpt:4789$/);
});

test.each([
  "iptables -D INPUT 1",
  "iptables -D INPUT -p udp --dport 4789 -j DROP",
  "iptables -D INPUT -p udp -m udp --dport 4789 -j DROP",
  "iptables -F INPUT",
])("%s lets them in again", (line) => {
  const on = machine("vxlan-blocked", "full-disk");
  expect(run(line, on)).toEqual({ lines: [], code: 0 });
  expect(on.hindrances.has("vxlan-blocked")).toBe(false);
  expect(on.hindrances.size).toBe(1);
});

test("a rule that is not there is not taken out, and one that is added stops them", () => {
  const on = machine();
  expect(run("iptables -D INPUT -p udp --dport 4789 -j DROP", on)).toMatchObject({ code: 1 });
  expect(run("iptables -D INPUT -p udp --dport 53 -j DROP", machine("vxlan-blocked"))).toMatchObject({ code: 1 });
  expect(run("iptables -I INPUT -p udp --dport 4789 -j DROP", on)).toEqual({ lines: [], code: 0 });
  expect(on.hindrances.has("vxlan-blocked")).toBe(true);
});

test("a machine has an iptables, and a container on it has none", async () => {
  const clock = new ManualClock();
  const options = { nodes: 1, containersPerNode: 1, seed: 1, clock };
  const { machines } = new Cluster(options, demoSpec(1, 1, "classic"));
  const [host] = machines.values();
  const [container] = host?.containers.values() ?? [];
  if (host === undefined || container === undefined) throw new Error("the demo has a machine with a container");
  const at = async (line: string, place: typeof container | undefined): Promise<[number, string]> => {
    const ground = { machine: host, container: place, clock, ping: () => Promise.reject(), resolve: () => undefined };
    const printed: string[] = [];
    const io = {
      print: (words: string) => printed.push(words),
      size: () => undefined,
      interrupted: new AbortController().signal,
    };
    const code = await runProgram(line.split(" "), "bash", ground, io);
    return [code, printed.join("\n")];
  };
  expect(await at("iptables -S", undefined)).toEqual([0, "-P INPUT ACCEPT"]);
  expect(await at("iptables -S", container)).toEqual([127, "bash: iptables: command not found"]);
  expect((await at("help", undefined))[1]).toContain("iptables");
  expect((await at("help", container))[1]).not.toContain("iptables");
});
