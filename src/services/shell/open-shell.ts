import { explain } from "../../domain/explain.ts";
import type { ContainerId, NodeName } from "../../domain/ids.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Output, Session, SessionEnd, Shells, TerminalSize } from "../../ports/shells.ts";
import type { NodeAccess } from "../../ports/world.ts";
import type { Audit } from "../audit.ts";
import type { ReadOnly } from "../read-only.ts";
import { type Picked, pickShell } from "./pick-shell.ts";

/** Where something is to run. */
export type ShellPlace =
  | { at: "container"; node: NodeName; container: ContainerId; name: SafeText }
  /** A shell of the node's, as root, in the network of a container. */
  | { at: "network"; node: NodeName; container: ContainerId; name: SafeText }
  /** The login shell of the node itself. */
  | { at: "node"; node: NodeName };

export interface ShellContext {
  access: ReadonlyMap<NodeName, NodeAccess>;
  readOnly: Pick<ReadOnly, "state">;
  audit: Audit;
  clock: Clock;
}

/** What was found out before the terminal is given away. */
export type Prepared =
  | { state: "ready"; ready: ReadyShell }
  /** The image has neither bash nor sh. */
  | { state: "no-shell" }
  | { state: "refused"; error: SafeText; remedy: SafeText };

export interface ReadyShell {
  /** "node2 on node103", "the network of node2, with the tools of node103", "node103". */
  where: SafeText;
  /** Begins it. `size` undefined: pipes instead of a terminal. `term`: the kind of the operator's terminal (TERM). */
  start(size: TerminalSize | undefined, term: string, output: Output): Promise<Outcome<OpenShell>>;
}

/** A session that is in the journal, and that can be left. */
export interface OpenShell extends Pick<Session, "write" | "endInput" | "resize" | "ended"> {
  /**
   * Comes back from it before it ended: a shell in which nothing runs is ended, and one in which something runs goes on.
   * With `end` whatever runs is told to end. The result says what became of it.
   */
  leave(end: boolean): Promise<SafeText>;
}

const openMs = 20_000;
const leaveMs = 10_000;

const readOnlyRefusal: Prepared = {
  state: "refused",
  error: text`read-only refuses every shell`,
  remedy: text`ctrl-r turns it off, unless the program was started so.`,
};

/**
 * Finds out what can be run in `place`: `command`, or without one the best shell that is there. Nothing but a look for
 * shells has run when this returns.
 */
export async function prepareShell(
  place: ShellPlace,
  command: readonly string[] | undefined,
  context: ShellContext,
  signal?: AbortSignal,
): Promise<Prepared> {
  if (context.readOnly.state.get()) return readOnlyRefusal;
  const shells = context.access.get(place.node)?.shells;
  if (shells === undefined) {
    const error = text`nothing can be run on ${place.node} from here`;
    return { state: "refused", error, remedy: text`Name it in the cluster's file.` };
  }
  const within = { ms: openMs, ...(signal === undefined ? {} : { signal }) };
  if (place.at !== "container") return { state: "ready", ready: readyShell(place, undefined, shells, context) };
  const picked: Picked =
    command === undefined
      ? await pickShell(shells, place.container, context.clock, within)
      : { state: "found", command };
  switch (picked.state) {
    case "found":
      return { state: "ready", ready: readyShell(place, picked.command, shells, context) };
    case "none":
      return { state: "no-shell" };
    case "failed": {
      const { what, remedy } = explain(picked.trouble, place.node);
      return { state: "refused", error: what, remedy };
    }
  }
}

/** Where a place is, for people. */
export function placeWords(place: ShellPlace): SafeText {
  switch (place.at) {
    case "container":
      return text`${place.name} on ${place.node}`;
    case "network":
      return text`the network of ${place.name}, with the tools of ${place.node}`;
    case "node":
      return place.node;
  }
}

