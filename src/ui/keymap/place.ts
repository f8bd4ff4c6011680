/** The panes, and the details of a row. */
const panes = ["panes", "detail"] as const;
/** What lies over them. */
const overPanes = ["filter", "palette", "help", "quit", "too-small"] as const;
/** Of a connection: an unknown host key, a password. */
const questions = ["host-key", "secret"] as const;
/** Of the set-up: its pages of fields, the hosts to pick from, the plan, the question before it, its run, its end. */
const setUp = ["form", "picker", "review", "confirm", "accept", "applying", "result"] as const;
/** Of the actions on what is selected: the menu, what an action asks, the question before it, its results. */
const acting = ["actions", "action-fields", "action-confirm", "action-typed", "action-results"] as const;
/** Of logs: the lines, and what is typed under them. */
const logs = ["logs", "log-field"] as const;
/** Of launching: its form, what there is to pick from, the review, the question before it, its run, its end. */
const launching = ["launch", "launch-pick", "launch-review", "launch-confirm", "launch-run", "launch-end"] as const;
/** Of pinging: the matrix, both directions of a cell, the TCP port. */
const pinging = ["ping", "ping-cell", "ping-port"] as const;
/** Of shells: while one is opened, where there is none to open, and why it was not. */
const shells = ["shell-opening", "shell-offer", "shell-failed"] as const;
/** Of the pool: its lists, what a test job asks, the question before it, its run. */
const pool = ["pool", "pool-fields", "pool-confirm", "pool-job", "pool-remove"] as const;
/** Small dialogs: ports that are forwarded, what can be copied, the faults that the demo can be made to suffer. */
const small = ["forward", "copy", "faults"] as const;

/** Every place. */
export const everywhere = [
  ...[...panes, ...overPanes, ...questions, ...setUp, ...acting, ...logs],
  ...[...launching, ...pinging, ...shells, ...pool, ...small],
] as const;

/** Where a key means something. A text field takes the keys that its place does not bind. */
export type Place = (typeof everywhere)[number];

export const lists: readonly Place[] = panes;

/** Lists that can be filtered and asked for anew. */
export const livingLists: readonly Place[] = [...panes, "pool"];

/** Where keys move through rows or lines. */
export const reading: readonly Place[] = [
  ...[...panes, "help" as const],
  ...(["picker", "review", "applying", "result", "actions", "action-confirm", "action-results"] as const),
  ...(["launch-pick", "launch-review", "launch-run", "launch-end", "logs", "ping", "ping-cell"] as const),
  ...(["pool", "pool-confirm", ...small] as const),
];
