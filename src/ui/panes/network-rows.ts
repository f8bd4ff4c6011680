import type { Snapshot } from "../../domain/snapshot.ts";
import { type NetworkRow, networkRows } from "../../domain/views/networks.ts";

const known = new WeakMap<Snapshot, readonly NetworkRow[]>();

/** `networkRows`, worked out once a snapshot: it looks at every endpoint of the cluster, and the clock changes none of it. */
export function networkRowsOf(snapshot: Snapshot): readonly NetworkRow[] {
  const rows = known.get(snapshot) ?? networkRows(snapshot);
  known.set(snapshot, rows);
  return rows;
}
