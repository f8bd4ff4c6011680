import { good } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ContainerSession, Output, SessionEnd, TerminalSize } from "../../ports/shells.ts";
import type { DemoLink } from "../link.ts";
import { folderOf, hostnameOf, type ProgramGround } from "./ground.ts";
import { interruptedBySignal, runProgram } from "./programs.ts";

/** What is to run: lines of a shell by that name, a line of its own, one program, or what copies its input. */
export type Pretended =
  | { kind: "shell"; name: string }
  | { kind: "script"; name: string; line: string }
  | { kind: "program"; words: readonly string[] }
  | { kind: "copy" }
  /** No such program in the image. */
  | { kind: "missing"; name: string };

/** What `docker exec` ends with then, and what runc says. */
const cannotRun = 126;
const missingWords = (name: string): string =>
  `OCI runtime exec failed: exec failed: exec: "${name}": executable file not found in $PATH: unknown`;

const ctrlC = "\u0003";
const ctrlD = "\u0004";
const keyboardSequence = /^\u001b(?:\[[0-9;]*[ -/]*[@-~]|O.|.)?/;

/** A session with a pretended program: on a terminal with a line that can be typed and taken back, or on pipes. */
export class PretendedSession implements ContainerSession {
  readonly ended: Promise<SessionEnd>;
  readonly #end: (end: SessionEnd) => void;
  readonly #what: Pretended;
  readonly #ground: ProgramGround;
  readonly #link: DemoLink;
  readonly #clock: Clock;
  readonly #output: Output;
  #size: TerminalSize | undefined;
  #isOver = false;
  #line = "";
  #typedAhead = "";
  #code = 0;
  #running: AbortController | undefined;

  constructor(what: Pretended, ground: ProgramGround, link: DemoLink, size: TerminalSize | undefined, output: Output) {
    this.#what = what;
    this.#ground = ground;
    this.#link = link;
    this.#clock = ground.clock;
    this.#output = output;
    this.#size = size;
    const { promise, resolve } = Promise.withResolvers<SessionEnd>();
    const unlink = link.whileUp((trouble) => this.#finish({ end: "lost", trouble }));
    const { machine, place } = ground;
    // A network outlives its container as long as somebody is in it.
    const life = place.at === "container" ? place.container : undefined;
    const begun = life?.run;
    const unlisten = machine.listen(() => {
      if (life !== undefined && life.run !== begun) this.#finish({ end: "exited", code: 137 });
    });
    this.ended = promise;
    this.#end = (end) => {
      unlink();
      unlisten();
      resolve(end);
    };
    if (what.kind === "program") void this.#run(what.words).then((code) => this.#exit(code));
    else if (what.kind === "script") void this.#runLine(what.line).then(() => this.#exit(this.#code));
    else if (what.kind === "shell") this.#prompt();
    else if (what.kind === "missing") {
      this.#say(`${missingWords(what.name)}\r\n`);
      this.#exit(cannotRun);
    }
  }

  write(input: Uint8Array): Promise<void> {
    if (!this.#isOver) {
      if (this.#what.kind === "copy") this.#print(input);
      else this.#typed(Buffer.from(input).toString("utf8"));
    }
    return Promise.resolve();
  }

  endInput(): void {
    if (this.#what.kind === "copy") this.#exit(0);
    else if (this.#what.kind === "shell") this.#typed(`${this.#line === "" ? "" : "\n"}${ctrlD}`);
  }

  resize(size: TerminalSize): void {
    if (this.#size !== undefined) this.#size = size;
  }

  close(): void {
    this.#finish({ end: "lost", trouble: { kind: "cancelled" } });
  }

  async hangUp(onlyIdle: boolean) {
    if (this.#isOver) return good("ended" as const);
    if (onlyIdle && this.#running !== undefined) return good("busy" as const);
    this.#finish({ end: "exited", code: 129 });
    return good("ended" as const);
  }

  get #isTerminal(): boolean {
    return this.#size !== undefined;
  }

  /** It has the sign of the demo: nobody may take this for a root's shell on a machine. */
  #prompt(): void {
    if (this.#isTerminal) this.#say(`DEMO root@${hostnameOf(this.#ground)}:${folderOf(this.#ground).prompt}# `);
  }

  /** What is typed while a program runs is the shell's once it has ended; ctrl-c alone is for the program. */
  #typed(input: string): void {
    let rest = input;
    while (rest !== "" && !this.#isOver) {
      if (this.#running !== undefined) {
        if (rest.startsWith(ctrlC) && this.#isTerminal) this.#interrupt(this.#running);
        else this.#typedAhead += rest[0];
        rest = rest.slice(1);
        continue;
      }
      const sequence = keyboardSequence.exec(rest)?.[0] ?? [...rest][0] ?? "";
      rest = rest.slice(sequence.length);
      this.#key(sequence);
    }
  }

  #interrupt(running: AbortController): void {
    this.#say("^C\r\n");
    running.abort();
  }

  #key(key: string): void {
    switch (key) {
      case "\r":
      case "\n":
        this.#echo("\r\n");
        void this.#enter();
        return;
      case "\u007f":
        if (this.#line !== "") this.#echo("\b \b");
        this.#line = this.#line.slice(0, -1);
        return;
      case ctrlC:
        this.#echo("^C\r\n");
        this.#line = "";
        this.#prompt();
        return;
      case ctrlD:
        if (this.#line !== "") return;
        this.#echo("exit\r\n");
        this.#exit(this.#code);
        return;
      default:
        if (key < " ") return;
        this.#line += key;
        this.#echo(key);
    }
  }

  async #enter(): Promise<void> {
    const line = this.#line;
    this.#line = "";
    if ((await this.#runLine(line)) === "exit") {
      this.#exit(this.#code);
      return;
    }
    if (this.#isOver) return;
    this.#prompt();
    const ahead = this.#typedAhead;
    this.#typedAhead = "";
    this.#typed(ahead);
  }

  /** Commands one after the other; "exit" when one of them is that. Ctrl-C ends all of them. */
  async #runLine(line: string): Promise<"exit" | "done"> {
    for (const command of line.split(";")) {
      const words = command.trim().split(/\s+/);
      if (words[0] === "exit") {
        if (words[1] !== undefined) this.#code = Number(words[1]) & 0xff;
        return "exit";
      }
      if (words[0] !== "") this.#code = await this.#run(words);
      if (this.#isOver || this.#code === interruptedBySignal) break;
    }
    return "done";
  }

  async #run(words: readonly string[]): Promise<number> {
    const running = new AbortController();
    this.#running = running;
    const end = this.#isTerminal ? "\r\n" : "\n";
    const shell = "name" in this.#what ? this.#what.name : "exec";
    const code = await runProgram(words, shell, this.#ground, {
      print: (line) => this.#say(`${line}${end}`),
      complain: (line) => this.#say(`${line}${end}`, this.#isTerminal ? "stdout" : "stderr"),
      size: () => this.#size,
      interrupted: running.signal,
    });
    this.#running = undefined;
    return code;
  }

  #echo(words: string): void {
    if (this.#isTerminal) this.#say(words);
  }

  #say(words: string, from?: "stdout" | "stderr"): void {
    this.#print(Buffer.from(words), from);
  }

  /** What is said arrives as late as the machine is far. */
  #print(bytes: Uint8Array, from: "stdout" | "stderr" = "stdout"): void {
    this.#clock.after(this.#link.roundTripMs, () => {
      if (!this.#isOver) void this.#output(bytes, from);
    });
  }

  #exit(code: number): void {
    this.#clock.after(this.#link.roundTripMs, () => this.#finish({ end: "exited", code }));
  }

  #finish(end: SessionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#running?.abort();
    this.#end(end);
  }
}
