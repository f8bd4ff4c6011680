import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey, Prompt } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { SshShared } from "./shared.ts";
import type { Target } from "./ssh-config.ts";

type Ssh2 = typeof import("ssh2");

/** Keys that were opened, by file: a passphrase is asked once, and bcrypt costs a quarter of a second each time. */
export type OpenedKeys = Map<string, ParsedKey>;

/** How a login went, for the message when it fails. */
export interface AuthRecord {
  tried: SafeText[];
  hint: SafeText | undefined;
  /** The password that was tried last. */
  password: string | undefined;
}

export interface AuthOptions {
  ssh2: Ssh2;
  node: NodeName;
  target: Target;
  prompter: Prompter;
  shared: SshShared;
  record: AuthRecord;
  signal: AbortSignal;
}

/** Wrong passwords are asked again this often; sshd's MaxAuthTries is 6 for everything together. */
const passwordTries = 3;

/** One more thing to try; undefined when there is nothing to try after all, and "stop" when the operator refused. */
interface Try {
  method: "publickey" | "password" | "keyboard-interactive";
  make: () => Promise<AnyAuthMethod | undefined | "stop">;
}

/**
 * Tells ssh2 what to try next: the agent's keys, the identity files (passphrase asked), password, keyboard-interactive;
 * only what the server still allows. The operator is asked only when it is a question's turn.
 */
export async function authHandler(options: AuthOptions): Promise<AuthHandlerMiddleware> {
  const { target, record, signal } = options;
  const identities = await Promise.all(target.identityFiles.map((file) => readIdentity(options.ssh2, file)));
  const tries: Try[] = [
    ...agentTry(options, identities),
    ...identities.map((one) => identityTry(options, one)),
    ...passwordTriesOf(options),
    interactiveTry(options),
  ];
  let offered: readonly string[] | undefined;
  let began = false;
  const advance = async (): Promise<AnyAuthMethod | false> => {
    for (let next = tries.shift(); next !== undefined && !signal.aborted; next = tries.shift()) {
      const { method } = next;
      if (offered !== undefined && !offered.includes(method)) continue;
      const made = await next.make();
      if (made === "stop") tries.splice(0, tries.length, ...tries.filter((one) => one.method !== method));
      else if (made !== undefined) return made;
    }
    if (offered !== undefined) record.hint ??= text`the server takes: ${clean(offered.join(", "))}`;
    return false;
  };
  return (methods, _partial, done) => {
    offered = methods ?? offered;
    // "none" first: it costs one round trip and tells what the server allows, so that nobody is asked in vain.
    if (!began) {
      began = true;
      done({ type: "none", username: target.user });
      return;
    }
    advance().then(
      (method) => done(method as AnyAuthMethod),
      (error: Error) => {
        record.hint = clean(error.message);
        done(false as unknown as AnyAuthMethod);
      },
    );
  };
}

function agentTry({ ssh2, target, record }: AuthOptions, identities: readonly Identity[]): Try[] {
  const { agent: socket, user: username } = target;
  if (socket === undefined) return [];
  const wanted = target.identitiesOnly ? identities.flatMap((one) => one.publicKey ?? []) : undefined;
  const make = async () => {
    record.tried.push(text`agent`);
    return { type: "agent", username, agent: new (filteredAgent(ssh2))(socket, wanted) } as const;
  };
  return [{ method: "publickey", make }];
}

function identityTry(options: AuthOptions, identity: Identity): Try {
  const { target, shared, record } = options;
  const make = async () => {
    const key = shared.openedKeys.get(identity.file) ?? (await openIdentity(options, identity));
    if (key === undefined) return undefined;
    shared.openedKeys.set(identity.file, key);
    record.tried.push(text`key ${clean(identity.file)}`);
    return { type: "publickey", username: target.user, key } as const;
  };
  return { method: "publickey", make };
}

