import { Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";

/** What the set-up knows of a file; all else in it stays. */
export interface SpecValues {
  cluster: string;
  nodes: readonly { name: string; known: string | undefined; ssh: string; advertise: string | undefined }[];
  engine: { mode: string; listen: string };
  store:
    | { kind: string; node?: string | readonly string[]; endpoints?: readonly string[]; image?: string; port?: number }
    | undefined;
  networks: readonly Named[];
  containers: readonly Named[];
}

type Named = { name: string } & Readonly<Record<string, unknown>>;

const heading = ` The cluster of ovl-tui. Written by its set-up (key s), which keeps what is written here by hand.`;

/**
 * `content` with these values: comments, order and unknown parts stay, lists are matched by name. Without content a
 * new file. `content` has to be YAML without errors.
 */
export function writeSpec(content: string | undefined, values: SpecValues): string {
  if (content === undefined) return newSpec(values);
  const document = parseDocument(content);
  set(document, ["cluster"], values.cluster);
  writeNodes(document, values.nodes);
  for (const key of ["mode", "listen"] as const) writeEngine(document, key, values.engine[key]);
  if (values.store !== undefined) writeStore(document, values.store);
  writeNamed(document, "networks", values.networks, false);
  writeNamed(document, "containers", values.containers, true);
  return document.toString({ lineWidth: 0 });
}

function newSpec({ cluster, nodes, engine, store, networks, containers }: SpecValues): string {
  const document = new Document({
    version: 1,
    cluster,
    nodes: nodes.map(({ name, ssh, advertise }) => ({ name, ssh, ...(advertise === undefined ? {} : { advertise }) })),
    ...(engine.mode === "auto" && engine.listen === "none" ? {} : { engine }),
    ...(store === undefined ? {} : { store }),
    networks,
    containers,
  });
  document.commentBefore = heading;
  return document.toString({ lineWidth: 0 });
}

/** Sets a scalar where it differs: one that says the same keeps its quotes and its comment. */
function set(document: Document, path: readonly (string | number)[], value: unknown): void {
  const before: unknown = document.getIn(path);
  const same = JSON.stringify(plain(before)) === JSON.stringify(value);
  if (!same) document.setIn(path, document.createNode(value));
}

const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function"
    ? (value.toJSON() as unknown)
    : value;

/** A default is written only where something else stands. */
function writeEngine(document: Document, key: "mode" | "listen", value: string): void {
  const isDefault = value === (key === "mode" ? "auto" : "none");
  if (isDefault && document.getIn(["engine", key]) === undefined) return;
  set(document, ["engine", key], value);
}

function writeStore(document: Document, store: NonNullable<SpecValues["store"]>): void {
  const other = store.endpoints === undefined ? "endpoints" : "node";
  if (document.hasIn(["store", other])) document.deleteIn(["store", other]);
  for (const [key, value] of Object.entries(store)) {
    // 8500 and its kind go without saying, and may stand there or not.
    set(document, ["store", key], value);
  }
}

function writeNodes(document: Document, nodes: SpecValues["nodes"]): void {
  const list = listAt(document, "nodes");
  const keep = new Set(nodes.map((node) => node.known ?? node.name));
  removeBut(list, keep);
  for (const { name, known, ssh, advertise } of nodes) {
    const at = indexOf(list, known ?? name);
    if (at < 0) list.add(document.createNode({ name, ssh, ...(advertise === undefined ? {} : { advertise }) }));
    else {
      set(document, ["nodes", at, "name"], name);
      set(document, ["nodes", at, "ssh"], ssh);
      if (advertise !== undefined) set(document, ["nodes", at, "advertise"], advertise);
    }
  }
}

function writeNamed(document: Document, key: "networks" | "containers", items: readonly Named[], all: boolean): void {
  if (items.length === 0 && !document.has(key)) return;
  const list = listAt(document, key);
  if (all) removeBut(list, new Set(items.map((item) => item.name)));
  for (const item of items) {
    const at = indexOf(list, item.name);
    if (at < 0) list.add(document.createNode(item));
    else for (const [name, value] of Object.entries(item)) set(document, [key, at, name], value);
  }
}

function listAt(document: Document, key: string): YAMLSeq {
  const there: unknown = document.get(key);
  if (isSeq(there)) return there;
  document.set(key, document.createNode([]));
  const made: unknown = document.get(key);
  if (!isSeq(made)) throw new Error(`${key} is no list`);
  return made;
}

const named = (item: unknown): item is YAMLMap => isMap(item);

const indexOf = (list: YAMLSeq, name: string): number =>
  list.items.findIndex((item) => named(item) && item.get("name") === name);

function removeBut(list: YAMLSeq, keep: ReadonlySet<string>): void {
  for (let at = list.items.length - 1; at >= 0; at--) {
    const item: unknown = list.items[at];
    if (named(item) && !keep.has(String(item.get("name")))) list.delete(at);
  }
}
