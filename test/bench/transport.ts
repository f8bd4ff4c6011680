import path from "node:path";
import { Lab } from "../lab/lab.ts";
import { addressOf } from "../lab/places.ts";
import { extraSshd } from "../lab/sshd.ts";
import type { Figure } from "./figure.ts";
import { type TransportReport, transportReport } from "./transport-load.ts";

const connections = 200;
/** As many handshakes at once as the program itself allows. */
const atOnce = 16;
const port = 2222;

/**
 * 200 connections of the program's own adapter to one real sshd, each with a real engine's socket forwarded; and what
 * OpenSSH takes to log in as often, beside it, because both sides share the processors.
 */
export async function transportFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench-ssh", nodes: 1, joined: false });
  try {
    // Its defaults drop logins beyond ten: they are a protection against strangers, and one client per host never meets them.
    await extraSshd(lab.node("node103"), port, "MaxStartups 400:30:600", "MaxSessions 400");
    return [...figures(await connect(lab)), await withOpenSsh(lab)];
  } finally {
    await lab.down();
  }
}

async function connect(lab: Lab): Promise<TransportReport> {
  const script = path.join(import.meta.dirname, "transport-connections.ts");
  const node = [process.execPath, "--expose-gc", "--no-warnings", "--import", "tsx", script];
  const ran = await lab.exec([...node, lab.configFile, String(port), String(connections)], { seconds: 300 });
  if (ran.code !== 0) throw new Error(`the connections ended with ${ran.code}: ${ran.stderr}`);
  return transportReport.parse(JSON.parse(ran.stdout));
}

function figures(seen: TransportReport): Figure[] {
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const delay = ({ p99, most }: TransportReport["idleDelayMs"]): string => `p99 ${ms(p99)}, longest ${ms(most)}`;
  const kB = (value: number): string => `${Math.round(value / 1000)} kB`;
  const each = (seen.connectCpuMs / connections).toFixed(1);
  return [
    {
      what: `${connections} connections live, ${atOnce} handshakes at a time`,
      measured: ms(seen.allLiveMs),
      bound: "",
    },
    { what: "every engine answered through its own", measured: ms(seen.allAnsweredMs), bound: "" },
    { what: "processor for that", measured: `${ms(seen.connectCpuMs)}, ${each} ms each`, bound: "" },
    { what: "event loop late meanwhile", measured: delay(seen.connectDelayMs), bound: "" },
    {
      what: "memory of a connection with its event stream",
      measured: `${kB(seen.residentEach)} resident, ${kB(seen.heapEach)} of it JavaScript`,
      bound: "",
    },
    { what: "the whole process, resident", measured: `${Math.round(seen.residentBytes / 1e6)} MB`, bound: "" },
    { what: "idle: processor, 30 s", measured: `${seen.idlePercent.toFixed(2)} %`, bound: "" },
    { what: "idle: event loop late", measured: delay(seen.idleDelayMs), bound: "" },
    {
      what: "held with their streams all the time",
      measured: `${seen.held} of ${connections}`,
      bound: `${connections}`,
    },
  ];
}

/** For comparison: as many logins of `ssh`, as many at a time. */
async function withOpenSsh(lab: Lab): Promise<Figure> {
  const unknownHost = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
  const argv = ["ssh", "-F", "none", "-i", lab.places.keyFile, ...unknownHost, "-p", String(port)];
  let left = connections;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const ran = await lab.exec([...argv, `root@${addressOf("node103")}`, "true"], { seconds: 60 });
        if (ran.code !== 0) throw new Error(`ssh ended with ${ran.code}: ${ran.stderr}`);
      }
    }),
  );
  const measured = `${Math.round(performance.now() - began)} ms`;
  return { what: `\`ssh NODE true\` ${connections} times, ${atOnce} at a time, for comparison`, measured, bound: "" };
}
