import type { Distribution, EffectiveSetting, MemberState, Ping } from "../../domain/condor/member-state.ts";
import { parseVersion } from "../../domain/condor/versions.ts";
import type { Sha256 } from "../../domain/plan/change.ts";
import { isAddress } from "../../domain/subnets.ts";
import { clean, cleanLines, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { contentOf, type Section } from "../host/sections.ts";

/** A member's state from what the look printed; `asked` brackets the moment of the container's clock. */
export function parseMember(
  sections: readonly Section[],
  asked: { before: Instant; after: Instant },
): Outcome<MemberState> {
  const distribution = parseRelease(contentOf(sections, "release"));
  const printed = sections.find((one) => one.name === "version");
  if (printed === undefined) return good({ installed: false, distribution });
  const place = sections.find((one) => one.name === "place");
  const [kind, path] = place?.title.split(/ (.*)/) ?? [];
  if ((kind !== "file" && kind !== "block") || path === undefined || !path.startsWith("/")) {
    return bad({ kind: "bad-answer", from: text`a look at HTCondor`, detail: text`no folder for its configuration` });
  }
  const secret = /^([0-9a-f]{64})\b/.exec(contentOf(sections, "secret"))?.[1];
  const init = contentOf(sections, "init");
  return good({
    installed: true,
    version: parseVersion(printed.content),
    place: { kind, path },
    content: sections.find((one) => one.name === "content")?.content,
    isPending: contentOf(sections, "pending") === "yes",
    secret: secret as Sha256 | undefined,
    init: init === "systemd" ? "systemd" : init === "condor_master" ? "condor" : "other",
    master: parseMaster(contentOf(sections, "master")),
    addresses: addressesIn(contentOf(sections, "addresses")),
    effective: parseEffective(contentOf(sections, "effective")),
    managerAddresses: [...new Set(addressesIn(contentOf(sections, "name")))],
    clockMs: clockMs(Number(contentOf(sections, "clock")), asked),
  });
}

const addressesIn = (content: string): string[] =>
  content
    .split(/\s+/)
    .map((word) => word.replace(/\/\d+$/, ""))
    .filter((word) => word.includes(".") && isAddress(word));

/** "PID UPTIME START TICKS": seconds since the boot, and the start of the process in ticks since then (proc(5)). */
function parseMaster(line: string): { pid: number; ageMs: number } | undefined {
  const [pid, uptime, started, ticks] = line.split(" ").map(Number);
  if (pid === undefined || uptime === undefined || started === undefined || ticks === undefined) return undefined;
  const ageMs = Math.round((uptime - started / ticks) * 1000);
  return Number.isFinite(ageMs) ? { pid, ageMs: Math.max(0, ageMs) } : undefined;
}

/** `condor_config_val -v`: "NAME = value", then " # at: FILE, line N". */
function parseEffective(content: string): Map<string, EffectiveSetting> {
  const settings = new Map<string, EffectiveSetting>();
  let name: string | undefined;
  for (const line of content.split("\n")) {
    const setting = /^(\w+) = ?(.*)$/.exec(line);
    if (setting?.[1] !== undefined) {
      name = setting[1];
      settings.set(name, { value: clean(setting[2] ?? ""), at: text`` });
    }
    const place = /^\s*# at: (.*)$/.exec(line)?.[1];
    const before = name === undefined ? undefined : settings.get(name);
    if (place !== undefined && name !== undefined && before !== undefined) {
      settings.set(name, { ...before, at: clean(place) });
    }
  }
  return settings;
}

/** Lines NAME=VALUE of os-release(5), quoted or not. The first one of a name counts: /etc wins over /usr/lib. */
function parseRelease(content: string): Distribution {
  const value = (name: string): string =>
    (new RegExp(`^${name}=(.*)$`, "m").exec(content)?.[1] ?? "").replace(/^["']|["']$/g, "");
  return {
    id: value("ID"),
    like: value("ID_LIKE").split(" ").filter(Boolean),
    pretty: clean(value("PRETTY_NAME") || value("ID") || "an unknown distribution"),
  };
}

/** The clock has whole seconds: nothing is said about less. 0 also when it cannot be read. */
function clockMs(seconds: number, { before, after }: { before: Instant; after: Instant }): number {
  const there = seconds * 1000;
  if (!(there > 0)) return 0;
  if (there > after) return there - after;
  return there + 1000 < before ? there + 1000 - before : 0;
}

/** The table has a row for each level, with Decision before Identity; a level that failed says FAIL, one that is denied DENY. */
export function parsePing(sections: readonly Section[]): Ping {
  const rows = contentOf(sections, "table")
    .split("\n")
    .flatMap((line) => {
      const found = /^\s*(?:READ|ADVERTISE_\w+)\s+\S+\s+\S+\s+\S+\s+(\S+)\s+(\S+)/.exec(line);
      return found === null ? [] : [{ decision: found[1], identity: found[2] ?? "" }];
    });
  const last = rows.at(-1);
  if (rows.length === 3 && last !== undefined && rows.every((row) => row.decision === "ALLOW")) {
    return { allowed: true, as: clean(last.identity) };
  }
  const said = contentOf(sections, "words") || contentOf(sections, "table");
  return { allowed: false, words: cleanLines(said, 8).filter((line) => line.trim() !== "") };
}
