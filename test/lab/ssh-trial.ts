import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { readSpec } from "../../src/cli/spec-file.ts";
import type { NodeSpec } from "../../src/domain/spec/spec.ts";
import { clean } from "../../src/domain/text.ts";
import { Lab, type LabNode } from "./lab.ts";
import { type Answerer, refuse, type SshConnection, SshProcess } from "./ssh-process.ts";

/** How a test wants a node to be reached; the rest is as in the lab's own file. */
export type Reached = Partial<Omit<NodeSpec["ssh"], "host">> & { host?: string };

/** A lab of two bare hosts, a folder of files, and the program under test begun anew by every test. */
export class SshTrial {
  #lab: Lab | undefined;
  #files: string | undefined;
  #nodes: readonly NodeSpec[] = [];
  #program: SshProcess | undefined;

  /** Inside a `describe`: boots before its tests and takes down after them. */
  constructor(name: string) {
    beforeAll(async () => {
      this.#lab = await Lab.up({ name, nodes: 2, joined: false });
      this.#nodes = readSpec(this.#lab.configFile).nodes;
      this.#files = mkdtempSync(path.join(tmpdir(), "ovl-ssh-"));
    });
    afterEach(() => this.#end());
    afterAll(async () => {
      if (this.#files !== undefined) rmSync(this.#files, { recursive: true });
      await this.#lab?.down();
    });
  }

  get lab(): Lab {
    return this.#lab ?? missing("lab");
  }

  /** node103. */
  get host(): LabNode {
    return this.lab.node("node103");
  }

  get folder(): string {
    return this.#files ?? missing("folder");
  }

  /** The path of a file, written if its content is given. */
  file(name: string, content?: string): string {
    const file = path.join(this.folder, name);
    if (content !== undefined) writeFileSync(file, content);
    return file;
  }

  node(index: number, as: Reached = {}): NodeSpec {
    const one = this.#nodes[index] ?? missing(`node ${index}`);
    return { ...one, ssh: { ...one.ssh, ...as, host: clean(as.host ?? one.ssh.host) } };
  }

  /** A program with nothing remembered; it ends with the test. */
  async program(environment: Readonly<Record<string, string>> = {}): Promise<SshProcess> {
    await this.#end();
    this.#program = await SshProcess.start(this.lab, environment);
    return this.#program;
  }

  /** Such a program that begins to connect to node103. */
  async begun(as: Reached = {}, answerer: Answerer = refuse): Promise<SshConnection> {
    return (await this.program()).connect(this.node(0, as), answerer);
  }

  async #end(): Promise<void> {
    await this.#program?.close();
    this.#program = undefined;
  }
}

function missing(what: string): never {
  throw new Error(`there is no ${what} yet`);
}
