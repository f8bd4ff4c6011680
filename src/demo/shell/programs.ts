import { pass } from "../calls.ts";
import { interfaceName } from "../machine.ts";
import { condorQ, condorStatus } from "./condor-programs.ts";
import { docker, systemctl } from "./engine-programs.ts";
import { iptables } from "./firewall.ts";
import {
  folderOf,
  hostnameOf,
  interruption,
  type Program,
  type ProgramGround,
  type ProgramIo,
  refused,
  said,
} from "./ground.ts";
import { ping } from "./ping.ts";

const root = "bin  dev  etc  home  opt  proc  root  run  sbin  srv  sys  tmp  usr  var";

/** Exit codes of POSIX sh, 2.8.2. */
const notFound = 127;
export const interruptedBySignal = 130;

/** The few programs that the demo pretends to have everywhere, of coreutils and iproute2; each prints as those do. */
const everywhere: Readonly<Record<string, Program>> = {
  true: () => 0,
  false: () => 1,
  ":": () => 0,
  echo: ([, ...words], _, io) => said(io, words.join(" ")),
  pwd: (_words, ground, io) => said(io, folderOf(ground).path),
  ls([, ...words], ground, io) {
    const folder = words.findLast((word) => !word.startsWith("-")) ?? folderOf(ground).path;
    if (folder === "/") return said(io, root);
    if (folder === "/root" || folder === "~") return 0;
    return refused(io, 2, `ls: cannot access '${folder}': No such file or directory`);
  },
  whoami: (_words, _ground, io) => said(io, "root"),
  hostname: (_words, ground, io) => said(io, hostnameOf(ground)),
  tty: (_words, _ground, io) => (io.size() === undefined ? refusedTty(io) : said(io, "/dev/pts/0")),
  stty(_words, _ground, io) {
    const size = io.size();
    if (size !== undefined) return said(io, `${size.rows} ${size.columns}`);
    return refused(io, 1, "stty: 'standard input': Inappropriate ioctl for device");
  },
  ip: (_words, ground, io) => said(io, ...addressLines(ground)),
  help: (_words, ground, io) =>
    said(io, `this is a demo; there are: ${Object.keys(programsAt(ground)).join(" ")} exit`),
  async sleep([, seconds = ""], { clock }, io) {
    await Promise.race([pass(clock, Number(seconds) * 1000 || 0), interruption(io)]);
    return io.interrupted.aborted ? interruptedBySignal : 0;
  },
  ping,
};

/** Those of a Docker host. */
const ofMachines: Readonly<Record<string, Program>> = {
  iptables(words, { machine }, io) {
    const { lines, code } = iptables(words, machine);
    for (const line of lines) io.print(line);
    return code;
  },
  docker,
  systemctl,
};

const ofCondor: Readonly<Record<string, Program>> = { condor_status: condorStatus, condor_q: condorQ };

const programsAt = ({ place, condor }: ProgramGround): Readonly<Record<string, Program>> => ({
  ...everywhere,
  ...(place.at === "container" ? {} : ofMachines),
  ...(condor === undefined ? {} : ofCondor),
});

/** Whether there is such a program. */
export const isProgram = (name: string, ground: ProgramGround): boolean => Object.hasOwn(programsAt(ground), name);

/** Runs a program by its words to its end; its exit code. `shell` is who says that there is no such program. */
export async function runProgram(
  words: readonly string[],
  shell: string,
  ground: ProgramGround,
  io: ProgramIo,
): Promise<number> {
  const [name = ""] = words;
  const program = isProgram(name, ground) ? programsAt(ground)[name] : undefined;
  if (program !== undefined) return program(words, ground, io);
  return refused(io, notFound, `${shell}: ${name}: command not found`);
}

/** tty(1) says it on its standard output, and ends with 1. */
function refusedTty(io: ProgramIo): number {
  io.print("not a tty");
  return 1;
}

function addressLines({ place, machine }: ProgramGround): string[] {
  const loopback = "1: lo    inet 127.0.0.1/8 scope host lo";
  if (place.at === "machine")
    return [loopback, `2: ${interfaceName}    inet ${machine.address}/24 scope global ${interfaceName}`];
  const held = place.container.places.flatMap((one) => (one.held?.address === undefined ? [] : [one.held.address]));
  return [loopback, ...held.map((address, at) => `${at + 2}: eth${at}    inet ${address}/24 scope global eth${at}`)];
}
