/** `npm run lab -- up [FLAVOUR] [--nodes N] [--bare] | down | status | ssh NODE [CMD…] | tui`, each with `--lab NAME`. */
import { spawn } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { done } from "./command.ts";
import { Lab, labObstacle, remove, workingOn } from "./lab.ts";
import { addressOf, isLabName } from "./places.ts";
import { type Flavour, hosts } from "./recipe.ts";
import { labsPresent } from "./sweep.ts";

const usage = `npm run lab -- COMMAND [--lab NAME]

  up [${Object.keys(hosts).join("|")}] [--nodes N] [--bare]
                        boots hosts (2), joined by Consul or swarm, or bare; builds them the first time
  tui                   opens the program on them, booting them before if they are not up
  ssh NODE [CMD…]       a shell on a host, or a command
  status                the labs that are up
  down [--all]          removes the lab, from whatever state it is in
`;

const commands = new Set(["up", "tui", "ssh", "status", "down"]);
const root = path.resolve(import.meta.dirname, "../..");

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function asFlavour(word: string): Flavour {
  if (!(word in hosts)) refuse(`there is no flavour "${word}"; there are ${Object.keys(hosts).join(", ")}`);
  return word as Flavour;
}

/** Runs a command on this terminal and passes its exit code on. */
function onTerminal(argv: readonly string[]): Promise<number> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", cwd: root });
    // The keys of the terminal are the child's already; the others are meant for it, which has the terminal to tidy up.
    process.on("SIGINT", () => undefined);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Makes a lab; when it is interrupted says what that leaves. */
async function orToldHowToTidyUp(name: string, make: () => Promise<Lab>): Promise<Lab> {
  const interrupted = (signal: NodeJS.Signals) => {
    process.stderr.write(`\n${signal}: npm run lab -- down --lab ${name} removes what stands\n`);
    process.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.once(signal, interrupted);
  try {
    return await make();
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
  }
}

/** Builds what bin/ovl-tui.js loads, unless that is newer than all of its source. */
async function buildProgram(): Promise<void> {
  const main = path.join(root, "dist/bundle/main.js");
  const newest = Math.max(
    ...globSync("src/**/*.{ts,tsx}", { cwd: root }).map((file) => statSync(path.join(root, file)).mtimeMs),
  );
  if (existsSync(main) && statSync(main).mtimeMs > newest) return;
  process.stderr.write("building the program …\n");
  await done(["npm", "--prefix", root, "run", "--silent", "build"]);
}

/** What follows `ssh [--lab NAME] NODE` belongs to the remote command, dashes and all. */
function remoteCommandAt(words: readonly string[]): number {
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--lab") index++;
    else if (!word.startsWith("-")) return index + 1;
  }
  return words.length;
}

function understood(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        lab: { type: "string", default: "main" },
        nodes: { type: "string", default: "2" },
        bare: { type: "boolean", default: false },
        all: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

async function run(): Promise<number> {
  const words = process.argv.slice(2);
  const cut = words[0] === "ssh" ? remoteCommandAt(words) : words.length;
  const { values, positionals } = understood(words.slice(0, cut));
  const [command = "help", ...rest] = positionals;
  if (values.help === true || command === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (!isLabName(values.lab)) refuse(`"${values.lab}" is no lab name: small letters, digits and dashes, 20 at most`);
  if (!commands.has(command)) refuse(`there is no command "${command}"\n\n${usage}`);
  const wanted = command === "up" && rest[0] !== undefined ? asFlavour(rest[0]) : undefined;
  const nodes = Number(values.nodes);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 9) refuse(`--nodes is "${values.nodes}"; expected 1 to 9`);
  const obstacle = labObstacle();
  if (obstacle !== undefined) refuse(obstacle);
  const boot = () =>
    orToldHowToTidyUp(values.lab, () =>
      Lab.up({ name: values.lab, flavour: wanted ?? "classic", nodes, joined: !values.bare }),
    );
  switch (command) {
    case "up": {
      const standing = Lab.find(values.lab);
      const flavour = wanted ?? standing?.flavour;
      if (standing !== undefined) {
        const what = `lab ${values.lab} is up: ${standing.flavour}, ${standing.machines.length} nodes${standing.joined ? "" : ", bare"}`;
        const asked = standing.flavour === flavour && standing.machines.length === nodes;
        if (!asked || standing.joined === values.bare) throw new Error(`${what}; npm run lab -- down removes it`);
        process.stderr.write(`${what}\n`);
      }
      const lab = standing ?? (await boot());
      process.stdout.write(`${lab.configFile}\n`);
      const which = values.lab === "main" ? "" : ` --lab ${values.lab}`;
      process.stderr.write(`in it: npm run lab -- tui${which}, npm run lab -- ssh${which} ${lab.machines[0]?.name}\n`);
      return 0;
    }
    case "tui": {
      await buildProgram();
      const lab = Lab.find(values.lab) ?? (await boot());
      return onTerminal(
        lab.inSwitch([process.execPath, path.join(root, "bin/ovl-tui.js"), "--config", lab.configFile]),
      );
    }
    case "ssh": {
      const lab = Lab.find(values.lab) ?? refuse(`lab ${values.lab} is not up: npm run lab -- up`);
      const node = rest[0] ?? refuse("which node? npm run lab -- ssh NODE [CMD…]");
      lab.node(node);
      return onTerminal([...lab.sshCommand(node), ...words.slice(cut)]);
    }
    case "status": {
      const names = labsPresent();
      for (const name of names) for (const line of await linesOf(name)) process.stdout.write(`${name}: ${line}\n`);
      if (names.length === 0) process.stdout.write("no lab is up: npm run lab -- up\n");
      return 0;
    }
    case "down": {
      for (const name of values.all ? labsPresent() : [values.lab]) await remove(name);
      return 0;
    }
    default:
      return refuse(`there is no command "${command}"\n\n${usage}`);
  }
}

async function linesOf(name: string): Promise<string[]> {
  const lab = Lab.find(name);
  const holder = await workingOn(name);
  if (lab !== undefined) {
    return Promise.all(
      lab.machines.map(async (one) => `${one.name} ${addressOf(one.name)} ${lab.flavour} ${await how(one)}`),
    );
  }
  if (holder !== undefined) return [`"${holder.doing}" is at work on it (process ${holder.pid})`];
  return [`remains of a lab; npm run lab -- down --lab ${name}`];
}

async function how(machine: Lab["machines"][number]): Promise<string> {
  // The question alone would start an engine that was stopped: its socket is systemd's.
  const asked = "systemctl is-active -q docker || exit 3; docker version --format '{{.Server.Version}}'";
  const { code, stdout } = await machine.run(asked);
  if (code === 3) return "engine stopped";
  return code === 0 ? `engine ${stdout.trim()}` : "off";
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
