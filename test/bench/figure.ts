import { textTable } from "../../src/cli/text-table.ts";
import { percentile } from "./spread.ts";

/** One line of what a benchmark prints: no judgement, machines differ. */
export interface Figure {
  what: string;
  measured: string;
  bound: string;
}

export const figureTable = (figures: readonly Figure[]): string =>
  textTable([
    [`node ${process.version}`, "measured", "bound"],
    ...figures.map(({ what, measured, bound }) => [what, measured, bound]),
  ]);

/** Milliseconds of several runs: the median, and the first and last of them in order. */
export const spread = (times: readonly number[]): string => {
  const at = (percent: number) => Math.round(percentile(times, percent));
  return `${at(50)} ms (${at(0)} to ${at(100)}, ${times.length} runs)`;
};
