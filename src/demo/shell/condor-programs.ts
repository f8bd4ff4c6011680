import type { Job, JobState } from "../../domain/condor/queue.ts";
import { explain } from "../../domain/explain.ts";
import type { Trouble } from "../../domain/trouble.ts";
import { condorTime } from "../control/condor.ts";
import { type Program, type ProgramGround, type ProgramIo, refused, said } from "./ground.ts";

export const condorStatus: Program = async (_words, ground, io) => {
  const told = await ground.condor?.printed();
  if (told?.ok === true) return said(io, ...told.value);
  return failed(told?.trouble, ground, io);
};

/** `condor_q -nobatch`: a line a job. */
export const condorQ: Program = async (_words, ground, io) => {
  const told = await ground.condor?.queue();
  if (told?.ok !== true) return failed(told?.trouble, ground, io);
  const { jobs, counts, total } = told.value;
  const { running, idle, held } = counts;
  const count = `${total} jobs; 0 completed, 0 removed, ${idle} idle, ${running} running, ${held} held, 0 suspended`;
  return said(io, " ID      OWNER       IN_STATE   ST CMD", ...jobs.map(row), "", `Total for query: ${count}`);
};

/** HTCondor manual, condor_q, "ST". */
const letters: Readonly<Record<JobState, string>> = {
  ...{ idle: "I", running: "R", removed: "X", completed: "C", held: "H", transferring: ">", suspended: "S" },
};

const row = ({ id, owner, state, stateMs, command }: Job): string =>
  [id.padStart(7), owner.padEnd(11), condorTime(stateMs ?? 0), ` ${letters[state]} `, command].join(" ");

function failed(trouble: Trouble | undefined, { machine }: ProgramGround, io: ProgramIo): number {
  if (trouble === undefined) return 1;
  const detail = trouble.kind === "program-failed" ? trouble.detail : explain(trouble, machine.spec.name).what;
  return refused(io, 1, detail);
}
