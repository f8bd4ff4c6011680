import type { Container } from "../../domain/engine.ts";
import { asListed, humanDuration } from "../containers.ts";
import type { Machine } from "../machine.ts";
import { type Program, refused, said } from "./ground.ts";

const noDaemon = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";

/** `docker ps`, in the columns of docker's own (docker/cli cli/command/formatter/container.go). */
export const docker: Program = ([, command, ...options], { machine, clock }, io) => {
  if (command !== "ps") return refused(io, 1, "docker: the demo knows ps, and its -a");
  if (machine.engine === undefined) return refused(io, 1, noDaemon);
  const now = clock.now();
  const all = options.some((one) => one === "-a" || one === "--all");
  const listed = [...machine.containers.values()]
    .map((one) => asListed(one, machine.spec.name, now))
    .filter((one) => all || one.state === "running" || one.state === "paused" || one.state === "restarting");
  const head = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];
  return said(io, ...columns([head, ...listed.map((one) => cells(one, now))]));
};

function cells(one: Container, now: number): string[] {
  const ports = one.ports.flatMap(({ host, container, protocol }) =>
    host === undefined ? [] : `${host.address}:${host.port}->${container}/${protocol}`,
  );
  return [
    one.id.slice(0, 12),
    one.image,
    `"${one.command.length > 20 ? `${one.command.slice(0, 19)}…` : one.command}"`,
    `${humanDuration(now - one.createdAt)} ago`,
    one.status,
    ports.join(", "),
    one.name,
  ];
}

/** Three blanks between columns, as docker has them. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd((widths[at] ?? 0) + 3))
      .join("")
      .trimEnd(),
  );
}

/** Exit codes of systemctl(1): a unit that does not run, and one that there is not. */
const notActive = 3;
const noUnit = 4;
const linesShown = 10;

/** `systemctl status docker` and `is-active docker`. */
export const systemctl: Program = ([, command, unit = ""], { machine, clock }, io) => {
  if (command !== "status" && command !== "is-active") {
    return refused(io, 1, "systemctl: the demo knows status and is-active, of docker");
  }
  const name = unit.endsWith(".service") ? unit : `${unit}.service`;
  if (name !== "docker.service") return refused(io, noUnit, `Unit ${name} could not be found.`);
  const code = machine.engine === undefined ? notActive : 0;
  if (command === "is-active") io.print(stateOf(machine));
  else for (const line of statusLines(machine, clock.now())) io.print(line);
  return code;
};

const stateOf = ({ engine, failure }: Machine): "active" | "failed" | "inactive" =>
  engine !== undefined ? "active" : failure !== undefined ? "failed" : "inactive";

function statusLines(machine: Machine, now: number): string[] {
  const { engine, log, hostname } = machine;
  const words = { active: "active (running)", failed: "failed (Result: exit-code)", inactive: "inactive (dead)" };
  const since =
    engine === undefined ? "" : ` since ${day(engine.startedAt)}; ${humanDuration(now - engine.startedAt)} ago`;
  const process = engine === undefined ? [] : [`   Main PID: ${engine.pid} (dockerd)`];
  const last = log.all().slice(-linesShown);
  return [
    `${engine === undefined ? "○" : "●"} docker.service - Docker Application Container Engine`,
    "     Loaded: loaded (/lib/systemd/system/docker.service; enabled; vendor preset: enabled)",
    `     Active: ${words[stateOf(machine)]}${since}`,
    ...process,
    ...(last.length === 0 ? [] : [""]),
    ...last.map(({ at, line }) => `${time(at)} ${hostname} dockerd: ${line}`),
  ];
}

/** "2026-11-23 14:00:00 UTC", and "Nov 23 14:00:00" as the journal has it. */
const day = (at: number): string => new Date(at).toISOString().replace("T", " ").replace(/\..*/, " UTC");
const time = (at: number): string => {
  const [, date = "", month = "", , clock = ""] = new Date(at).toUTCString().split(" ");
  return `${month} ${date} ${clock}`;
};
