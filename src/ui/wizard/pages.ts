import { defaultImages } from "../../domain/plan/store-container.ts";
import { isSubnet, withoutPrefix } from "../../domain/subnets.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { ContainerDraft, Draft, HostDraft } from "../../domain/wizard/draft.ts";
import { clashOf, freeSubnet } from "../../domain/wizard/free-subnet.ts";
import { nameOf, staying } from "../../domain/wizard/values.ts";
import type { HostCheck } from "../../services/wizard/host-checks.ts";
import { type FormPage, type Item, nameProblem, toggle } from "./fields.ts";
import { type Checks, knownHosts, modeOf, usedSubnets } from "./known.ts";

/** What the last row of a list is: something typed there becomes a new entry. */
export const newHost = "new.host";
export const newContainer = "new.container";

export const titles: Readonly<Record<FormPage, SafeText>> = {
  hosts: text`Hosts`,
  mode: text`Mode`,
  store: text`Store`,
  network: text`Network`,
  containers: text`Containers`,
};

/** The fields of a page, with what is known of them and what is wrong. */
export function itemsOf(page: FormPage, draft: Draft, checks: Checks): readonly Item[] {
  switch (page) {
    case "hosts":
      return hostsPage(draft, checks);
    case "mode":
      return modePage(draft, checks);
    case "store":
      return storePage(draft, checks);
    case "network":
      return networkPage(draft, checks);
    case "containers":
      return containersPage(draft, checks);
  }
}

/** The first thing wrong on a page that keeps one from going on. */
export const firstProblem = (items: readonly Item[]): Item | undefined =>
  items.find((item) => item.problem !== undefined);

