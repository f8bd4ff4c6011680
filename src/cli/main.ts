import { parseArgs } from "node:util";
import { clean } from "../domain/text.ts";
import { type CommandName, commands, optionTypes, usage } from "./commands.ts";
import { type ExitCode, exit, UsageError } from "./exit.ts";

const defaultTimeoutSeconds = 15;

/** Runs one command line; what it prints goes to stdout, what is wrong to stderr. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) return crashed(error);
    process.stderr.write(`${error.message}\n`);
    return exit.usage;
  }
}

async function dispatch(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(argv);
  const [name = "", ...rest] = positionals;
  if (values.version === true) return printed(`${(await import("./version.ts")).version()}\n`);
  if (values.help === true || name === "help") return printed(usage());
  if (!isCommand(name)) throw new UsageError(`no command "${clean(name)}"; \`ovl-tui help\` lists them`);
  if (rest.length > 0)
    throw new UsageError(
      `"${clean(rest.join(" "))}" is one word too many; \`ovl-tui help\` tells what each command takes`,
    );
  const timeoutMs = wholeNumber(values.timeout, "--timeout", 1, 3600, defaultTimeoutSeconds) * 1000;
  const readOnly = values["read-only"] ?? false;
  switch (name) {
    case "":
      return (await import("./screen.ts")).screen({ config: values.config, readOnly });
    case "demo":
      return (await import("./demo.ts")).demo({ nodes: wholeNumber(values.nodes, "--nodes", 1, 1000, 3), readOnly });
    case "status": {
      const [{ readSpec }, { status }, { createWorld }] = await Promise.all([
        import("./spec-file.ts"),
        import("./status.ts"),
        import("../adapters/world.ts"),
      ]);
      return status(readSpec(values.config), createWorld(), { json: values.json ?? false, timeoutMs }, printed);
    }
    case "help":
      return printed(usage());
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: optionTypes, allowPositionals: true, strict: true });
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

/** A defect of ours: one line for the operator, the trace only for who asks for it. */
function crashed(error: unknown): ExitCode {
  const message = clean(error instanceof Error ? error.message : String(error));
  process.stderr.write(
    `ovl-tui stopped on a defect of its own: ${message}\nNothing was changed. OVL_TUI_DEBUG=1 shows where.\n`,
  );
  if (process.env.OVL_TUI_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exit.failed;
}
