import { z } from "zod";
import type { HostFacts, Interface } from "../../domain/host.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { count, list, parseAnswer, parseJson, words } from "../answer.ts";
import { contentOf, type Section } from "./sections.ts";

/** Interfaces of the machine, from whichever of the three tongues it speaks. Ends of container pairs are left out. */
export function readInterfaces(sections: readonly Section[]): Outcome<readonly Interface[]> {
  const json = contentOf(sections, "links-json");
  const plain = contentOf(sections, "links-text");
  const found: Outcome<readonly Interface[]> =
    json !== ""
      ? interfacesOfJson(json)
      : good(plain !== "" ? interfacesOfText(plain) : interfacesOfSys(contentOf(sections, "links-sys")));
  return found.ok ? good(found.value.filter((link) => !isContainersEnd(link))) : found;
}

/** IPv4 routes of the main table. */
export function readRoutes(sections: readonly Section[]): Outcome<HostFacts["routes"]> {
  const json = contentOf(sections, "routes-json");
  if (json !== "") return routesOfJson(json);
  const plain = contentOf(sections, "routes-text");
  return good(plain !== "" ? routesOfText(plain) : routesOfProc(contentOf(sections, "routes-proc")));
}

/** dockerd names the host's end of a container's pair veth and seven hex digits (libnetwork netutils). */
const isContainersEnd = (link: Interface): boolean =>
  /^veth[0-9a-f]{7}$/.test(link.name) && link.addresses.every((address) => address.startsWith("fe80:"));

const jsonLinks = list(
  z.object({
    ifname: words,
    flags: list(z.string()),
    mtu: count,
    address: words,
    addr_info: list(z.object({ local: words, prefixlen: count })),
  }),
);

function interfacesOfJson(json: string): Outcome<readonly Interface[]> {
  const from = text`ip -j addr`;
  const raw = parseJson(json, from);
  if (!raw.ok) return raw;
  const parsed = parseAnswer(jsonLinks, raw.value, from);
  if (!parsed.ok) return parsed;
  return good(
    parsed.value
      // Some versions of iproute2 leave an empty object for what they filtered out.
      .filter((link) => link.ifname !== "")
      .map((link) => ({
        name: clean(link.ifname),
        up: isUp(link.flags),
        mtu: link.mtu,
        mac: macOf(link.address),
        addresses: link.addr_info.map(({ local, prefixlen }) => text`${clean(local)}/${prefixlen}`),
      })),
  );
}

/** `ip addr` as people read it, of iproute2 before 4.12 and of busybox. */
function interfacesOfText(plain: string): Interface[] {
  return plain
    .split(/^(?=\d+: )/m)
    .map((block) => /^\d+: ([^:@\s]+)[^<]*<([^>]*)> mtu (\d+)([\s\S]*)$/.exec(block))
    .filter((match) => match !== null)
    .map(([, name = "", flags = "", mtu = "", rest = ""]) => ({
      name: clean(name),
      up: isUp(flags.split(",")),
      mtu: Number(mtu),
      mac: macOf(/^\s+link\/\S+ (\S+)/m.exec(rest)?.[1] ?? ""),
      addresses: [...rest.matchAll(/^\s+inet6? (\S+)/gm)].map(([, address = ""]) => clean(address)),
    }));
}

/** Lines "NAME MTU MAC FLAGS" from /sys/class/net; IFF_UP is 1 and IFF_RUNNING 64 (netdevice(7)). */
function interfacesOfSys(lines: string): Interface[] {
  return lines
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => fields.length === 4)
    .map(([name = "", mtu = "", mac = "", flags = ""]) => ({
      name: clean(name),
      up: (Number(flags) & 1) === 1,
      mtu: Number(mtu),
      mac: macOf(mac),
      addresses: [],
    }));
}

const isUp = (flags: readonly string[]): boolean => flags.includes("UP") && flags.includes("LOWER_UP");

const macOf = (raw: string): Interface["mac"] =>
  /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(raw) && raw !== "00:00:00:00:00:00" ? clean(raw) : undefined;

const jsonRoutes = list(z.object({ dst: words, dev: words }));

function routesOfJson(json: string): Outcome<HostFacts["routes"]> {
  const from = text`ip -j route`;
  const raw = parseJson(json, from);
  if (!raw.ok) return raw;
  const parsed = parseAnswer(jsonRoutes, raw.value, from);
  if (!parsed.ok) return parsed;
  return good(
    parsed.value
      .filter((route) => route.dev !== "")
      .map((route) => ({ destination: clean(route.dst), device: clean(route.dev) })),
  );
}

function routesOfText(plain: string): HostFacts["routes"] {
  return plain
    .split("\n")
    .map((line) => /^(\S+) (?:.* )?dev (\S+)/.exec(line))
    .filter((match) => match !== null)
    .map(([, destination = "", device = ""]) => ({ destination: clean(destination), device: clean(device) }));
}

/** /proc/net/route: destination and mask as hexadecimal numbers of the machine's (little) byte order. */
function routesOfProc(table: string): HostFacts["routes"] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => /^[0-9A-F]{8}$/.test(fields[1] ?? "") && /^[0-9A-F]{8}$/.test(fields[7] ?? ""))
    .map(([device = "", destination = "", , , , , , mask = ""]) => {
      const address = (destination.match(/../g) ?? [])
        .reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join(".");
      const prefix = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
      return { destination: clean(prefix === 0 ? "default" : `${address}/${prefix}`), device: clean(device) };
    });
}
