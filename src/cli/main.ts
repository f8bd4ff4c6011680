import { parseArgs } from "node:util";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, type SafeText } from "../domain/text.ts";
import type { World } from "../ports/world.ts";
import type { Wanted } from "../services/planning.ts";
import { type CommandName, commands, commandUsage, type OptionName, options } from "./commands.ts";
import { type ExitCode, exit, UsageError } from "./exit.ts";
import { Output } from "./output.ts";

const defaultTimeoutSeconds = 15;

/** Runs one command line; what it prints goes to stdout, what is wrong to stderr. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  const output = new Output(process);
  return output.codeOf(await ended(argv, output));
}

async function ended(argv: readonly string[], output: Output): Promise<ExitCode> {
  let line: CommandLine | undefined;
  try {
    line = parse(argv);
    return await dispatch(line, output);
  } catch (error) {
    if (!(error instanceof UsageError)) return crashed(error, line?.positionals[0]);
    process.stderr.write(`${error.message}\n`);
    return exit.usage;
  }
}

async function dispatch({ values, positionals, after }: CommandLine, output: Output): Promise<ExitCode> {
  const [name = "", ...rest] = positionals;
  if (values.version === true) return printed(`${(await import("./version.ts")).version()}\n`);
  if (!isCommand(name)) throw new UsageError(`no command "${clean(name)}"; \`ovl-tui help\` lists them`);
  if (name === "help") return helped(rest);
  if (values.help === true) return printed(commandUsage(name));
  mustTake(name, values);
  if (name === "exec") return execIn(rest, after, values);
  if (name === "completion") return completes(rest);
  if (rest.length > 0 || (after ?? []).length > 0)
    throw new UsageError(
      `"${clean([...rest, ...(after ?? [])].join(" "))}" is one word too many; \`ovl-tui help\` tells what each command takes`,
    );
  const timeoutMs = wholeNumber(values.timeout, "--timeout", 1, 3600, defaultTimeoutSeconds) * 1000;
  const readOnly = values["read-only"] ?? false;
  const json = values.json ?? false;
  switch (name) {
    case "":
      return (await import("./screen.ts")).screen({ config: values.config, readOnly });
    case "demo":
      return (await import("./demo.ts")).demo({
        nodes: wholeNumber(values.nodes, "--nodes", 1, 1000, 3),
        containers: wholeNumber(values.containers, "--containers", 0, 200, 8),
        seed: wholeNumber(values.seed, "--seed", 0, 2 ** 31, 1),
        bare: values.bare ?? false,
        script: values.script,
        readOnly,
      });
    case "status": {
      const [{ status }, { spec, world }] = await Promise.all([import("./status.ts"), cluster(values.config)]);
      return status(spec, world, { json, timeoutMs }, printed);
    }
    case "plan": {
      const [{ plan }, { painter }, { spec, world }] = await Promise.all([
        import("./plan.ts"),
        import("./plan-text.ts"),
        cluster(values.config),
      ]);
      const paint = painter(process.stdout.isTTY && !process.env.NO_COLOR);
      return plan(spec, world, { json, timeoutMs, wanted: wantedOf(spec, values.remove), paint }, printed);
    }
    case "ping": {
      const [{ ping }, { spec, world }] = await Promise.all([import("./ping.ts"), cluster(values.config)]);
      const port = values.port === undefined ? undefined : wholeNumber(values.port, "--port", 1, 65_535, 0);
      return ping(spec, world, { json, timeoutMs, network: values.network, port, full: values.full ?? false }, printed);
    }
    case "condor": {
      const [{ condor }, { spec, world }] = await Promise.all([import("./condor.ts"), cluster(values.config)]);
      return condor(spec, world, { json, timeoutMs, container: values.container }, printed);
    }
    case "apply": {
      const [{ apply }, { painter }, { LiveLine }, { spec, world }] = await Promise.all([
        import("./apply.ts"),
        import("./plan-text.ts"),
        import("./live-line.ts"),
        cluster(values.config),
      ]);
      const options = {
        ...{ json, timeoutMs, wanted: wantedOf(spec, values.remove), yes: values.yes ?? false },
        breakLocks: values["break-lock"] ?? false,
        acceptInsecureListener: values["accept-insecure-listener"] ?? false,
        readOnly: readOnly || spec.readOnly,
        paint: painter(process.stderr.isTTY && process.stdout.isTTY && !process.env.NO_COLOR),
      };
      const line = new LiveLine(process.stderr);
      const say = {
        print: printed,
        tell: (words: string) => line.tell(words),
        live: (words: string) => line.live(words),
        onLost: (listener: (why: SafeText) => void) => output.onLost(listener),
      };
      return apply(spec, world, options, say);
    }
  }
}

/** The cluster of the file, over SSH. Nothing is opened before its first node is asked for. */
async function cluster(config: string | undefined): Promise<{ spec: Spec; world: World }> {
  const [{ readSpec }, { createWorld }] = await Promise.all([import("./spec-file.ts"), import("../adapters/world.ts")]);
  return { spec: readSpec(config), world: createWorld() };
}

