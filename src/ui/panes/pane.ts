import type { Line } from "../draw/style.ts";
import type { Table } from "../table/table.ts";
import { containersPane } from "./containers.ts";
import { membershipPane } from "./membership.ts";
import { networksPane } from "./networks.ts";
import { nodesPane } from "./nodes.ts";
import type { Seen } from "./seen.ts";

/** The panes in the order of their numbers. */
export const paneIds = ["nodes", "membership", "networks", "containers"] as const;
export type PaneId = (typeof paneIds)[number];

/** What a pane shows, whatever it is a pane of. */
export interface PaneContent {
  table: Table;
  /** Beside the title: what the rows alone do not say. */
  note: Line;
  /** Its part of the header. */
  summary: Line;
  /** Under the rows, or in their place: why there are none, and what to do. */
  hint: readonly Line[];
  /** One line on the row under the cursor. */
  about: (key: string) => Line;
}

export const paneTitles: Record<PaneId, string> = {
  nodes: "Nodes",
  membership: "Membership",
  networks: "Networks",
  containers: "Containers",
};

/** What each pane shows of what was seen. */
export const paneContents: Record<PaneId, (seen: Seen) => PaneContent> = {
  nodes: nodesPane,
  membership: membershipPane,
  networks: networksPane,
  containers: containersPane,
};
