import type { Container } from "../domain/engine.ts";
import { containerMenu, type MenuItem, networkMenu } from "../domain/operate/menu.ts";
import { proposeOnNetworks } from "../domain/operate/networks.ts";
import { type Answers, type Proposed, proposeOnContainers } from "../domain/operate/proposal.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import { containerRows } from "../domain/views/containers.ts";
import { memberRows } from "../domain/views/membership.ts";
import { type NetworkRow, networkRows } from "../domain/views/networks.ts";
import { startOperations } from "../services/operate/operate.ts";
import { Actions } from "../ui/actions/actions.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** The actions on containers or networks, by their ids. */
export function actionsStage({ of, keys, also }: Extract<Opening, { stage: "actions" }>, parts: StageParts): Stage {
  const { tools, watch, spec, readOnly, audit, world, panes, back, tell, running } = parts;
  const seen = (): Snapshot => watch.state.get();
  const on =
    of === "nodes" || of === "membership"
      ? nothingToChange(of, keys, parts)
      : of === "networks"
        ? {
            title: () => networksTitle(networksIn(seen(), keys), keys.length),
            menu: () => networkMenu(networksIn(seen(), keys), seen()),
            propose: (item: MenuItem, answers: Answers): Proposed =>
              proposeOnNetworks(item.action, answers, networksIn(seen(), keys), seen()),
          }
        : {
            title: () => containersTitle(containersIn(seen(), keys)),
            menu: () => containerMenu(containersIn(seen(), keys), seen()),
            propose: (item: MenuItem, answers: Answers): Proposed =>
              proposeOnContainers(item.action, answers, containersIn(seen(), keys), seen(), spec),
          };
  const context = { access: watch.access, readOnly, audit, clock: world.clock };
  const services = {
    ...on,
    ...{ panes, tell, running, close: back, readOnly: readOnly.state },
    shortcuts: () => also,
    start: (operations: Parameters<typeof startOperations>[0]) => startOperations(operations, context),
  };
  return new Actions(services, tools.paint, tools.size, tools.onTerminal);
}

/** Of nodes and members: what opens something on them, all in one menu. */
const nothingToChange = (of: "nodes" | "membership", keys: readonly string[], { watch }: StageParts) => ({
  title: () => {
    const [first = ""] = keys;
    if (keys.length > 1) return text`${keys.length} ${clean(of === "nodes" ? "nodes" : "members")}`;
    return of === "nodes" ? clean(first) : memberRows(watch.state.get()).find((row) => row.key === first)?.name;
  },
  menu: (): MenuItem[] => [],
  propose: (): Proposed => ({ ok: false, problem: text`nothing like that can be done here` }),
});

/** In the order of their pane. */
function containersIn(seen: Snapshot, keys: readonly string[]): Container[] {
  const wanted = new Set(keys);
  return containerRows(seen)
    .filter((row) => wanted.has(row.key))
    .map((row) => row.container);
}

function networksIn(seen: Snapshot, keys: readonly string[]): NetworkRow[] {
  const wanted = new Set(keys);
  return networkRows(seen).filter((row) => wanted.has(row.key));
}

function containersTitle(containers: readonly Container[]): SafeText | undefined {
  const [first] = containers;
  if (first === undefined) return undefined;
  const nodes = new Set(containers.map((one) => one.node));
  if (containers.length === 1) return text`${first.name} on ${first.node}`;
  return nodes.size === 1
    ? text`${containers.length} containers on ${first.node}`
    : text`${containers.length} containers on ${nodes.size} nodes`;
}

function networksTitle(rows: readonly NetworkRow[], wanted: number): SafeText | undefined {
  const [first] = rows;
  if (first === undefined) return wanted === 0 ? text`networks` : undefined;
  return rows.length === 1 ? first.name : text`${rows.length} networks`;
}
