import type { Echo } from "../../domain/ping/echo.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Condor } from "../../ports/condor.ts";
import type { TerminalSize } from "../../ports/shells.ts";
import type { DemoContainer } from "../containers.ts";
import type { Machine } from "../machine.ts";

/** Where a pretended program runs: on the machine itself, there in the network of a container, or in a container. */
export type Place = { at: "machine" } | { at: "network" | "container"; container: DemoContainer };

/** What pretended programs find there. */
export interface ProgramGround {
  machine: Machine;
  place: Place;
  clock: Clock;
  /** To an address, once. */
  ping(address: string): Promise<Echo>;
  /** What a name stands for there. */
  resolve(name: string): string | undefined;
  /** HTCondor's own answers; undefined where it is not installed. */
  condor: Pick<Answers<Condor>, "printed" | "queue"> | undefined;
}

/** The port's questions, once it is settled which container is asked and how long. */
type Answers<Port> = {
  [Method in keyof Port]: Port[Method] extends (...args: never[]) => infer Answer ? () => Answer : never;
};

/** What a program gets besides its words. */
export interface ProgramIo {
  print(line: string): void;
  /** On its standard error. */
  complain(line: string): void;
  size(): TerminalSize | undefined;
  /** Ctrl-C, or the end of the session. */
  interrupted: AbortSignal;
}

export type Program = (words: readonly string[], ground: ProgramGround, io: ProgramIo) => number | Promise<number>;

/** The name that the place calls itself: a network of its own has no name. */
export const hostnameOf = ({ place, machine }: Pick<ProgramGround, "place" | "machine">): string =>
  place.at === "container" ? (place.container.asked.hostname ?? place.container.id.slice(0, 12)) : machine.hostname;

/** Where a shell begins. */
export const folderOf = ({ place }: Pick<ProgramGround, "place">): { path: string; prompt: string } =>
  place.at === "container" ? { path: "/", prompt: "/" } : { path: "/root", prompt: "~" };

/** Prints lines, or complains with them; the exit code. */
export function said(io: Pick<ProgramIo, "print">, ...lines: readonly (string | SafeText)[]): number {
  for (const line of lines) io.print(line);
  return 0;
}

export function refused(
  io: Pick<ProgramIo, "complain">,
  code: number,
  ...lines: readonly (string | SafeText)[]
): number {
  for (const line of lines) io.complain(line);
  return code;
}

/** Resolves at ctrl-C, or when the session has ended. */
export const interruption = ({ interrupted: signal }: Pick<ProgramIo, "interrupted">): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
