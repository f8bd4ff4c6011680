import type { DemoContainer } from "./containers.ts";
import type { Machine } from "./machine.ts";
import type { Course } from "./runtime.ts";
import { socketsOf } from "./sockets.ts";
import { storeProcess } from "./store-process.ts";

const startMs = 50;

/** What a program of so many words does; `afterMs` undefined: it goes on. */
interface Doing {
  afterMs: number | undefined;
  code: number;
  says?: string;
}

const programs: Readonly<Record<string, (words: readonly string[]) => Doing>> = {
  true: () => ({ afterMs: 0, code: 0 }),
  false: () => ({ afterMs: 0, code: 1 }),
  hello: () => ({ afterMs: 0, code: 0, says: "Hello from Docker!" }),
  echo: (words) => ({ afterMs: 0, code: 0, says: words.join(" ") }),
  sleep: ([seconds]) => ({ afterMs: Number.isFinite(Number(seconds)) ? Number(seconds) * 1000 : undefined, code: 0 }),
};

/** What the process of a container on the machine does by itself, when it is started now. */
export function courseOf(container: DemoContainer, machine: Machine): Course {
  const script = scriptOf(container.argv);
  if (script === undefined) return portTaken(container, machine) ?? { says: [], end: undefined };
  const says: Course["says"][number][] = [];
  let afterMs = startMs;
  let code = 0;
  for (const [program = "", ...words] of script) {
    const doing = programs[program]?.(words) ?? missing(program);
    if (doing.says !== undefined) says.push({ afterMs, from: "stdout", words: doing.says });
    if (doing.afterMs === undefined) return { says, end: undefined };
    afterMs += doing.afterMs;
    code = doing.code;
  }
  return { says, end: { afterMs, code } };
}

/** Whether such a command is a server, which says what it serves as long as it runs. */
export const isServer = (argv: readonly string[]): boolean => scriptOf(argv) === undefined;

/** The programs that the command runs one after the other, as far as the demo knows them; undefined for all others. */
function scriptOf(argv: readonly string[]): readonly (readonly string[])[] | undefined {
  const [word = "", ...words] = argv;
  const program = word.replace(/^.*\//, "");
  if (program === "sh" && words[0] === "-c") {
    const lines = (words[1] ?? "").split(";").map((line) => line.trim());
    return lines.filter((line) => line !== "").map((line) => line.split(/\s+/));
  }
  return Object.hasOwn(programs, program) ? [[program, ...words]] : undefined;
}

const missing = (program: string): Doing => ({ afterMs: 0, code: 127, says: `sh: ${program}: not found` });

/** A server that cannot have the ports it needs gives up at once. */
function portTaken(container: DemoContainer, machine: Machine): Course | undefined {
  const wanted = storeProcess(container);
  if (wanted === undefined || wanted.memberPorts.tcp.length === 0) return undefined;
  const others = socketsOf(machine, container);
  const taken = [wanted.port, ...wanted.memberPorts.tcp].find((port) =>
    others.some(
      (one) => one.protocol === "tcp" && one.port === port && ["0.0.0.0", "::", wanted.address].includes(one.address),
    ),
  );
  if (taken === undefined) return undefined;
  const words = `==> Error starting agent: listen tcp ${wanted.address}:${taken}: bind: address already in use`;
  return { says: [{ afterMs: 200, from: "stderr", words }], end: { afterMs: 200, code: 1 } };
}