function hostsPage(draft: Draft, checks: Checks): Item[] {
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
    help: host.leaving
      ? text`It will be taken out of the cluster; ctrl-x keeps it.`
      : text`[user@]host[:port] or a name of ~/.ssh/config. ctrl-x takes it out, ctrl-o shows the known ones.`,
    problem: first < index ? text`it is there twice` : check?.state === "wrong" ? check.why : undefined,
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
  const value = host.advertise === "" ? (usual ?? links[0]?.name ?? "") : host.advertise;
  const isThere = links.some((link) => link.name === value || link.address === value);
  const options = links.map((link) => ({
    value: link.name as string,
    label: text`${link.name} ${clean(link.address)}`,
  }));
  if (!isThere) {
    options.unshift({ value, label: clean(value) });
    return { ...common, kind: "choice", value, options, problem: text`${clean(value)} is not on this host` };
  }
  return { ...common, kind: "choice", value, options };
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

function modePage(draft: Draft, checks: Checks): Item[] {
  const decision = modeOf(draft, checks);
  const reason =
    decision === undefined
      ? { words: text`known once a host has answered`, tone: "muted" as const }
      : "mode" in decision
        ? { words: text`${clean(decision.mode)}: ${decision.because}`, tone: "good" as const }
        : undefined;
  return [
    {
      kind: "choice",
      id: "mode",
      label: text`mode`,
      value: draft.mode,
      options: [
        { value: "auto", label: text`auto` },
        { value: "cluster-store", label: text`cluster store` },
        { value: "swarm", label: text`swarm` },
      ],
      help: text`How the engines are joined: an external store (up to 20.10) or swarm mode. auto takes what all of them can.`,
      note: reason,
      problem: decision !== undefined && "obstacle" in decision ? decision.obstacle.title : undefined,
    },
    {
      kind: "choice",
      id: "listen",
      label: text`dockerd on TCP`,
      value: draft.listen,
      options: [
        { value: "none", label: text`none` },
        { value: "tls", label: text`with TLS` },
        { value: "insecure", label: text`insecure` },
      ],
      help: text`Neither the overlay nor this program needs a listener. insecure makes everyone who reaches the port root.`,
      note: draft.listen === "insecure" ? { words: text`root for everyone who reaches it`, tone: "bad" } : undefined,
    },
  ];
}

function storePage(draft: Draft, checks: Checks): Item[] {
  const known = knownHosts(checks);
  const names = staying(draft).map((host) => nameOf(host, known));
  const { store } = draft;
  const chosen = store.nodes.split(/[\s,]+/).filter((one) => one !== "");
  const stranger = chosen.find((one) => !names.includes(one));
  const exists = store.endpoints.trim() !== "";
  const wrongPort = store.port !== "" && !(Number(store.port) >= 1 && Number(store.port) <= 65_535);
  return [
    {
      kind: "choice",
      id: "store.kind",
      label: text`store`,
      value: store.kind,
      options: [
        { value: "consul", label: text`Consul` },
        { value: "etcd", label: text`etcd` },
        { value: "zookeeper", label: text`ZooKeeper` },
      ],
      help: text`The key-value store in which the engines meet.`,
      note:
        store.kind === "zookeeper"
          ? { words: text`crashes engines of 20.10 at the first container`, tone: "bad" }
          : undefined,
    },
    {
      kind: "text",
      id: "store.nodes",
      label: text`runs on`,
      value: store.nodes,
      otherwise: exists ? "nowhere: it exists already" : names[0],
      help: text`One node, or three or five that keep it between them and survive the loss of one. Nodes: ${joined(names.map((one) => clean(one)))}`,
      problem:
        stranger !== undefined
          ? text`there is no node ${clean(stranger)}`
          : chosen.length > 0 && ![1, 3, 5].includes(chosen.length)
            ? text`one, three or five nodes`
            : undefined,
    },
    {
      kind: "text",
      id: "store.endpoints",
      label: text`or exists at`,
      value: store.endpoints,
      help: text`host:port of a store that runs already; then none is started here.`,
      problem:
        exists && !store.endpoints.split(/[\s,]+/).every((one) => one === "" || /^[^\s:]+:\d{1,5}$/.test(one))
          ? text`host:port, several parted by blanks`
          : undefined,
    },
    {
      kind: "text",
      id: "store.image",
      label: text`image`,
      value: store.image,
      otherwise: imageOf(draft, checks),
      help: text`What runs it. One that a host has is copied to the others, so no registry is needed.`,
    },
    {
      kind: "text",
      id: "store.port",
      label: text`port`,
      value: store.port,
      otherwise: { consul: "8500", etcd: "2379", zookeeper: "2181" }[store.kind],
      help: text`Where engines reach it, on its node's own address only.`,
      problem: wrongPort ? text`a port from 1 to 65535` : undefined,
    },
  ];
}

/** An image of the store's kind that a host has, or the usual one. */
export function imageOf(draft: Draft, checks: Checks): string {
  const { kind } = draft.store;
  const images = [...knownHosts(checks).values()].flatMap((host) => host.images);
  return images.find((image) => new RegExp(`(?:^|/)${kind}:`).test(image)) ?? defaultImages[kind];
}

function networkPage(draft: Draft, checks: Checks): Item[] {
  const used = usedSubnets(draft, checks);
  const { network } = draft;
  const subnet = network.subnet === "" ? freeSubnet(used) : network.subnet;
  const clash = clashOf(subnet, used);
  // The address that a flat network is on is its hosts' own: there a clash is what one wants.
  const isFlat = network.driver === "macvlan";
  return [
    {
      kind: "text",
      id: "network.name",
      label: text`network`,
      value: network.name,
      help: text`The network that the containers share over all hosts.`,
      problem: nameProblem(network.name),
    },
    {
      kind: "choice",
      id: "network.driver",
      label: text`driver`,
      value: network.driver,
      options: [
        { value: "overlay", label: text`overlay (VXLAN)` },
        { value: "macvlan", label: text`macvlan (flat)` },
      ],
      help: text`overlay works over any network between the hosts; macvlan puts containers straight on their common segment.`,
    },
    {
      kind: "text",
      id: "network.subnet",
      label: text`subnet`,
      value: network.subnet,
      otherwise: subnet,
      help: text`Addresses of the containers. Nothing that the hosts reach may lie in it.`,
      problem: !isSubnet(subnet)
        ? text`a subnet such as 10.10.10.0/24`
        : clash !== undefined && !isFlat
          ? text`overlaps ${clean(clash.subnet)}, ${clash.by}`
          : undefined,
      note: clash === undefined ? { words: text`free on every host`, tone: "good" } : undefined,
    },
    ...(isFlat
      ? [
          {
            kind: "text" as const,
            id: "network.parent",
            label: text`parent`,
            value: network.parent,
            otherwise: "the interface of each host's traffic",
            help: text`The interface on the common segment, where it is another one.`,
          },
        ]
      : []),
  ];
}

function containersPage(draft: Draft, checks: Checks): Item[] {
  const known = knownHosts(checks);
  const nodes = staying(draft).map((host) => nameOf(host, known));
  const images = [...new Set([...known.values()].flatMap((host) => host.images))].sort();
  // Containers of a host that is taken out go with it; should it stay after all, they are still there.
  const leaving = new Set(draft.hosts.filter((host) => host.leaving).map((host) => host.known));
  return [
    ...draft.containers.flatMap((one, index) =>
      leaving.has(one.node) ? [] : containerItems(one, index, draft, nodes, images),
    ),
    {
      kind: "text",
      id: newContainer,
      label: text`add one`,
      value: "",
      help: text`A name for one more container. ctrl-x takes one away.`,
    },
  ];
}

function containerItems(
  one: ContainerDraft,
  index: number,
  draft: Draft,
  nodes: readonly string[],
  images: readonly string[],
): Item[] {
  const id = `container.${index}`;
  const owner = `${id}.name`;
  const first = draft.containers.findIndex((other) => other.name === one.name);
  const node = nodes.includes(one.node) ? one.node : "";
  return [
    {
      kind: "text",
      id: owner,
      label: text`container ${index + 1}`,
      value: one.name,
      help: text`Its name, by which the others reach it. ctrl-x takes it away.`,
      problem: first < index ? text`it is there twice` : nameProblem(one.name),
      note: { words: text`on ${clean(one.node)}, ${clean(one.image === "" ? "no image" : one.image)}`, tone: "muted" },
    },
    {
      kind: "choice",
      id: `${id}.node`,
      under: owner,
      label: text`  node`,
      value: node,
      options: nodes.map((name) => ({ value: name, label: clean(name) })),
      help: text`The host that it runs on.`,
      problem: node === "" ? text`${clean(one.node)} is no node of this cluster` : undefined,
    },
    {
      kind: "text",
      id: `${id}.image`,
      under: owner,
      label: text`  image`,
      value: one.image,
      help: text`On the hosts now: ${joined(images.slice(0, 6).map((image) => clean(image)))}`,
      problem: one.image === "" ? text`an image` : undefined,
    },
    {
      kind: "text",
      id: `${id}.hostname`,
      under: owner,
      label: text`  hostname`,
      value: one.hostname,
      help: text`Its own host name; empty leaves it to the engine.`,
    },
    {
      kind: "text",
      id: `${id}.command`,
      under: owner,
      label: text`  command`,
      value: one.command,
      help: text`What runs in it; empty is the image's own. /usr/sbin/init boots systemd.`,
    },
    toggle(
      `${id}.privileged`,
      text`  privileged`,
      one.privileged,
      text`Full rights on the host: systemd in a container needs it.`,
      owner,
    ),
    toggle(
      `${id}.remove`,
      text`  remove`,
      one.remove,
      text`The container is gone once it stops (docker run --rm).`,
      owner,
    ),
  ];
}