function passwordTriesOf(options: AuthOptions): Try[] {
  const { target, shared, record, node } = options;
  const { user: username, alias: host } = target;
  const remembered = `${username}@${target.host}`;
  const attempt = (again: boolean) => async () => {
    const known = shared.passwords.get(remembered);
    // One that worked once is tried once more without a word; if it fails now, it is forgotten.
    shared.passwords.delete(remembered);
    const password = known ?? (await secret(options, { kind: "password", node, user: clean(username), host, again }));
    if (password === undefined) return "stop";
    record.tried.push(text`password`);
    record.password = password;
    return { type: "password", username, password } as const;
  };
  return Array.from({ length: passwordTries }, (_, index) => ({ method: "password", make: attempt(index > 0) }));
}

function interactiveTry(options: AuthOptions): Try {
  const { target, record, node } = options;
  const make = async (): Promise<AnyAuthMethod> => {
    record.tried.push(text`keyboard-interactive`);
    return {
      type: "keyboard-interactive",
      username: target.user,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        void answerAll(options, node, prompts).then(finish);
      },
    };
  };
  return { method: "keyboard-interactive", make };
}

interface Identity {
  file: string;
  content: Buffer | undefined;
  problem: SafeText | undefined;
  publicKey: Buffer | undefined;
}

async function readIdentity(ssh2: Ssh2, file: string): Promise<Identity> {
  const nothing = { file, content: undefined, publicKey: undefined };
  try {
    const content = await readFile(file);
    const publicFile = await readFile(`${file}.pub`).catch(() => undefined);
    const parsed = ssh2.utils.parseKey(publicFile ?? content);
    return {
      file,
      content,
      problem: undefined,
      publicKey: parsed instanceof Error ? undefined : parsed.getPublicSSH(),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    // The usual names are only guesses: one that is not there is no problem.
    return {
      ...nothing,
      problem:
        code === "ENOENT" ? text`there is no ${clean(file)}` : text`${clean(file)} cannot be read (${clean(code)})`,
    };
  }
}

async function openIdentity(options: AuthOptions, identity: Identity): Promise<ParsedKey | undefined> {
  const { ssh2, node, record } = options;
  const { file, content } = identity;
  if (content === undefined) {
    record.hint = identity.problem;
    return undefined;
  }
  const plain = ssh2.utils.parseKey(content);
  if (!(plain instanceof Error)) return plain;
  if (!/passphrase|encrypted/i.test(plain.message)) {
    record.hint = text`${clean(file)} is no private key: ${clean(plain.message)}`;
    return undefined;
  }
  for (let again = false; ; again = true) {
    const passphrase = await secret(options, { kind: "passphrase", node, file: clean(file), again });
    if (passphrase === undefined) {
      record.hint = text`${clean(file)} needs its passphrase, or the key in an agent`;
      return undefined;
    }
    const key = ssh2.utils.parseKey(content, passphrase);
    if (!(key instanceof Error)) return key;
  }
}

type Question = Parameters<Prompter["ask"]>[0];

async function secret({ prompter, signal }: AuthOptions, question: Question): Promise<string | undefined> {
  const answer = await prompter.ask(question, signal);
  return answer.kind === "secret" ? answer.secret : undefined;
}

async function answerAll(options: AuthOptions, node: NodeName, prompts: readonly Prompt[]): Promise<string[]> {
  const answers: string[] = [];
  for (const { prompt, echo } of prompts) {
    const question = { kind: "keyboard-interactive", node, prompt: clean(prompt), echo: echo ?? false } as const;
    answers.push((await secret(options, question)) ?? "");
  }
  return answers;
}

/** An agent that offers only the wanted keys: with many keys in it, sshd's MaxAuthTries ends the login before the right one. */
function filteredAgent(ssh2: Ssh2) {
  return class extends ssh2.OpenSSHAgent {
    readonly #wanted: readonly Buffer[] | undefined;

    constructor(socket: string, wanted: readonly Buffer[] | undefined) {
      super(socket);
      this.#wanted = wanted;
    }

    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      super.getIdentities((error, keys) => {
        const wanted = this.#wanted;
        const mine = keys as ParsedKey[] | undefined;
        if (error || wanted === undefined || mine === undefined) done(error, mine);
        else
          done(
            undefined,
            mine.filter((key) => wanted.some((one) => one.equals(key.getPublicSSH()))),
          );
      });
    }
  };
}
