import { done, ran } from "./command.ts";
import { addressOf, hostInterface, type Places, switchAddress } from "./places.ts";

/** The switch: a bridge in a namespace of its own, without a route to anywhere. */
export async function makeSwitch(places: Places): Promise<void> {
  const inSwitch = ["ip", "-n", places.switch];
  await done(["ip", "netns", "add", places.switch]);
  await done([...inSwitch, "link", "set", "lo", "up"]);
  await done([...inSwitch, "link", "add", "br0", "type", "bridge"]);
  await done([...inSwitch, "address", "add", `${switchAddress}/24`, "dev", "br0"]);
  await done([...inSwitch, "link", "set", "br0", "up"]);
}

/** A card keeps its address over a power cycle, and the neighbours' tables rely on it: 192.168.44.103 is 02:00:c0:a8:2c:67. */
function cardOf(node: string): string {
  const octets = addressOf(node).split(".").map(Number);
  return ["02", "00", ...octets.map((octet) => octet.toString(16).padStart(2, "0"))].join(":");
}

/** A host's namespace with one cable to the switch; neither end is ever seen outside of the two. */
export async function plugIn(places: Places, node: string): Promise<void> {
  const { namespace } = places.host(node);
  await done(["ip", "netns", "add", namespace]);
  await done(["ip", "-n", namespace, "link", "set", "lo", "up"]);
  await done([
    "ip",
    "-n",
    places.switch,
    "link",
    "add",
    node,
    "type",
    "veth",
    "peer",
    "name",
    hostInterface,
    "address",
    cardOf(node),
    "netns",
    namespace,
  ]);
  await done(["ip", "-n", places.switch, "link", "set", node, "master", "br0", "up"]);
  await done(["ip", "-n", namespace, "address", "add", `${addressOf(node)}/24`, "dev", hostInterface]);
  await done(["ip", "-n", namespace, "link", "set", hostInterface, "up"]);
}

/** What takes a host off the switch, its namespace included: the kernel alone would take its time to remove the cable. */
export const unplugging = (places: Places, node: string): string[][] => [
  ["ip", "-n", places.switch, "link", "delete", node],
  ["ip", "netns", "delete", places.host(node).namespace],
];

/** Pulls the cable at the switch, or plugs it in again: the host's own interface keeps its address. */
export async function setCable(places: Places, node: string, state: "up" | "down"): Promise<void> {
  await done(["ip", "-n", places.switch, "link", "set", node, state]);
}

export async function setMtu(places: Places, node: string, bytes: number): Promise<void> {
  await done(["ip", "-n", places.host(node).namespace, "link", "set", hostInterface, "mtu", String(bytes)]);
}

/** Drops UDP to `port` on its way into or out of a host; "none" ends that. */
export async function dropUdp(places: Places, node: string, port: number, way: "in" | "out" | "none"): Promise<void> {
  const tables = ["ip", "netns", "exec", places.host(node).namespace, "iptables", "-w"];
  for (const chain of ["INPUT", "OUTPUT"]) {
    const rule = [chain, "-p", "udp", "--dport", String(port), "-j", "DROP"];
    while ((await ran([...tables, "-D", ...rule])).code === 0);
    if (way !== "none" && chain === (way === "in" ? "INPUT" : "OUTPUT")) await done([...tables, "-I", ...rule]);
  }
}
