import { parted } from "../../../domain/command-line.ts";
import { defaultImages } from "../../../domain/plan/store-container.ts";
import { storePorts } from "../../../domain/spec/convert.ts";
import { clean, joined, type SafeText, text } from "../../../domain/text.ts";
import { type Draft, staying } from "../../../domain/wizard/draft.ts";
import { nameOf, newName } from "../../../domain/wizard/values.ts";
import type { Item } from "../../form/item.ts";
import { type Checks, knownHosts } from "../known.ts";

/** The store in which the engines meet: its kind, where it runs or is, and of what image. */
export function storePage(draft: Draft, checks: Checks): Item[] {
  const known = knownHosts(checks);
  const names = staying(draft).map((host) => nameOf(host, known));
  const { store } = draft;
  const chosen = parted(store.nodes).map((name) => newName(name, draft, known));
  const exists = parted(store.endpoints).length > 0;
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
      problem: exists ? undefined : placeProblem(chosen, names),
    },
    {
      kind: "text",
      id: "store.endpoints",
      label: text`or exists at`,
      value: store.endpoints,
      help: text`host:port of a store that runs already; then none is started here.`,
      problem:
        exists && !parted(store.endpoints).every((one) => endpoint.test(one))
          ? text`host:port, several parted by blanks`
          : undefined,
    },
    {
      kind: "text",
      id: "store.image",
      label: text`image`,
      value: store.image,
      otherwise: imageOf(draft, checks),
      offers: storeImages(draft, checks),
      help: text`What runs it. One that a host has is copied to the others, so no registry is needed. ctrl-o shows those.`,
    },
    {
      kind: "text",
      id: "store.port",
      label: text`port`,
      value: store.port,
      otherwise: String(storePorts[store.kind]),
      help: text`Where engines reach it, on its node's own address only.`,
      problem: wrongPort ? text`a port from 1 to 65535` : undefined,
    },
  ];
}

const endpoint = /^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;

function placeProblem(chosen: readonly string[], names: readonly string[]): SafeText | undefined {
  const stranger = chosen.find((one) => !names.includes(one));
  if (stranger !== undefined) return text`there is no node ${clean(stranger)}`;
  if (new Set(chosen).size < chosen.length) return text`every server on a node of its own`;
  return [0, 1, 3, 5].includes(chosen.length) ? undefined : text`one, three or five nodes`;
}

/** Images of the store's kind that the hosts have. */
function storeImages(draft: Draft, checks: Checks): string[] {
  const images = [...knownHosts(checks).values()].flatMap((host) => host.images);
  const ofKind = new RegExp(`(?:^|/)${draft.store.kind}(?::|$)`);
  return [...new Set(images)].filter((image) => ofKind.test(image)).sort();
}

/** What runs a store for which no image was typed: one that a host has, or the usual one. */
export function imageOf(draft: Draft, checks: Checks): string {
  const usual = defaultImages[draft.store.kind];
  // What a file leaves unsaid is the usual one, whatever the hosts have besides.
  return draft.store.known ? usual : (storeImages(draft, checks)[0] ?? usual);
}
