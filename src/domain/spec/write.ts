import { Document, isCollection, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { storePorts } from "./convert.ts";
import type { ContainerSpec } from "./spec.ts";

/** Of an entry of a list: its name now, and the one that it has in the file that is there. */
interface Entry {
  name: string;
  known: string | undefined;
}

/**
 * What the set-up knows of a file; all else in it stays. What is undefined, or as it would be without a word, is not
 * written; where the file says something else, that goes.
 */
export interface SpecValues {
  cluster: string;
  nodes: readonly (Entry & { ssh: string; advertise: string | undefined })[];
  engine: { mode: string; listen: string };
  /** Undefined: no external store is used; one that the file names stays there. */
  store:
    | {
        kind: "consul" | "etcd" | "zookeeper";
        nodes: readonly string[] | undefined;
        endpoints: readonly string[] | undefined;
        image: string | undefined;
        port: number | undefined;
      }
    | undefined;
  networks: readonly (Entry & { driver: string; subnet: string | undefined; parent: string | undefined })[];
  containers: readonly (Entry & {
    node: string;
    image: string;
    network: string | undefined;
    hostname: string | undefined;
    privileged: boolean;
    remove: boolean;
    command: readonly string[];
  })[];
  /** Undefined: there is no pool; one that the file names goes. Without a manager, the file's stays as it says. */
  condor:
    | {
        manager: string | undefined;
        submit: readonly string[];
        execute: readonly string[];
        security: "password" | "open";
        domain: string | undefined;
      }
    | undefined;
}

const heading = ` The cluster of ovl-tui. Written by its set-up (key s), which keeps what is written here by hand.`;

/** What goes without saying in the file (`specSchema`). */
const usual: Readonly<Record<string, unknown>> = {
  ...{ mode: "auto", listen: "none", privileged: false, remove: false, command: [] },
  ...{ environment: {}, mounts: [] },
};

/**
 * `content` with these values: comments, order and unknown parts stay, entries of lists are matched by the name that
 * they have there. Without content a new file. `content` has to be a cluster's file without errors.
 */
export function writeSpec(content: string | undefined, values: SpecValues): string {
  const { cluster, nodes, engine, store, networks, containers, condor } = values;
  const document = content === undefined ? newDocument() : parseDocument(content);
  const editor = new Editor(document);
  editor.put(["cluster"], cluster);
  editor.list("nodes", nodes);
  for (const [key, value] of Object.entries(engine)) editor.put(["engine", key], value);
  if (store !== undefined) writeStore(editor, store);
  editor.list("networks", networks);
  editor.list("containers", containers);
  if (condor === undefined) editor.put(["condor"], undefined);
  else writePool(editor, condor, values);
  // Written anew, even what stays would get other blanks.
  return content !== undefined && !editor.changed ? content : document.toString({ lineWidth: 0 });
}

/**
 * `content` with these containers in it: those that it has by name say what these say, the others are added; all else
 * stays as it is. `content` has to be a cluster's file without errors.
 */
export function writeContainers(content: string, containers: readonly ContainerSpec[]): string {
  const document = parseDocument(content);
  const editor = new Editor(document);
  for (const one of containers) editor.entry("containers", one.name, { ...one });
  return editor.changed ? document.toString({ lineWidth: 0 }) : content;
}

function newDocument(): Document {
  const document = new Document({ version: 1 });
  document.commentBefore = heading;
  return document;
}

function writeStore(editor: Editor, { kind, nodes, endpoints, image, port }: NonNullable<SpecValues["store"]>): void {
  const before = editor.at(["store", "node"]);
  const [first, ...more] = nodes ?? [];
  // One node may stand there as a list of one.
  const node = more.length > 0 || Array.isArray(before) ? nodes : first;
  editor.put(["store", "kind"], kind, editor.at(["store"]) === undefined ? undefined : "consul");
  editor.put(["store", "node"], node);
  editor.put(["store", "endpoints"], endpoints);
  editor.put(["store", "image"], image);
  editor.put(["store", "port"], port, storePorts[kind]);
}

function writePool(editor: Editor, pool: NonNullable<SpecValues["condor"]>, { cluster, containers }: SpecValues): void {
  const isNew = editor.at(["condor"]) === undefined;
  // Containers may have other names now; the file's own order stays.
  const names = new Map(containers.map(({ known, name }) => [known ?? name, name]));
  const put = (part: "submit" | "execute", wanted: readonly string[], otherwise: readonly string[]): void => {
    const before = editor.at(["condor", part]);
    const there = (Array.isArray(before) ? before : []).map((name: unknown) => names.get(String(name)));
    if (there.length === 0 && same(wanted, otherwise)) return;
    const kept = there.filter((name) => name !== undefined && wanted.includes(name));
    editor.put(["condor", part], [...kept, ...wanted.filter((name) => !kept.includes(name))]);
  };
  if (pool.manager !== undefined) editor.put(["condor", "manager"], pool.manager);
  put("execute", pool.execute, []);
  // Where nobody is said to submit, the manager does.
  put("submit", pool.submit, pool.manager === undefined ? [] : [pool.manager]);
  editor.put(["condor", "security"], pool.security, isNew ? undefined : "password");
  editor.put(["condor", "domain"], pool.domain, cluster);
}

type Path = readonly (string | number)[];

/** Changes of a document that leave alone what says the same already. */
class Editor {
  changed = false;
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  /** What stands there, as plain data: aliases and quotes count no more. */
  at(path: Path): unknown {
    return path.reduce<unknown>(
      (inside, key) =>
        typeof inside === "object" && inside !== null ? (inside as Record<string | number, unknown>)[key] : undefined,
      this.#document.toJS(),
    );
  }

  put(path: Path, value: unknown, otherwise: unknown = usual[String(path.at(-1))]): void {
    const before = this.at(path);
    if (same(before ?? otherwise, value ?? otherwise)) return;
    this.changed = true;
    if (value === undefined) this.#document.deleteIn(path);
    // A scalar keeps its comment when only its value is set.
    else if (typeof value === "object") this.#document.setIn(path, this.#like(this.#document.getIn(path, true), value));
    else this.#document.setIn(path, value);
  }

  /** The list `key` has these entries and no others; what else an entry says stays. */
  list(key: string, entries: readonly Entry[]): void {
    if (entries.length === 0 && this.at([key]) === undefined) return;
    const list = this.#listAt(key);
    const keep = new Set(entries.flatMap(({ known }) => known ?? []));
    const names = this.#names(key);
    for (const [at, name] of [...names.entries()].reverse()) {
      if (keep.has(name)) continue;
      list.delete(at);
      this.changed = true;
    }
    // By where it stands: the new name of one may be the old one of another.
    const places = new Map(this.#names(key).map((name, at) => [name, at]));
    for (const { known, ...fields } of entries) {
      const at = known === undefined ? undefined : places.get(known);
      if (at === undefined) list.add(this.#newEntry(list, fields));
      else for (const [name, value] of Object.entries(fields)) this.put([key, at, name], value, usualIn(name));
    }
  }

  /** The entry of the list with that name says this; it is added when there is none. */
  entry(key: string, name: string, fields: Readonly<Record<string, unknown>>): void {
    const list = this.#listAt(key);
    const at = this.#names(key).indexOf(name);
    if (at < 0) list.add(this.#newEntry(list, fields));
    else for (const [field, value] of Object.entries(fields)) this.put([key, at, field], value, usual[field]);
  }

  #newEntry(list: YAMLSeq, fields: Readonly<Record<string, unknown>>): YAMLMap {
    this.changed = true;
    const said = Object.entries(fields).filter(([name, value]) => value !== undefined && !same(value, usual[name]));
    const entry = this.#document.createNode(Object.fromEntries(said));
    if (!isMap(entry)) throw new Error("an entry is a map");
    const last = list.items.at(-1);
    entry.flow = isMap(last) && last.flow === true;
    for (const { value } of entry.items) if (isCollection(value)) value.flow = true;
    return entry;
  }

  /** A node for `value` with the style and the comments of the one that it replaces. */
  #like(before: unknown, value: unknown) {
    const node = this.#document.createNode(value);
    if (isCollection(node)) node.flow = isCollection(before) ? before.flow === true : true;
    if (isCollection(before) || isScalar(before)) {
      node.comment = before.comment ?? null;
      node.commentBefore = before.commentBefore ?? null;
    }
    return node;
  }

  #names(key: string): string[] {
    const list = this.at([key]);
    return Array.isArray(list) ? list.map((item: unknown) => String((item as { name?: unknown } | null)?.name)) : [];
  }

  #listAt(key: string): YAMLSeq {
    const there: unknown = this.#document.get(key);
    if (isSeq(there)) return there;
    const made = this.#document.createNode([]);
    this.#document.set(key, made);
    return made as YAMLSeq;
  }
}

/** An overlay needs no word where the file has none: only an entry that is new says its driver. */
const usualIn = (name: string): unknown => (name === "driver" ? "overlay" : usual[name]);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
