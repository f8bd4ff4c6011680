import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { Finished } from "../transport.ts";
import { collect, openExec, type Passing } from "./exec.ts";
import type { SshShared } from "./shared.ts";
import { unlessAborted } from "./shared-work.ts";

const tries = 3;
/** PAM waits two seconds after a wrong password; a sudo that asks for more than one never comes to an end. */
const answerMs = 30_000;

export interface SudoOptions {
  client: Client;
  node: NodeName;
  user: string;
  /** Under this its password is kept. */
  account: string;
  prompter: Prompter;
  shared: SshShared;
  /** Ends with the connection. */
  lifetime: AbortSignal;
}

/** How to become root on a node. */
export type SudoWay = { password: string | undefined } | "root already";

/** A command line, and what it takes to get it going. */
export interface RootCommand {
  line: string;
  passing: Passing | undefined;
}

/** Finds out at the first need how a user becomes root. */
export class Sudo {
  readonly #options: SudoOptions;
  #finding: Promise<Outcome<SudoWay>> | undefined;

  constructor(options: SudoOptions) {
    this.#options = options;
  }

  /**
   * The way to be root. A password that is needed is asked once for everything on this connection, and not again after
   * a refusal: what asks for it does so every minute. `again` takes that back.
   */
  async way(signal: AbortSignal): Promise<Outcome<SudoWay>> {
    // An answer takes longer than a call may: the call ends in time, and the next one has the answer.
    this.#finding ??= this.#find();
    const way = await unlessAborted(this.#finding, signal);
    return way ?? bad({ kind: "cancelled" });
  }

  /** Forgets a refusal: the operator wants to be asked once more. */
  again(): void {
    void this.#finding?.then((way) => {
      if (!way.ok) this.#finding = undefined;
    });
  }

  /** What was found holds no more: a password was changed, or a rule was taken away. */
  forget(): void {
    this.#options.shared.sudoPasswords.delete(this.#options.account);
    this.#finding = undefined;
  }

  async #find(): Promise<Outcome<SudoWay>> {
    const { user, node, shared, account, lifetime } = this.#options;
    if (user === "root") return good("root already");
    const probe = await this.#run({ line: "exec env LC_ALL=C sudo -n -- true", passing: undefined });
    if (!probe.ok) return this.#notNow(probe.trouble);
    if (probe.value.code === 0) return good({ password: undefined });
    if (probe.value.code === 127) return bad(refused(user, "sudo is not installed"));
    const said = sudoWords(probe.value);
    if (!/password is required|authentication is required|terminal is required/i.test(said))
      return bad(refused(user, said));
    const found = await shared.work.join(`sudo ${account}`, lifetime, (signal) => this.#ask(signal));
    return found ?? this.#notNow({ kind: "connection-lost", detail: text`the link to ${node} is down` });
  }

  /** A connection that broke says nothing of sudo: the next call looks again. */
  #notNow(trouble: Trouble): { ok: false; trouble: Trouble } {
    if (trouble.kind !== "sudo-refused") this.#finding = undefined;
    return bad(trouble);
  }

  async #ask(signal: AbortSignal): Promise<Outcome<SudoWay>> {
    const { prompter, node, user, shared, account } = this.#options;
    for (let attempt = 0; attempt < tries; attempt++) {
      const known = attempt === 0 ? shared.sudoPasswords.get(account) : undefined;
      const question = { kind: "sudo-password", node, user: clean(user), again: attempt > 0 } as const;
      const answer = known === undefined ? await prompter.ask(question, signal) : undefined;
      const password = answer?.kind === "secret" ? answer.secret : known;
      if (password === undefined) return bad(refused(user, "it wants a password, and none was given"));
      const checked = await this.#run(rootCommand({ password }, "true"));
      if (!checked.ok) return this.#notNow(checked.trouble);
      if (checked.value.code === 0) {
        shared.sudoPasswords.set(account, password);
        return good({ password });
      }
      shared.sudoPasswords.delete(account);
      const said = sudoWords(checked.value);
      if (!/incorrect|no password|try again|authentication failed/i.test(said)) return bad(refused(user, said));
    }
    return bad(refused(user, `the password was wrong ${tries} times`));
  }

  async #run({ line, passing }: RootCommand): Promise<Outcome<Finished>> {
    const { client, user, node, lifetime } = this.#options;
    const late = AbortSignal.timeout(answerMs);
    const signal = AbortSignal.any([lifetime, late]);
    const channel = await openExec(client, line, signal);
    if (!channel.ok) return channel;
    const ran = await collect(channel.value, { input: "", passing, signal, limit: 65_536, from: node });
    return !ran.ok && late.aborted ? bad(refused(user, "it asks for something other than a password")) : ran;
  }
}

/** What sudo said last, its own name and our prompt left out. */
export function sudoWords({ stderr, code }: Finished): string {
  const lines = stderr.toString("utf8").trim().split("\n");
  const last = (lines.at(-1) ?? "").replace(/^.*ask-[0-9a-f]+/, "").replace(/^sudo(?:-rs)?: /, "");
  return last === "" ? `it ended with code ${code ?? "none"}` : last;
}

/** sudo did not let us become root; `detail`: why, as it said it. */
export const refused = (user: string, detail: string): Trouble => ({
  kind: "sudo-refused",
  user: clean(user),
  detail: clean(detail),
});

/** `command`, words of constants and numbers, as root. */
export function rootCommand(way: SudoWay, command: string): RootCommand {
  if (way === "root already") return { line: `exec ${command}`, passing: undefined };
  if (way.password === undefined) return { line: `exec env LC_ALL=C sudo -n -- ${command}`, passing: undefined };
  const nonce = randomBytes(12).toString("hex");
  const passing = { prompt: `ask-${nonce}`, go: `go-${nonce}`, password: way.password };
  const announced = `/bin/sh -c 'printf ${passing.go} >&2; exec "$@"' sh ${command}`;
  // -k: a remembered login would not ask, and then nobody knows whether the password is right.
  return { line: `exec env LC_ALL=C sudo -k -S -p ${passing.prompt} -- ${announced}`, passing };
}
