import { type ContainerDraft, type Draft, hostsIn, newHostDraft, nextId, staying } from "../../domain/wizard/draft.ts";
import { moreContainers, proposedContainers } from "../../domain/wizard/values.ts";
import { contentOf, emptyField, type Field, fieldOf } from "../dialogs/text-field.ts";
import { type Item, shownItems, turned } from "../form/item.ts";
import { type FormPage, withValue } from "./fields.ts";
import { type Checks, knownHosts } from "./known.ts";
import { newContainer } from "./pages/containers.ts";
import { newHost } from "./pages/hosts.ts";
import { newNetwork } from "./pages/networks.ts";
import { firstProblem, itemsOf } from "./pages.ts";

/** Rows that are only a place to type something new in. */
const newRows: readonly string[] = [newHost, newNetwork, newContainer];

/** What was typed on the pages of fields, and where the cursor is on each. Nothing of it is lost on the way between them. */
export class Form {
  draft: Draft;
  /** The text under the cursor. */
  field: Field = emptyField;
  readonly #checks: () => Checks;
  #page: FormPage = "hosts";
  readonly #focus: Partial<Record<FormPage, string>> = { hosts: newHost };
  #touchedContainers: boolean;

  constructor(draft: Draft, checks: () => Checks) {
    this.draft = draft;
    this.#checks = checks;
    this.#touchedContainers = draft.containers.length > 0;
  }

  get page(): FormPage {
    return this.#page;
  }

  /** Turns to a page; the cursor is where it was left. */
  turnTo(page: FormPage): void {
    this.#page = page;
    if (page === "containers") this.#proposeContainers();
    this.focusOn(this.#focus[page] ?? this.items()[0]?.id ?? "");
  }

  items(): readonly Item[] {
    return itemsOf(this.#page, this.draft, this.#checks());
  }

  shown(): readonly Item[] {
    return shownItems(this.items(), this.#focus[this.#page] ?? "");
  }

  focused(): Item | undefined {
    const shown = this.shown();
    return shown.find((item) => item.id === this.#focus[this.#page]) ?? shown[0];
  }

  focusOn(id: string): void {
    this.#focus[this.#page] = id;
    const item = this.focused();
    this.field = item?.kind === "text" ? fieldOf(item.value) : emptyField;
  }

  /** What keeps one from going on, with the cursor on it. */
  firstProblem(): Item | undefined {
    const wrong = firstProblem(this.items());
    if (wrong !== undefined) this.focusOn(wrong.id);
    return wrong;
  }

  /** The field after `change`; false when the cursor is on none. */
  typed(change: (field: Field) => Field | undefined): boolean {
    const item = this.focused();
    const field = item?.kind === "text" ? change(this.field) : undefined;
    if (item === undefined || field === undefined) return false;
    this.field = field;
    if (!newRows.includes(item.id)) this.#set(item.id, contentOf(field));
    return true;
  }

  /** The choice under the cursor turned on or back; false when there is none. */
  turn(by: 1 | -1): boolean {
    const item = this.focused();
    if (item?.kind !== "choice") return false;
    this.#set(item.id, turned(item, by));
    return true;
  }

  /** To the next field or the one before; what stands in the row for something new is taken first. "end" behind the last. */
  move(by: 1 | -1): "moved" | "end" {
    if (by === 1 && this.enterNew()) return "moved";
    const shown = this.shown();
    const next = shown[shown.findIndex((item) => item.id === this.focused()?.id) + by];
    if (next === undefined) return by === 1 ? "end" : "moved";
    this.focusOn(next.id);
    return "moved";
  }

  /** What stands in the row for a new entry becomes one. True when there was something. */
  enterNew(): boolean {
    const item = this.focused();
    const typed = contentOf(this.field).trim();
    if (typed === "" || item === undefined || !newRows.includes(item.id)) return false;
    if (item.id === newHost) this.addHosts(typed);
    else if (item.id === newNetwork) this.#addNetwork(typed);
    else this.#addContainer(typed);
    return true;
  }

  /** Hosts in a text that was typed, pasted or picked. */
  addHosts(typed: string): void {
    this.draft = { ...this.draft, hosts: [...this.draft.hosts, ...hostsIn(typed, this.draft.hosts)] };
    this.field = emptyField;
  }

  addHost(target: string): void {
    const { hosts } = this.draft;
    this.draft = { ...this.draft, hosts: [...hosts, newHostDraft(nextId(hosts), target)] };
  }

  /** What was picked for the field under the cursor stands in it. */
  pick(value: string): void {
    const item = this.focused();
    if (item?.kind !== "text") return;
    this.#set(item.id, value);
    this.focusOn(item.id);
  }

  /** The host or container under the cursor goes; a host of the file is marked, and may stay after all. */
  takeOut(): void {
    const [part, index] = this.focused()?.id.split(".") ?? [];
    if (part === "host") this.#takeOutHost(Number(index));
    else if (part === "network") this.#takeOutNetwork(Number(index));
    else if (part === "container") this.#takeOutContainer(Number(index));
  }

  #takeOutHost(at: number): void {
    const host = this.draft.hosts[at];
    if (host === undefined) return;
    const hosts =
      host.known === undefined
        ? this.draft.hosts.filter((_, place) => place !== at)
        : this.draft.hosts.map((one, place) => (place === at ? { ...one, leaving: !one.leaving } : one));
    this.draft = { ...this.draft, hosts };
    this.focusOn(hosts[at] === undefined ? newHost : `host.${at}.target`);
  }

  /** A network of the file stands on the hosts: it is not for a key to leave it behind there. */
  #takeOutNetwork(at: number): void {
    if (this.draft.networks[at]?.known !== undefined) return;
    const networks = this.draft.networks.filter((_, place) => place !== at);
    this.draft = { ...this.draft, networks };
    this.focusOn(networks[at] === undefined ? newNetwork : `network.${at}.name`);
  }

  #takeOutContainer(at: number): void {
    const containers = this.draft.containers.filter((_, place) => place !== at);
    this.draft = { ...this.draft, containers };
    this.#touchedContainers = true;
    this.focusOn(containers[at] === undefined ? newContainer : `container.${at}.name`);
  }

  #set(id: string, value: string): void {
    this.draft = withValue(this.draft, id, value.trim());
    if (id.startsWith("container.")) this.#touchedContainers = true;
  }

  #addNetwork(name: string): void {
    const { networks } = this.draft;
    const id = nextId(networks);
    const made = { id, name, driver: "overlay", subnet: "", parent: "", known: undefined } as const;
    this.draft = { ...this.draft, networks: [...networks, made] };
    this.focusOn(`network.${networks.length}.name`);
  }

  /** One more, like the one before it. */
  #addContainer(name: string): void {
    const last = this.draft.containers.at(-1);
    const [first] = staying(this.draft);
    const usual = { host: first?.id ?? -1, image: "", network: this.draft.networks[0]?.id, command: "" };
    const rights = { privileged: false, remove: false };
    const made: ContainerDraft = { ...usual, ...rights, ...last, name, hostname: name, known: undefined };
    this.draft = { ...this.draft, containers: [...this.draft.containers, made] };
    this.#touchedContainers = true;
    this.focusOn(`container.${this.draft.containers.length - 1}.name`);
  }

  /** One container a host for a new cluster, and one for each new host of one that stands. */
  #proposeContainers(): void {
    const known = knownHosts(this.#checks());
    const { draft } = this;
    const containers = this.#touchedContainers
      ? [...draft.containers, ...moreContainers(draft, known)]
      : proposedContainers(draft, known);
    this.draft = { ...draft, containers };
  }
}