function readyShell(
  place: ShellPlace,
  command: readonly string[] | undefined,
  shells: Shells,
  context: ShellContext,
): ReadyShell {
  const { audit, readOnly } = context;
  const line = { node: place.node, step: place.at === "container" ? "exec" : "shell", title: titleOf(place, command) };
  return {
    where: placeWords(place),
    async start(size, term, output) {
      // It may have been turned on since.
      if (readOnly.state.get()) return bad(refusedByReadOnly);
      await audit.write({ ...line, event: "begun" });
      const opened = await opens(place, command, shells, size, term, output);
      if (!opened.ok) {
        await audit.write({ ...line, event: "failed", error: explain(opened.trouble, place.node).what });
        return opened;
      }
      return {
        ok: true,
        value: recorded(opened.value, place.node, (event, how) => audit.write({ ...line, event, ...how })),
      };
    },
  };
}

const refusedByReadOnly: Trouble = {
  kind: "misconfigured",
  detail: text`read-only refuses every shell`,
  remedy: text`ctrl-r turns it off, unless the program was started so.`,
};

/** Of a command only the program: its arguments may hold secrets. */
function titleOf(place: ShellPlace, command: readonly string[] | undefined): SafeText {
  if (place.at !== "container") return text`shell in ${placeWords(place)}`;
  const [program = "", ...more] = command ?? [];
  const rest = more.length === 0 ? text`` : text` and its arguments`;
  return text`${clean(program)}${rest} in ${place.name} (${clean(place.container.slice(0, 12))}) on ${place.node}`;
}

/** A session, and how it is hung up on when it is left; undefined where closing it does that. */
interface Opened {
  session: Session;
  hangUp: ((onlyIdle: boolean) => Promise<Outcome<"ended" | "busy">>) | undefined;
}

async function opens(
  place: ShellPlace,
  command: readonly string[] | undefined,
  shells: Shells,
  size: TerminalSize | undefined,
  term: string,
  output: Output,
): Promise<Outcome<Opened>> {
  const within = { ms: openMs };
  if (place.at === "container") {
    const opened = await shells.exec(
      { container: place.container, command: command ?? [], terminal: size },
      output,
      within,
    );
    if (!opened.ok) return opened;
    const session = opened.value;
    return { ok: true, value: { session, hangUp: (onlyIdle) => session.hangUp(onlyIdle, { ms: leaveMs }) } };
  }
  const asked = size ?? { columns: 80, rows: 24 };
  const opened =
    place.at === "node"
      ? await shells.login(asked, term, output, within)
      : await shells.inNetworkOf(place.container, asked, term, output, within);
  return opened.ok ? { ok: true, value: { session: opened.value, hangUp: undefined } } : opened;
}

type Told = (event: "done" | "failed" | "cancelled", how: { error?: SafeText }) => Promise<void>;

function recorded({ session, hangUp }: Opened, node: NodeName, told: Told): OpenShell {
  let left = false;
  const ended = session.ended.then(async (end): Promise<SessionEnd> => {
    if (!left) await told(...lineOf(end, node));
    return end;
  });
  return {
    write: (input) => session.write(input),
    endInput: () => session.endInput(),
    resize: (size) => session.resize(size),
    ended,
    async leave(end) {
      left = true;
      const became = hangUp === undefined ? undefined : await hangUp(!end);
      session.close();
      const words = leftWords(became);
      await told("cancelled", { error: words });
      return words;
    },
  };
}

function lineOf(end: SessionEnd, node: NodeName): Parameters<Told> {
  if (end.end === "exited") return ["done", end.code === 0 ? {} : { error: text`exit code ${end.code}` }];
  return ["failed", { error: explain(end.trouble, node).what }];
}

function leftWords(became: Outcome<"ended" | "busy"> | undefined): SafeText {
  if (became === undefined) return text`left, and hung up`;
  if (!became.ok) return text`left; whether it still runs is not known`;
  return became.value === "ended" ? text`left, and ended` : text`left; what runs in it goes on`;
}
