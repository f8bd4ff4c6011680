import { type ContainerDraft, type Draft, emptyHost, hostsIn } from "../../domain/wizard/draft.ts";
import { nameOf, proposedContainers, staying } from "../../domain/wizard/values.ts";
import { contentOf, emptyField, type Field, fieldOf } from "../dialogs/text-field.ts";
import { type FormPage, type Item, shownItems, turned, withValue } from "./fields.ts";
import { type Checks, knownHosts } from "./known.ts";
import { firstProblem, itemsOf, newContainer, newHost } from "./pages.ts";

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
    // The row for something new is only a place to type in.
    if (item.id !== newHost && item.id !== newContainer) this.#set(item.id, contentOf(field));
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
    if (typed === "" || (item?.id !== newHost && item?.id !== newContainer)) return false;
    if (item.id === newHost) this.addHosts(typed);
    else this.#addContainer(typed);
    return true;
  }

  /** Hosts in a text that was typed, pasted or picked. */
  addHosts(typed: string): void {
    this.draft = { ...this.draft, hosts: [...this.draft.hosts, ...hostsIn(typed, this.draft.hosts)] };
    this.field = emptyField;
  }

  addHost(target: string): void {
    this.draft = { ...this.draft, hosts: [...this.draft.hosts, { ...emptyHost, target }] };
  }

  /** The host or container under the cursor goes; a host of the file is marked, and may stay after all. */
  takeOut(): void {
    const [part, index] = this.focused()?.id.split(".") ?? [];
    if (part === "host") this.#takeOutHost(Number(index));
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

  /** One more, like the one before it. */
  #addContainer(name: string): void {
    const last = this.draft.containers.at(-1);
    const first = staying(this.draft)[0];
    const node = last?.node ?? (first === undefined ? "" : nameOf(first, knownHosts(this.#checks())));
    const made: ContainerDraft = {
      ...{ name, node, image: last?.image ?? "", hostname: name, command: last?.command ?? "" },
      ...{ privileged: last?.privileged ?? false, remove: last?.remove ?? false, known: false },
    };
    this.draft = { ...this.draft, containers: [...this.draft.containers, made] };
    this.#touchedContainers = true;
    this.focusOn(`container.${this.draft.containers.length - 1}.name`);
  }

  /** One container a host for a new cluster, and one for each new host of one that stands. */
  #proposeContainers(): void {
    const known = knownHosts(this.#checks());
    const proposed = proposedContainers(this.draft, known);
    if (!this.#touchedContainers) {
      this.draft = { ...this.draft, containers: proposed };
      return;
    }
    const there = this.draft.containers;
    const newcomers = staying(this.draft).filter((host) => host.known === undefined);
    const names = new Set(newcomers.map((host) => nameOf(host, known)));
    const more = proposed.filter((one) => names.has(one.node) && !there.some((other) => other.node === one.node));
    const taken = new Set(there.map((one) => one.name));
    const numbered = more.map((one) => {
      const name = freeName(taken);
      taken.add(name);
      return { ...one, ...there.at(-1), name, hostname: name, node: one.node, known: false };
    });
    this.draft = { ...this.draft, containers: [...there, ...numbered] };
  }
}

/** "node1", "node2", …: the first that no container has. */
function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) if (!taken.has(`node${number}`)) return `node${number}`;
}
