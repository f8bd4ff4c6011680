import type { Finding } from "../finding.ts";
import { effectiveConfig } from "../flags/effective-config.ts";
import { optionOfFlag } from "../flags/options.ts";
import type { DaemonSources } from "../host.ts";
import type { NodeName } from "../ids.ts";
import { clean, joined, text } from "../text.ts";
import { wayToWrite } from "../unwritable.ts";
import type { FileEdit } from "./change.ts";
import { type Keys, mergeDaemonJson, saysNothing } from "./daemon-json.ts";
import { dropInEdit, dropInRemoval, type Flag, withoutDropIn } from "./drop-in.ts";
import type { WantedSettings } from "./engine-settings.ts";
import { obstacleOn } from "./site.ts";
import type { NodeSurvey } from "./survey.ts";
import { isFlag, type Written, writtenSettings, writtenValues } from "./written.ts";

/** What has to be written so that dockerd is told what is wanted; where it cannot be, why. */
export type Edits = { ok: true; edits: FileEdit[]; commandLine: boolean } | { ok: false; obstacle: Finding };

/** Options for daemon.json, and those that have to stand on the command line because some of them do already. */
interface Placed {
  keys: Keys;
  /** Options taken off the command line before `flags` are added. */
  drop: readonly string[];
  flags: readonly Flag[];
}

const storeFlags: readonly string[] = ["cluster-store", "cluster-advertise"];
const tlsFlags = ["tls", "tlsverify", "tlscacert", "tlscert", "tlskey"] as const;

/** The edits that set `store`, `listener` or both; what is undefined is left as it is. */
export function settingEdits(node: NodeName, survey: NodeSurvey, wanted: WantedSettings): Edits {
  const written = writtenSettings(survey.sources);
  const parts = [
    ...(wanted.store === undefined ? [] : [placeStore(wanted.store, written)]),
    ...(wanted.listener === undefined ? [] : [placeListener(wanted.listener, written)]),
  ];
  return edits(node, survey, parts);
}

/** The edits after which dockerd is told of no store, wherever that stands now. */
export function storeRemovalEdits(node: NodeName, survey: NodeSurvey): Edits {
  const keys = Object.fromEntries([...storeFlags, "cluster-store-opts"].map((key) => [key, undefined]));
  const written = writtenSettings(survey.sources);
  const own = dropInRemoval(survey.sources);
  if (own !== undefined && addsOnlyStore(survey.sources)) {
    const rest = edits(node, survey, [{ keys, drop: [], flags: [] }]);
    return rest.ok ? { ok: true, edits: [...rest.edits, own], commandLine: true } : rest;
  }
  const drop = [...storeFlags, storeOption].filter((flag) => isFlag(written, flag));
  return edits(node, survey, [{ keys, drop, flags: [] }]);
}

const storeOption = "cluster-store-opt";

/** Whether our drop-in has nothing but the store's flags beyond the unit, and the unit none of them. */
function addsOnlyStore(sources: DaemonSources): boolean {
  const others = ({ onCommandLine }: Written) =>
    onCommandLine
      .filter(({ option }) => ![...storeFlags, storeOption].includes(option.flag))
      .map(({ option, value }) => `${option.flag}=${value}`)
      .join("\0");
  const [mine, unit] = [writtenSettings(sources), writtenSettings(withoutDropIn(sources))];
  return others(mine) === others(unit) && ![...storeFlags, storeOption].some((flag) => isFlag(unit, flag));
}

/** A flag and the same key in daemon.json keep dockerd from starting, so both options go where one of them is. */
function placeStore({ url, advertise }: NonNullable<WantedSettings["store"]>, written: Written): Placed {
  if (!storeFlags.some((flag) => isFlag(written, flag))) {
    return { keys: { "cluster-store": url, "cluster-advertise": advertise }, drop: [], flags: [] };
  }
  return {
    keys: { "cluster-store": undefined, "cluster-advertise": undefined },
    drop: storeFlags,
    flags: [
      { name: "cluster-store", value: url },
      { name: "cluster-advertise", value: advertise },
    ],
  };
}

/** What dockerd listens on when nobody says anything (moby opts/hosts.go DefaultUnixSocket). */
const defaultHost = "unix:///var/run/docker.sock";

