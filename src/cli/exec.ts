import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { constants } from "node:os";
import { createJournal, journalPath } from "../adapters/operator/journal.ts";
import { operatorName } from "../adapters/operator/operator.ts";
import { explain } from "../domain/explain.ts";
import type { NodeName } from "../domain/ids.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";
import type { SessionEnd } from "../ports/shells.ts";
import type { NodeAccess, World } from "../ports/world.ts";
import { Audit } from "../services/audit.ts";
import { refuseAll } from "../services/prompts.ts";
import { ReadOnly } from "../services/read-only.ts";
import { type FoundContainer, findContainer } from "../services/shell/find-container.ts";
import { type OpenShell, prepareShell, type ReadyShell } from "../services/shell/open-shell.ts";
import { handOver } from "../ui/terminal/hand-over.ts";
import { type ExitCode, exit, UsageError } from "./exit.ts";

export interface ExecOptions {
  /** Name or id, or the beginning of an id. */
  container: string;
  /** Undefined: a shell. */
  command: readonly string[] | undefined;
  /** Only this node is asked. */
  node: string | undefined;
  timeoutMs: number;
  readOnly: boolean;
}

/** As `docker run` ends when it could not run anything. */
const notRun = 125;

/** Runs a command, or a shell, in a container on whichever node it is; the result is the command's exit code. */
export async function exec(
  spec: Spec,
  world: World,
  options: ExecOptions,
  tell: (line: string) => void,
): Promise<ExitCode> {
  if (options.readOnly) throw new UsageError("read-only refuses every shell and command");
  const nodes = spec.nodes.filter((one) => options.node === undefined || one.name === options.node);
  if (nodes.length === 0) {
    const known = spec.nodes.map((one) => one.name).join(", ");
    throw new UsageError(`--node names "${clean(options.node ?? "")}"; expected a node of the file: ${known}`);
  }
  const access = new Map<NodeName, NodeAccess>(nodes.map((one) => [one.name, world.node(one, spec, refuseAll)]));
  try {
    const found = await findContainer(options.container, access, world.clock, options.timeoutMs);
    for (const { node, why } of found.unheard) tell(text`${node} was not asked: ${why}`);
    if (found.state !== "found") return refused(found, options.container, tell);
    const { node, id, name } = found.container;
    const audit = new Audit(
      createJournal(journalPath(), (error) => tell(text`the journal cannot be written: ${clean(error.message)}`)),
      world.clock,
      { operator: operatorName(), cluster: spec.cluster, run: randomUUID() },
    );
    const context = { access, readOnly: new ReadOnly(options.readOnly), audit, clock: world.clock };
    const prepared = await prepareShell({ at: "container", node, container: id, name }, options.command, context);
    if (prepared.state === "no-shell") {
      tell(text`the image of ${name} has neither bash nor sh; name a command it has after --`);
      return notRun;
    }
    if (prepared.state === "refused") {
      tell(text`${prepared.error}. ${prepared.remedy}`);
      return notRun;
    }
    const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
    return await (isTerminal ? onTerminal : piped)(prepared.ready, node, tell);
  } finally {
    await Promise.all([...access.values()].map((one) => one.link.close()));
  }
}

function refused(
  found: Exclude<FoundContainer, { state: "found" }>,
  wanted: string,
  tell: (line: SafeText) => void,
): ExitCode {
  switch (found.state) {
    case "none": {
      tell(text`no container ${clean(wanted, 100)} on any node that answered`);
      return notRun;
    }
    case "not-running": {
      const places = joined(found.containers.map((one) => text`${one.node} (${one.status})`));
      tell(text`${clean(wanted, 100)} does not run: ${places}`);
      return notRun;
    }
    case "ambiguous": {
      const places = joined(
        found.containers.map((one) => text`${one.name} (${clean(one.id.slice(0, 12))}) on ${one.node}`),
      );
      throw new UsageError(text`"${clean(wanted, 100)}" is ambiguous: ${places}; add --node NODE, or give the id`);
    }
  }
}

async function onTerminal(ready: ReadyShell, node: NodeName, tell: (line: SafeText) => void): Promise<ExitCode> {
  const { stdin: input, stdout: output } = process;
  const end = await handOver(ready, undefined, { input, output });
  // Nothing else reads it, and it would keep this process.
  input.destroy();
  if (end.end === "not-opened") {
    const { what, remedy } = explain(end.trouble, node);
    tell(text`${what}. ${remedy}`);
    return notRun;
  }
  if (end.end === "left") {
    tell(await end.became);
    return end.by === "key" ? exit.fine : 128 + constants.signals[end.by];
  }
  return codeOf(end, node, tell);
}

function codeOf(end: SessionEnd, node: NodeName, tell: (line: SafeText) => void): ExitCode {
  if (end.end === "exited") return end.code;
  const { what, remedy } = explain(end.trouble, node);
  tell(text`${what}; whether it still runs is not known. ${remedy}`);
  return notRun;
}

const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Bytes pass unchanged both ways; our stdin's end is the command's. */
async function piped(ready: ReadyShell, node: NodeName, tell: (line: SafeText) => void): Promise<ExitCode> {
  const { stdin, stdout, stderr } = process;
  const cut = Promise.withResolvers<{ by: (typeof interrupts)[number] | "SIGPIPE" }>();
  const interrupted = (by: (typeof interrupts)[number]): void => cut.resolve({ by });
  const noReader = (): void => cut.resolve({ by: "SIGPIPE" });
  for (const signal of interrupts) process.on(signal, interrupted);
  for (const stream of [stdout, stderr]) stream.on("error", noReader);
  try {
    const opened = await ready.start(undefined, "", (bytes, from) => {
      const stream = from === "stdout" ? stdout : stderr;
      if (stream.write(bytes)) return undefined;
      return Promise.race([once(stream, "drain"), cut.promise]).then(() => undefined);
    });
    if (!opened.ok) {
      const { what, remedy } = explain(opened.trouble, node);
      tell(text`${what}. ${remedy}`);
      return notRun;
    }
    const session = opened.value;
    void feed(session, stdin, tell);
    const end = await Promise.race([session.ended, cut.promise]);
    if ("end" in end) return codeOf(end, node, tell);
    tell(await session.leave(true));
    return 128 + constants.signals[end.by];
  } finally {
    for (const signal of interrupts) process.off(signal, interrupted);
    for (const stream of [stdout, stderr]) stream.off("error", noReader);
    stdin.destroy();
  }
}

async function feed(session: OpenShell, stdin: NodeJS.ReadStream, tell: (line: SafeText) => void): Promise<void> {
  try {
    for await (const chunk of stdin) await session.write(chunk);
  } catch (error) {
    // Ours to end once the command has ended.
    if (stdin.destroyed) return;
    tell(text`the input cannot be read: ${clean(error instanceof Error ? error.message : String(error))}`);
  }
  session.endInput();
}
