import type { Binding } from "./binding.ts";

export type PoolAction =
  | "pool.open"
  | "pool.back"
  | "pool.slots"
  | "pool.queue"
  | "pool.changes"
  | "pool.printed"
  | "pool.findings"
  | "pool.unfold"
  | "pool.faster"
  | "pool.slower"
  | "pool.test"
  | "pool.preview"
  | "pool.submit"
  | "pool.remove"
  | "pool.remove-now";

const pool = { in: ["pool"], group: "Pool" } as const satisfies Partial<Binding>;
const goTo = { ...pool, together: "go to a tab" } as const;

/** The keys of the pool's view; its lists also take those that move, filter and refresh elsewhere. */
export const poolKeys: readonly Binding[] = [
  { id: "pool.open", keys: ["c"], in: ["panes", "detail"], label: "condor", group: "Pool", footer: 6, palette: true },
  { ...pool, id: "pool.back", keys: ["esc", "q", "c"], label: "back", footer: 2 },
  { ...goTo, id: "pool.slots", keys: ["1"], label: "slots" },
  { ...goTo, id: "pool.queue", keys: ["2"], label: "queue" },
  { ...goTo, id: "pool.changes", keys: ["3"], label: "changes" },
  { ...goTo, id: "pool.printed", keys: ["4"], label: "condor_status" },
  { ...goTo, id: "pool.findings", keys: ["5"], label: "findings" },
  { ...pool, id: "set-up.open", keys: ["s"], label: "set up", footer: 6 },
  { ...pool, id: "tab.next", keys: ["]", "tab"], label: "next tab", footer: 4 },
  { ...pool, id: "tab.previous", keys: ["[", "shift-tab"], label: "previous tab" },
  { ...pool, id: "pool.unfold", keys: ["enter", "space"], label: "unfold", footer: 5 },
  { ...pool, id: "move.left", keys: ["left"], label: "to the left" },
  { ...pool, id: "move.right", keys: ["right"], label: "to the right", footer: 6 },
  { ...pool, id: "pool.faster", keys: ["+"], label: "ask more often" },
  { ...pool, id: "pool.slower", keys: ["-"], label: "ask less often" },
  { ...pool, id: "pool.test", keys: ["t"], label: "test job", footer: 1 },
  { id: "pool.preview", keys: ["enter"], in: ["pool-fields"], label: "preview", group: "Pool", footer: 1 },
  { id: "pool.back", keys: ["esc"], in: ["pool-fields"], label: "back", group: "Pool", footer: 2 },
  {
    id: "form.next-field",
    keys: ["down", "tab"],
    in: ["pool-fields"],
    label: "next field",
    group: "Pool",
    footer: 3,
  },
  { id: "form.previous-field", keys: ["up", "shift-tab"], in: ["pool-fields"], label: "field before", group: "Pool" },
  { id: "pool.back", keys: ["enter", "esc", "n"], in: ["pool-confirm"], label: "no", group: "Pool", footer: 1 },
  { id: "pool.submit", keys: ["y"], in: ["pool-confirm"], label: "submit", group: "Pool", footer: 2 },
  { id: "pool.back", keys: ["esc", "enter", "q"], in: ["pool-job"], label: "back", group: "Pool", footer: 1 },
  { id: "pool.remove", keys: ["x"], in: ["pool-job"], label: "take it out", group: "Pool", footer: 2 },
  { id: "pool.back", keys: ["enter", "esc", "n"], in: ["pool-remove"], label: "no", group: "Pool", footer: 1 },
  { id: "pool.remove-now", keys: ["y"], in: ["pool-remove"], label: "take it out", group: "Pool", footer: 2 },
];