function placeListener({ host, tls }: NonNullable<WantedSettings["listener"]>, written: Written): Placed {
  const tlsValues: Readonly<Record<string, string | true>> =
    tls === undefined ? {} : { tlsverify: true, tlscacert: tls.authority, tlscert: tls.certificate, tlskey: tls.key };
  const present = writtenValues(written, "host");
  if (!["host", ...tlsFlags].some((flag) => isFlag(written, flag))) {
    return {
      keys: { hosts: [...(present.length > 0 ? present : [defaultHost]), host], ...tlsValues },
      drop: [],
      flags: [],
    };
  }
  const inFile = written.inFile.filter(({ option }) => option.flag === "host").map(({ value }) => value);
  const added = [...(present.length > 0 ? inFile : [defaultHost]), host];
  return {
    keys: Object.fromEntries(["hosts", ...(tls === undefined ? [] : tlsFlags)].map((key) => [key, undefined])),
    drop: tls === undefined ? [] : tlsFlags,
    flags: [
      ...added.map((value) => ({ name: "host", value })),
      ...Object.entries(tlsValues).map(([name, value]) => ({ name, value: String(value) })),
    ],
  };
}

function edits(node: NodeName, survey: NodeSurvey, parts: readonly Placed[]): Edits {
  const { sources } = survey;
  const { path, sha256 } = survey.daemonJson;
  const handled = parts.flatMap(({ keys }) => Object.keys(keys));
  const before = checked(node, survey, handled);
  if (before !== undefined) return { ok: false, obstacle: before };
  const content = sources.daemonJson?.content;
  const keys = Object.assign({}, ...parts.map((part) => part.keys)) as Keys;
  const merged = mergeDaemonJson(path, content, keys);
  if (!merged.ok) return { ok: false, obstacle: broken(node, merged.problem) };
  const named = writtenSettings(sources).onCommandLine.some(({ option }) => option.flag === "config-file");
  // A file that says nothing any more is as good as none, unless --config-file insists on it.
  const empty = content !== undefined && !saysNothing(content) && saysNothing(merged.content) && !named;
  const made: FileEdit[] = [];
  if (merged.content !== (content ?? "")) {
    const replaces = sha256 === undefined || content === undefined ? "absent" : { sha256, content };
    made.push({ path, replaces, content: empty ? "removed" : merged.content, mode: 0o644 });
  }
  const drop = parts.flatMap((part) => part.drop);
  const flags = parts.flatMap((part) => part.flags);
  if (drop.length + flags.length > 0) {
    const dropIn = dropInEdit(sources, drop, flags);
    if (!dropIn.ok) {
      const { problem, remedy } = dropIn;
      const title = text`The flags of dockerd on ${node} cannot be changed`;
      return { ok: false, obstacle: obstacleOn(node, "flags-fixed", title, { evidence: [problem], remedy }) };
    }
    made.push(dropIn.edit);
  }
  if (made.length > 0 && !survey.writable.ok) return { ok: false, obstacle: notWritable(node, survey.writable.why) };
  return { ok: true, edits: made, commandLine: drop.length + flags.length > 0 };
}

/** What forbids to touch the files at all: unread, broken, or at odds with the command line in something that is not ours to settle. */
function checked(node: NodeName, { sources, daemonJson }: NodeSurvey, handled: readonly string[]): Finding | undefined {
  if (sources.unreadable?.includes(daemonJson.path) === true) {
    return obstacleOn(node, "daemon-json-unreadable", text`${clean(daemonJson.path)} on ${node} cannot be read`, {
      remedy: text`See that root may read it; it is never written over unread.`,
    });
  }
  const { fileProblem, conflicts } = effectiveConfig(sources);
  if (fileProblem !== undefined) return broken(node, fileProblem);
  const others = conflicts.filter(
    ({ name }) => !handled.some((key) => key === name || optionOfFlag(key).file === name),
  );
  if (others.length === 0) return undefined;
  return obstacleOn(
    node,
    "flag-file-conflict",
    text`dockerd on ${node} takes no new configuration: flags and daemon.json conflict`,
    {
      evidence: others.map(({ name, flag, file }) => text`${name}: ${flag} as flag, ${file} in daemon.json`),
      remedy: text`Take ${joined(others.map((one) => one.name))} out of one side on ${node}; "systemctl edit docker" changes the flags.`,
    },
  );
}

const broken = (node: NodeName, problem: Finding["title"]): Finding =>
  obstacleOn(node, "daemon-json-broken", text`The daemon.json of ${node} is broken, and is not written over`, {
    evidence: [problem],
    remedy: text`Mend it on ${node}: dockerd would not start with it either.`,
  });

const notWritable = (node: NodeName, why: Finding["title"]): Finding =>
  obstacleOn(node, "docker-folder-not-writable", text`/etc/docker on ${node} cannot be written`, {
    evidence: [why],
    remedy: text`On ${node}: ${wayToWrite(why, text`/etc/docker`) ?? text`look at "ls -la /etc/docker"`}; then ask for the plan again.`,
  });