/** The file's cluster, or that without the node which --remove names. */
function wantedOf(spec: Spec, removed: string | undefined): Wanted {
  if (removed === undefined) return { kind: "spec" };
  const node = spec.nodes.find((one) => one.name === removed);
  if (node !== undefined) return { kind: "removal", node: node.name };
  const known = spec.nodes.map((one) => one.name).join(", ");
  throw new UsageError(`--remove names "${clean(removed)}"; expected a node of the file: ${known}`);
}

/** `exec` alone takes words: the container, and after "--" the command. */
async function execIn(
  [container, ...more]: readonly string[],
  after: readonly string[] | undefined,
  values: CommandLine["values"],
): Promise<ExitCode> {
  if (container === undefined) throw new UsageError("exec needs a container: its name or its id");
  if (more.length > 0) {
    throw new UsageError(`a command comes after --: ovl-tui exec ${clean(container)} -- ${clean(more.join(" "))}`);
  }
  if (after?.length === 0) throw new UsageError("there is no command after --");
  const timeoutMs = wholeNumber(values.timeout, "--timeout", 1, 3600, defaultTimeoutSeconds) * 1000;
  const [{ exec }, { spec, world }] = await Promise.all([import("./exec.ts"), cluster(values.config)]);
  const readOnly = (values["read-only"] ?? false) || spec.readOnly;
  const options = { container, command: after, node: values.node, timeoutMs, readOnly };
  return exec(spec, world, options, (line) => void process.stderr.write(`${line}\n`));
}

async function completes([shell = "", ...more]: readonly string[]): Promise<ExitCode> {
  const { completion, shells } = await import("./completion/scripts.ts");
  const known = shells.find((one) => one === shell);
  if (known === undefined || more.length > 0) {
    throw new UsageError(`completion needs the name of a shell: ${shells.join(", ")}`);
  }
  return printed(completion(known));
}

function helped([topic = "", ...more]: readonly string[]): ExitCode {
  if (!isCommand(topic) || more.length > 0) {
    throw new UsageError(`no command "${clean([topic, ...more].join(" "))}"; \`ovl-tui help\` lists them`);
  }
  return printed(commandUsage(topic));
}

/** An option that a command would not look at is a mistake, and may be a dangerous one. */
function mustTake(name: CommandName, values: Readonly<Partial<Record<OptionName, unknown>>>): void {
  const taken: readonly string[] = commands.find((one) => one.name === name)?.options ?? [];
  const everywhere = ["help", "version"];
  const wrong = Object.keys(values).find((option) => !taken.includes(option) && !everywhere.includes(option));
  if (wrong === undefined) return;
  const [command, help] =
    name === "" ? ["ovl-tui without a command", "ovl-tui --help"] : [`\`ovl-tui ${name}\``, `ovl-tui help ${name}`];
  throw new UsageError(`${command} takes no --${wrong}; \`${help}\` tells what it takes`);
}

type CommandLine = ReturnType<typeof parse>;

function parse(argv: readonly string[]) {
  try {
    // What comes after "--" is a command, whose words mean nothing here.
    const end = argv.indexOf("--");
    const args = end < 0 ? [...argv] : argv.slice(0, end);
    const after = end < 0 ? undefined : argv.slice(end + 1);
    return { ...parseArgs({ args, options, allowPositionals: true, strict: true }), after };
  } catch (error) {
    throw new UsageError(clean(error instanceof Error ? error.message : String(error)));
  }
}

const isCommand = (name: string): name is CommandName => commands.some((one) => one.name === name);

function wholeNumber(raw: string | undefined, option: string, least: number, most: number, otherwise: number): number {
  if (raw === undefined) return otherwise;
  const number = Number(raw);
  if (!/^\d+$/.test(raw) || number < least || number > most) {
    throw new UsageError(`${option} is "${clean(raw)}"; expected a whole number from ${least} to ${most}`);
  }
  return number;
}

function printed(output: string): ExitCode {
  process.stdout.write(output);
  return exit.fine;
}

/** A defect of ours: what stands in a few words for the operator, the trace only for who asks for it. */
function crashed(error: unknown, command: string | undefined): ExitCode {
  const message = clean(error instanceof Error ? error.message : String(error));
  process.stderr.write(
    `ovl-tui stopped on a defect of its own: ${message}\n${stands(command)} OVL_TUI_DEBUG=1 shows where.\n`,
  );
  if (process.env.OVL_TUI_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exit.failed;
}

/** What a command that broke off may have left behind. */
function stands(command = ""): string {
  switch (command) {
    case "apply":
      return "What was done stands; `ovl-tui plan` shows what is missing.";
    case "exec":
      return "Whether the command ran, or still runs, is not known.";
    case "":
      return "What was done on its screen stands, and what was being done may be half done: see the journal, and `ovl-tui plan` for what is missing.";
    default:
      return "Nothing was changed.";
  }
}
