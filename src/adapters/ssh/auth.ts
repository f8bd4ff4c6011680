import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey, Prompt } from "ssh2";
import { clean, text } from "../../domain/text.ts";
import { agentWith } from "./agent.ts";
import { type Identity, needsPassphrase, openIdentity, readIdentity } from "./identity.ts";
import { accountOf, type Login } from "./login.ts";

/** Wrong passwords are asked again so often; sshd's MaxAuthTries is 6 for everything together. */
const passwordTries = 3;
/** Keys of the agent that nobody named are tried after the named one, but leave the server patience for a password. */
const strangerKeys = 3;
/** A server that wants several proofs says "partial success" after each; more than these is no login. */
const mostProofs = 4;

type Methods = AsyncGenerator<AnyAuthMethod, void, void>;

/** Tells ssh2 what to try next, and asks the operator only when it is a question's turn. */
export async function authHandler(login: Login): Promise<AuthHandlerMiddleware> {
  const identities = await Promise.all(login.target.identityFiles.map((one) => readIdentity(login.ssh2, one)));
  let methods = methodsFor(login, identities);
  let proofs = 0;
  const next = async (): Promise<AnyAuthMethod | false> => {
    const { value } = await methods.next();
    return value === undefined || login.signal.aborted ? false : value;
  };
  return (offered, partial, done) => {
    login.offered = offered ?? login.offered;
    // One proof of several was taken: what the server wants next may have been passed by.
    if (partial === true && ++proofs <= mostProofs) methods = methodsFor(login, identities);
    const given = done as (method: AnyAuthMethod | false) => void;
    next().then(given, (error: Error) => {
      login.notes.push(clean(error.message));
      given(false);
    });
  };
}

/** The agent's keys, the identity files, password, keyboard-interactive; only what the server takes at that point. */
async function* methodsFor(login: Login, identities: readonly Identity[]): Methods {
  const { target } = login;
  const unknown = () => login.offered.length === 0;
  const takes = (method: string) => unknown() || login.offered.includes(method);
  // Costs a round trip and tells what the server takes, so that nobody is asked in vain; a key at hand is shown at once.
  const none = { type: "none", username: target.user } as const;
  const named = identities.flatMap((one) => one.publicKey ?? []);
  const isNamed = (key: ParsedKey) => named.some((one) => one.equals(key.getPublicSSH()));
  // Who names a key means that one; the agent's others come after it, if at all.
  const knowsWhich = target.identitiesOnly || identities.some((one) => one.named && one.publicKey !== undefined);
  if (takes("publickey")) {
    const first = (keys: readonly ParsedKey[]) => keys.filter(isNamed);
    const all = (keys: readonly ParsedKey[]) => [...first(keys), ...keys.filter((key) => !isNamed(key))];
    yield* agentKeys(login, knowsWhich ? first : all);
  }
  for (const identity of identities) {
    if (identity.problem !== undefined) login.notes.push(identity.problem);
    if (unknown() && needsPassphrase(login, identity)) yield none;
    if (!takes("publickey")) continue;
    const key = await openIdentity(login, identity);
    if (key === undefined) continue;
    login.tried.push(text`key ${clean(identity.file)}`);
    yield { type: "publickey", username: target.user, key };
  }
  if (takes("publickey") && knowsWhich && !target.identitiesOnly) {
    yield* agentKeys(login, (keys) => keys.filter((key) => !isNamed(key)).slice(0, strangerKeys));
  }
  if (unknown()) yield none;
  const refused = takes("password") && (yield* passwords(login));
  if (!refused && takes("keyboard-interactive")) yield* questions(login);
}

async function* agentKeys(login: Login, choose: (keys: readonly ParsedKey[]) => ParsedKey[]): Methods {
  const { ssh2, target, tried, offered } = login;
  if (target.agent === undefined) return;
  let shown = 0;
  const agent = agentWith(ssh2, target.agent, (keys) => {
    const chosen = choose(keys);
    shown = chosen.length;
    if (shown > 0) tried.push(shown === 1 ? text`a key of the agent` : text`${shown} keys of the agent`);
    return chosen;
  });
  yield { type: "agent", username: target.user, agent };
  // ssh2 does not tell what the server answered to an agent's key, not even that it took it and wants a second proof.
  // Where keys are all that it is known to take, "none" finds out.
  if (shown > 0 && offered.every((method) => method === "publickey")) yield { type: "none", username: target.user };
}

/** @returns whether the operator refused to give one */
async function* passwords(login: Login): AsyncGenerator<AnyAuthMethod, boolean, void> {
  const { target, shared, tried, notes } = login;
  const account = accountOf(target);
  for (let attempt = 0; attempt < passwordTries && login.offered.includes("password"); attempt++) {
    const password = await passwordFor(login, attempt > 0);
    if (password === undefined) {
      notes.push(text`no password was given`);
      return true;
    }
    tried.push(text`password`);
    yield { type: "password", username: target.user, password };
    shared.passwords.delete(account);
  }
  return false;
}

/** The name of the shared work that asks for an account's password. */
export const passwordWork = (account: string): string => `password ${account}`;

/** The password that worked before, or was given while no server waited for it; else it is asked. */
async function passwordFor(login: Login, again: boolean): Promise<string | undefined> {
  const { target, shared, node, prompter, lifetime } = login;
  const account = accountOf(target);
  const known = shared.passwords.get(account);
  if (known !== undefined) return known;
  const question = { kind: "password", node, user: clean(target.user), host: target.alias, again } as const;
  return login.asking(() =>
    shared.work.join(passwordWork(account), lifetime, async (signal) => {
      const answer = await prompter.ask(question, signal);
      if (answer.kind !== "secret") return undefined;
      shared.passwords.set(account, answer.secret);
      return answer.secret;
    }),
  );
}

async function* questions(login: Login): Methods {
  const { target, shared, tried, notes } = login;
  let refused = false;
  for (let attempt = 0; attempt < passwordTries && !refused; attempt++) {
    if (!login.offered.includes("keyboard-interactive")) break;
    tried.push(text`keyboard-interactive`);
    yield {
      type: "keyboard-interactive",
      username: target.user,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        answers(login, prompts, attempt > 0).then(
          (given) => {
            refused ||= given === undefined;
            finish(given ?? prompts.map(() => ""));
          },
          (error: Error) => {
            notes.push(clean(error.message));
            finish(prompts.map(() => ""));
          },
        );
      },
    };
    shared.passwords.delete(accountOf(target));
  }
  if (refused) notes.push(text`a question of the server was not answered`);
}

/** What pam_unix asks for where sshd's own password method is off. */
const asksForPassword = /^(?:\([^)]*\) )?password:\s*$/i;

async function answers(login: Login, prompts: readonly Prompt[], again: boolean): Promise<string[] | undefined> {
  const [only] = prompts;
  if (prompts.length === 1 && only !== undefined && only.echo !== true && asksForPassword.test(only.prompt)) {
    const password = await passwordFor(login, again);
    return password === undefined ? undefined : [password];
  }
  const given: string[] = [];
  for (const { prompt, echo } of prompts) {
    const { node, prompter, signal } = login;
    const question = { kind: "keyboard-interactive", node, prompt: clean(prompt), echo: echo ?? false } as const;
    const answer = await login.asking(() => prompter.ask(question, signal));
    if (answer.kind !== "secret") return undefined;
    given.push(answer.secret);
  }
  return given;
}
