/** Exit codes that scripts rely on. */
export const exit = {
  fine: 0,
  /** The cluster is not as it should be, or what was asked for failed. */
  failed: 1,
  /** Bad usage, a bad file, or a machine on which this cannot run: nothing was touched. */
  usage: 2,
  /** `plan`: changes are pending. */
  pending: 3,
} as const;

export type ExitCode = number;

/** Ends a command before anything was touched: its message is all the operator sees. */
export class UsageError extends Error {}
