import type { SafeText } from "../../domain/text.ts";
import type { Line } from "../draw/style.ts";
import type { PaneId } from "../panes/pane.ts";
import type { Seen } from "../panes/seen.ts";
import type { Table } from "../table/table.ts";
import { containerDetail } from "./container.ts";
import { findingsDetail } from "./findings.ts";
import { memberDetail } from "./member.ts";
import { networkDetail } from "./network.ts";
import { nodeDetail } from "./node.ts";

/** What a detail view is of; bound to the row's identity, not to where it stood. */
export type Subject = { of: PaneId; key: string } | { of: "findings" };

/** Lines to read, or a list to move in with lines above it. */
export interface DetailTab {
  id: string;
  title: SafeText;
  /** Made for the width they are shown in. */
  lines: (width: number) => Line[];
  table?: Table;
  /** In place of the rows of an empty table. */
  empty?: SafeText;
}

export interface Detail {
  title: Line;
  /** At least one. */
  tabs: readonly DetailTab[];
}

/** What is known of the subject; undefined when it is there no more. */
export function detailOf(subject: Subject, seen: Seen): Detail | undefined {
  switch (subject.of) {
    case "nodes":
      return nodeDetail(subject.key, seen);
    case "membership":
      return memberDetail(subject.key, seen);
    case "networks":
      return networkDetail(subject.key, seen);
    case "containers":
      return containerDetail(subject.key, seen);
    case "findings":
      return findingsDetail(seen);
  }
}
