import { nameProblem } from "../../../domain/object-name.ts";
import { withoutPrefix } from "../../../domain/subnets.ts";
import { clean, joined, text } from "../../../domain/text.ts";
import { type Draft, type HostDraft, staying } from "../../../domain/wizard/draft.ts";
import { nameOf } from "../../../domain/wizard/values.ts";
import type { HostCheck } from "../../../services/wizard/host-checks.ts";
import type { Item } from "../../form/item.ts";
import { type Checks, knownHosts } from "../known.ts";

/** The last row of the list: what is typed there becomes a host. */
export const newHost = "new.host";

/** The cluster's name and its hosts, each with what looking at it told. */
export function hostsPage(draft: Draft, checks: Checks): Item[] {
  const known = knownHosts(checks);
  const names = staying(draft).map((host) => nameOf(host, known));
  return [
    {
      kind: "text",
      id: "cluster",
      label: text`cluster`,
      value: draft.cluster,
      help: text`A name for the cluster; it stands in the header and in the file.`,
      problem: nameProblem(draft.cluster),
    },
    ...draft.hosts.flatMap((host, index) => hostItems(host, index, draft, checks, names)),
    {
      kind: "text",
      id: newHost,
      label: text`add a host`,
      value: "",
      help: text`[user@]host[:port] or a name of ~/.ssh/config; several may be pasted at once. ctrl-o shows the known ones.`,
      problem: names.length === 0 ? text`at least one host` : undefined,
    },
  ];
}

function hostItems(host: HostDraft, index: number, draft: Draft, checks: Checks, names: readonly string[]): Item[] {
  const id = `host.${index}`;
  const check = checks.get(host.target);
  const known = knownHosts(checks);
  const name = nameOf(host, known);
  const first = draft.hosts.findIndex((one) => one.target === host.target);
  const target: Item = {
    kind: "text",
    id: `${id}.target`,
    label: host.leaving ? text`leaves` : text`host ${index + 1}`,
    value: host.target,
    help: helpOf(host, check),
    problem: targetProblem(host, first < index, check),
    note: host.leaving ? { words: text`taken out`, tone: "warn" } : noteOf(check),
  };
  if (host.leaving) return [target];
  const twice = names.filter((one) => one === name).length > 1;
  return [
    target,
    {
      kind: "text",
      id: `${id}.name`,
      under: `${id}.target`,
      label: text`  name`,
      value: host.name,
      otherwise: name,
      help: text`The node's name everywhere in this program; empty takes the machine's own.`,
      problem: twice ? text`another host has the name ${clean(name)}` : nameProblem(name),
    },
    advertiseItem(host, id, check, known.get(host.target)?.interface),
  ];
}

function targetProblem(host: HostDraft, isTwice: boolean, check: HostCheck | undefined): Item["problem"] {
  if (host.target === "") return text`how it is reached; ctrl-x takes the row away`;
  if (isTwice) return text`it is there twice`;
  return check?.state === "wrong" ? check.why : undefined;
}

function helpOf(host: HostDraft, check: HostCheck | undefined): Item["help"] {
  if (host.leaving) return text`It will be taken out of the cluster; ctrl-x keeps it.`;
  if (check?.state === "trouble") return text`${check.remedy} ctrl-t tries again.`;
  return text`[user@]host[:port] or a name of ~/.ssh/config. ctrl-x takes it out, ctrl-o shows the known ones.`;
}

function advertiseItem(host: HostDraft, id: string, check: HostCheck | undefined, usual: string | undefined): Item {
  const facts = check?.state === "live" ? check.facts : undefined;
  const links = (facts?.interfaces ?? []).flatMap((link) => {
    const address = link.addresses.map((one) => withoutPrefix(one)).find((one) => !one.includes(":"));
    return address === undefined || link.name === "lo" ? [] : [{ name: link.name, address }];
  });
  const common = {
    id: `${id}.advertise`,
    under: `${id}.target`,
    label: text`  traffic`,
    help: text`The interface that carries cluster traffic and VXLAN between the hosts; left and right choose.`,
  };
  if (links.length === 0) return { ...common, kind: "text", value: host.advertise, otherwise: usual };
  const typed = host.advertise === "" ? (usual ?? links[0]?.name ?? "") : host.advertise;
  const there = links.find((link) => link.name === typed || link.address === typed);
  const options = links.map((link) => ({
    value: link === there ? typed : link.name,
    label: text`${link.name} ${clean(link.address)}`,
  }));
  if (there !== undefined) return { ...common, kind: "choice", value: typed, options };
  return {
    ...{ ...common, kind: "choice", value: typed },
    options: [{ value: typed, label: clean(typed) }, ...options],
    problem: text`${clean(typed)} is not on this host`,
  };
}

function noteOf(check: HostCheck | undefined): Item["note"] {
  switch (check?.state) {
    case undefined:
    case "wrong":
      return undefined;
    case "connecting":
      return { words: text`connecting`, tone: "busy" };
    case "trouble":
      return { words: check.what, tone: "bad" };
    case "live": {
      const { engine, engineTrouble, facts } = check;
      if (engineTrouble !== undefined) return { words: engineTrouble, tone: "bad" };
      if (engine === undefined) return { words: text`connected`, tone: "busy" };
      return {
        words: joined([text`Docker ${engine.version}`, ...(facts === undefined ? [] : [facts.hostname])]),
        tone: "good",
      };
    }
  }
}
