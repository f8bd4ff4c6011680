import { type ContainerDraft, type Draft, hostsIn, newHostDraft, nextId, staying } from "../../domain/wizard/draft.ts";
import { noRoles } from "../../domain/wizard/pool.ts";
import { moreContainers, proposedContainers } from "../../domain/wizard/values.ts";
import { contentOf, emptyField } from "../dialogs/text-field.ts";
import { Form } from "../form/form.ts";
import type { Item } from "../form/item.ts";
import { type FormPage, withValue } from "./fields.ts";
import { type Checks, knownHosts } from "./known.ts";
import { newContainer } from "./pages/containers.ts";
import { newHost } from "./pages/hosts.ts";
import { newNetwork } from "./pages/networks.ts";
import { itemsOf } from "./pages.ts";

/** Rows that are only a place to type something new in. */
const newRows: readonly string[] = [newHost, newNetwork, newContainer];

/** What was typed on the pages of fields, and where the cursor is on each. Nothing of it is lost on the way between them. */
export class SetUpForm extends Form {
  draft: Draft;
  readonly #checks: () => Checks;
  #page: FormPage = "hosts";
  /** Where the cursor was on the pages that were left. */
  readonly #left: Partial<Record<FormPage, string>> = {};
  #touchedContainers: boolean;

  constructor(draft: Draft, checks: () => Checks) {
    super();
    this.draft = draft;
    this.#checks = checks;
    this.#touchedContainers = draft.containers.length > 0;
    this.focusOn(newHost);
  }

  get page(): FormPage {
    return this.#page;
  }

  /** Turns to a page; the cursor is where it was left. */
  turnTo(page: FormPage): void {
    this.#left[this.#page] = this.focused()?.id ?? "";
    this.#page = page;
    if (page === "containers") this.#proposeContainers();
    this.focusOn(this.#left[page] ?? this.items()[0]?.id ?? "");
  }

  items(): readonly Item[] {
    return itemsOf(this.#page, this.draft, this.#checks());
  }

  /** To the next field or the one before; what stands in the row for something new is taken first. "end" behind the last. */
  override move(by: 1 | -1): "moved" | "end" {
    return by === 1 && this.enterNew() ? "moved" : super.move(by);
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

  protected set(id: string, value: string): void {
    if (newRows.includes(id)) return;
    this.draft = withValue(this.draft, id, value.trim());
    // Roles are the containers' own: proposed anew, they would be lost.
    if (/^(?:container|pool|member)\./.test(id)) this.#touchedContainers = true;
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
    const roles = { ...noRoles, executes: last?.roles.executes === true };
    const made: ContainerDraft = { ...usual, ...rights, ...last, name, hostname: name, roles, known: undefined };
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
