import { wordsOf } from "../../../domain/command-line.ts";
import { nameProblem } from "../../../domain/object-name.ts";
import { clean, joined, text } from "../../../domain/text.ts";
import { type ContainerDraft, type Draft, staying } from "../../../domain/wizard/draft.ts";
import { nameOf } from "../../../domain/wizard/values.ts";
import { type Item, toggle } from "../../form/item.ts";
import { type Checks, knownHosts } from "../known.ts";

/** The last row of the list: what is typed there becomes a container. */
export const newContainer = "new.container";

interface Option {
  value: string;
  label: ReturnType<typeof clean>;
}

/** What containers are chosen from. */
interface Choices {
  hosts: readonly Option[];
  networks: readonly Option[];
  images: readonly string[];
}

/** The containers of the cluster, each with its node, image, network and rights. */
export function containersPage(draft: Draft, checks: Checks): Item[] {
  const known = knownHosts(checks);
  const choices: Choices = {
    hosts: staying(draft).map((host) => ({ value: String(host.id), label: clean(nameOf(host, known)) })),
    networks: [
      ...draft.networks.map(({ id, name }) => ({ value: String(id), label: clean(name) })),
      { value: "", label: text`none` },
    ],
    images: [...new Set([...known.values()].flatMap((host) => host.images))].sort(),
  };
  // Containers of a host that is taken out go with it; should it stay after all, they are still there.
  const leaving = new Set(draft.hosts.filter((host) => host.leaving).map((host) => host.id));
  return [
    ...draft.containers.flatMap((one, index) =>
      leaving.has(one.host) ? [] : containerItems(one, index, draft, choices),
    ),
    {
      kind: "text",
      id: newContainer,
      label: text`add one`,
      value: "",
      help: text`A name for one more container. ctrl-x takes one out of the file; one that runs goes on.`,
    },
  ];
}

function containerItems(one: ContainerDraft, index: number, draft: Draft, choices: Choices): Item[] {
  const id = `container.${index}`;
  const owner = `${id}.name`;
  const first = draft.containers.findIndex((other) => other.name === one.name);
  const host = choices.hosts.find((option) => option.value === String(one.host));
  const network = choices.networks.find((option) => option.value === String(one.network ?? ""));
  const image = clean(one.image === "" ? "no image" : one.image);
  return [
    {
      kind: "text",
      id: owner,
      label: text`container ${index + 1}`,
      value: one.name,
      help: text`Its name, by which the others reach it. ctrl-x takes it out of the file; one that runs goes on.`,
      problem: first < index ? text`it is there twice` : nameProblem(one.name),
      note: { words: text`on ${host?.label ?? text`no host`}, ${image}`, tone: "muted" },
    },
    {
      kind: "choice",
      id: `${id}.host`,
      under: owner,
      label: text`  node`,
      value: host?.value ?? "",
      options: choices.hosts,
      help: text`The host that it runs on.`,
      problem: host === undefined ? text`its host was taken out: choose another` : undefined,
    },
    {
      kind: "text",
      id: `${id}.image`,
      under: owner,
      label: text`  image`,
      value: one.image,
      offers: choices.images,
      help: text`ctrl-o shows what the hosts have: ${joined(choices.images.slice(0, 6).map((name) => clean(name)))}`,
      problem: one.image === "" ? text`an image` : undefined,
    },
    {
      kind: "choice",
      id: `${id}.network`,
      under: owner,
      label: text`  network`,
      value: network?.value ?? "none",
      options: choices.networks,
      help: text`The network that it has an address on.`,
      problem: network === undefined ? text`its network was taken away: choose another` : undefined,
    },
    ...processItems(one, id, owner),
  ];
}

/** What runs in it, and with what rights. */
const processItems = (one: ContainerDraft, id: string, owner: string): Item[] => [
  {
    kind: "text",
    id: `${id}.hostname`,
    under: owner,
    label: text`  hostname`,
    value: one.hostname,
    help: text`Its own host name; empty leaves it to the engine.`,
    problem: /^(?:[A-Za-z0-9][A-Za-z0-9.-]{0,62})?$/.test(one.hostname) ? undefined : text`letters, digits, dot, dash`,
  },
  {
    kind: "text",
    id: `${id}.command`,
    under: owner,
    label: text`  command`,
    value: one.command,
    help: text`What runs in it; empty is the image's own. /usr/sbin/init boots systemd. Quotes as in a shell.`,
    problem: wordsOf(one.command) === undefined ? text`a quote is open` : undefined,
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
