import { good, type Outcome } from "../../src/domain/trouble.ts";
import type { Deadline } from "../../src/ports/clock.ts";
import type { ContainerSession, Output, Session, Shells } from "../../src/ports/shells.ts";
import type { SessionAct, ShellAsked } from "./remote-shells.ts";

const sessions = new Map<number, Session | ContainerSession>();

/** Opens with the real shells what was asked of those in the test; `told` gets what the session says, as calls. */
export async function openShell(
  shells: Shells | undefined,
  session: number,
  asked: ShellAsked,
  within: Deadline,
  told: (method: "output" | "ended", value: unknown) => void,
): Promise<Outcome<void>> {
  if (shells === undefined) throw new Error("nothing can be run there");
  // Whatever sending it gives is no promise to wait for.
  const output: Output = (bytes, from) => {
    told("output", [bytes, from]);
  };
  const opened = await open(shells, asked, output, within);
  if (!opened.ok) return opened;
  sessions.set(session, opened.value);
  void opened.value.ended.then((end) => told("ended", end));
  return good(undefined);
}

function open(shells: Shells, asked: ShellAsked, output: Output, within: Deadline): Promise<Outcome<Session>> {
  switch (asked.method) {
    case "exec":
      return shells.exec(asked.asked, output, within);
    case "login":
      return shells.login(asked.size, asked.term, output, within);
    case "inNetworkOf":
      return shells.inNetworkOf(asked.container, asked.size, asked.term, output, within);
  }
}

/** Does it with the session; `answer` gets what came of an act that is answered. */
export async function withSession(
  number: number,
  act: SessionAct,
  answer: (call: number, outcome: Outcome<unknown>) => void,
): Promise<void> {
  const session = sessions.get(number);
  if (session === undefined) throw new Error(`no session ${number}`);
  switch (act.act) {
    case "write":
      await session.write(act.input);
      answer(act.call, good(undefined));
      return;
    case "hangUp":
      if (!("hangUp" in session)) throw new Error("a session on a node has no hang-up of its own");
      answer(act.call, await session.hangUp(act.onlyIdle, { ms: act.ms }));
      return;
    case "resize":
      session.resize(act.size);
      return;
    default:
      session[act.act]();
  }
}
