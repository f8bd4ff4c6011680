import { type SafeText, text } from "../../domain/text.ts";
import { bad, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { call, pass } from "../calls.ts";
import { engineStopped } from "../engine.ts";
import type { DemoLink } from "../link.ts";
import { attachMs, attachTimedOut } from "../networks.ts";

/** What a part of a node's control works with. */
export interface ControlGround {
  link: DemoLink;
  clock: Clock;
}

/** How long a machine takes for what it is told to do, ms. */
export type Takes = number;

/**
 * Something that is done on the machine, once it was told so: whatever becomes of the caller, and of the answer. After a
 * `breaksAtChange` the connection is gone by the time it is done.
 */
export function change<T>(
  { link, clock }: ControlGround,
  what: SafeText,
  within: Deadline,
  takes: Takes,
  work: () => Outcome<T> | Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  return call(link, clock, what, within, async () => {
    await pass(clock, takes);
    const outcome = await work();
    const { machine } = link;
    if (machine.breaksAtChange) {
      machine.breaksAtChange = false;
      machine.breakConnections();
    }
    return outcome;
  });
}

/** Something that takes root. */
export function asRoot<T>({ link }: ControlGround, then: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  if (!link.machine.hindrances.has("no-sudo")) return then();
  return Promise.resolve(bad({ kind: "sudo-refused", user: link.user, detail: text`a password is required` }));
}

const engineOf = (node: SafeText): SafeText => text`the engine on ${node}`;

/** A read of the machine that takes root. */
export const rootQuestion = <T>(
  on: ControlGround,
  what: SafeText,
  within: Deadline,
  answer: () => Outcome<T>,
): Promise<Outcome<T>> => asRoot(on, () => call(on.link, on.clock, what, within, answer));

/** Something that the engine is told to do. */
export function engineChange<T>(
  on: ControlGround,
  within: Deadline,
  takes: Takes,
  work: () => Outcome<T> | Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { machine, node } = on.link;
  return change(on, engineOf(node), within, takes, () =>
    machine.engine === undefined ? bad(engineStopped(machine)) : work(),
  );
}

/** Something that the engine is asked. */
export function engineQuestion<T>(
  { link, clock }: ControlGround,
  within: Deadline,
  answer: () => Outcome<T>,
): Promise<Outcome<T>> {
  return call(link, clock, engineOf(link.node), within, () =>
    link.machine.engine === undefined ? bad(engineStopped(link.machine)) : answer(),
  );
}

/** The outcome of joining a network, when the engine has it: a swarm's managers are waited for before it is given up. */
export async function attached(clock: Clock, outcome: Outcome<void>): Promise<Outcome<void>> {
  if (outcome === attachTimedOut) await pass(clock, attachMs);
  return outcome;
}
