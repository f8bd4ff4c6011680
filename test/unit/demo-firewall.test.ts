import { expect, test } from "vitest";
import type { Hindrance } from "../../src/demo/machine.ts";
import { iptables } from "../../src/demo/shell/firewall.ts";

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
