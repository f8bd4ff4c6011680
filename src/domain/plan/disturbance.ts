import { joined, type SafeText, text } from "../text.ts";
import type { Step } from "./step.ts";

/** "STOPS web, db; ENDS THE JOBS IN node1": what is written over a step that disturbs somebody. */
export function warningOf({ disturbs, endsJobsIn }: Pick<Step, "disturbs" | "endsJobsIn">): SafeText | undefined {
  const parts = [
    ...(disturbs.length === 0 ? [] : [text`STOPS ${joined(disturbs.map((one) => one.name))}`]),
    ...(endsJobsIn.length === 0 ? [] : [text`ENDS THE JOBS IN ${joined(endsJobsIn)}`]),
  ];
  return parts.length === 0 ? undefined : joined(parts, "; ");
}

/** Whom a whole plan disturbs, counted: "2 running containers are stopped". */
export function disturbanceOf(steps: readonly Step[]): { isNone: boolean; words: SafeText } {
  const stopped = steps.reduce((sum, step) => sum + step.disturbs.length, 0);
  const ended = new Set(steps.flatMap((step) => step.endsJobsIn)).size;
  const parts = [
    ...(stopped === 0
      ? []
      : [text`${stopped} running ${stopped === 1 ? text`container is` : text`containers are`} stopped`]),
    ...(ended === 0 ? [] : [text`HTCondor jobs end in ${ended} ${ended === 1 ? text`container` : text`containers`}`]),
  ];
  if (parts.length === 0) return { isNone: true, words: text`no running container is disturbed` };
  return { isNone: false, words: joined(parts, "; ") };
}
