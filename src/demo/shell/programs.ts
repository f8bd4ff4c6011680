import type { ContainerId } from "../../domain/ids.ts";
import type { Echo } from "../../domain/ping/echo.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TerminalSize } from "../../ports/shells.ts";
import { pass } from "../calls.ts";
import type { DemoContainer } from "../containers.ts";
import { interfaceName, type Machine } from "../machine.ts";
import { iptables } from "./firewall.ts";

/** Where a pretended program runs. `container` undefined: on the machine itself. */
export interface ProgramGround {
  machine: Machine;
  container: DemoContainer | undefined;
  clock: Clock;
  /** From that container to an address, once. */
  ping(container: ContainerId, address: string): Promise<Echo>;
  /** The address of a container of the same network, by its name. */
  resolve(name: string): string | undefined;
}

/** What a program gets besides its words. */
export interface ProgramIo {
  print(line: string): void;
  size(): TerminalSize | undefined;
  /** Ctrl-C, or the end of the session. */
  interrupted: AbortSignal;
}

type Program = (words: readonly string[], ground: ProgramGround, io: ProgramIo) => number | Promise<number>;

const folders = "bin  dev  etc  home  opt  proc  root  run  sbin  srv  sys  tmp  usr  var";

/** Exit codes of POSIX sh, 2.8.2. */
const notFound = 127;
const interruptedBySignal = 130;

/** The few programs that the demo pretends to have, of coreutils, iproute2 and iputils; each prints as those do. */
const programs: Readonly<Record<string, Program>> = {
  true: () => 0,
  false: () => 1,
  ":": () => 0,
  echo: ([, ...words], _, io) => said(io, words.join(" ")),
  pwd: (_words, _ground, io) => said(io, "/root"),
  ls: (_words, _ground, io) => said(io, folders),
  whoami: (_words, _ground, io) => said(io, "root"),
  hostname: (_words, ground, io) => said(io, hostnameOf(ground)),
  tty: (_words, _ground, io) => said(io, io.size() === undefined ? "not a tty" : "/dev/pts/0"),
  stty(_words, _ground, io) {
    const size = io.size();
    return said(
      io,
      size === undefined ? "stty: 'standard input': Inappropriate ioctl for device" : `${size.rows} ${size.columns}`,
    );
  },
  ip: (_words, ground, io) => said(io, ...addressLines(ground)),
  iptables(words, { machine }, io) {
    const { lines, code } = iptables(words, machine);
    for (const line of lines) io.print(line);
    return code;
  },
  help: (_words, ground, io) => said(io, `this is a demo; there are: ${namesAt(ground).join(" ")} exit`),
  async sleep([, seconds = ""], { clock }, io) {
    await Promise.race([pass(clock, Number(seconds) * 1000 || 0), aborted(io.interrupted)]);
    return io.interrupted.aborted ? interruptedBySignal : 0;
  },
  async ping(words, ground, io) {
    const wanted = words.at(-1) ?? "";
    const at = words.indexOf("-c");
    const count = at < 0 ? Number.POSITIVE_INFINITY : Number(words[at + 1]);
    const { container } = ground;
    const address = /^\d+(\.\d+){3}$/.test(wanted) ? wanted : ground.resolve(wanted);
    if (container === undefined || address === undefined) {
      io.print(`ping: ${wanted}: Name or service not known`);
      return 2;
    }
    io.print(`PING ${wanted} (${address}) 56(84) bytes of data.`);
    const began = ground.clock.now();
    let [sent, heard] = [0, 0];
    for (; sent < count && !io.interrupted.aborted; sent++) {
      const result = await ground.ping(container.id, address);
      if (io.interrupted.aborted) break;
      if (result.state === "ok") heard++;
      for (const line of pingLines(result, address, sent + 1)) io.print(line);
      if (sent + 1 < count) await Promise.race([pass(ground.clock, 1000), aborted(io.interrupted)]);
    }
    for (const line of pingSummary(wanted, sent, heard, ground.clock.now() - began)) io.print(line);
    return heard > 0 ? 0 : 1;
  },
};

/** Programs that machines have, and no image. */
const ofMachines: readonly string[] = ["iptables"];

/** Whether a container has such a program. */
export const isProgram = (name: string): boolean => Object.hasOwn(programs, name) && !ofMachines.includes(name);

const namesAt = ({ container }: ProgramGround): string[] =>
  Object.keys(programs).filter((name) => container === undefined || isProgram(name));

/** Runs a program by its words to its end; its exit code. `shell` is who says that there is no such program. */
export async function runProgram(
  words: readonly string[],
  shell: string,
  ground: ProgramGround,
  io: ProgramIo,
): Promise<number> {
  const [name = ""] = words;
  const program = namesAt(ground).includes(name) ? programs[name] : undefined;
  if (program !== undefined) return program(words, ground, io);
  io.print(`${shell}: ${name}: command not found`);
  return notFound;
}

/** What a prompt says of where it is. */
export const hostnameOf = ({ container, machine }: ProgramGround): string =>
  container === undefined ? machine.hostname : (container.asked.hostname ?? container.id.slice(0, 12));

function said(io: ProgramIo, ...lines: readonly string[]): number {
  for (const line of lines) io.print(line);
  return 0;
}

function addressLines({ container, machine }: ProgramGround): string[] {
  const loopback = "1: lo    inet 127.0.0.1/8 scope host lo";
  if (container === undefined)
    return [loopback, `2: ${interfaceName}    inet ${machine.address}/24 scope global ${interfaceName}`];
  const held = container.places.flatMap((place) => (place.held?.address === undefined ? [] : [place.held.address]));
  return [loopback, ...held.map((address, at) => `${at + 2}: eth${at}    inet ${address}/24 scope global eth${at}`)];
}

function pingLines(result: Echo, address: string, number: number): string[] {
  switch (result.state) {
    case "ok":
      return [`64 bytes from ${address}: icmp_seq=${number} ttl=64 time=${result.averageMs.toFixed(3)} ms`];
    case "unreachable":
      return [`From ${address} icmp_seq=${number} ${result.detail}`];
    default:
      return [];
  }
}

/** What it closes with (iputils ping/ping_common.c, finish). */
function pingSummary(wanted: string, sent: number, heard: number, ms: number): string[] {
  const lost = sent === 0 ? 0 : Math.round((1 - heard / sent) * 100);
  const counts = `${sent} packets transmitted, ${heard} received, ${lost}% packet loss, time ${ms}ms`;
  return ["", `--- ${wanted} ping statistics ---`, counts];
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
