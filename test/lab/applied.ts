import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { Lab } from "./lab.ts";
import { program } from "./on-screen.ts";
import { addressOf, hostInterface } from "./places.ts";

const step = z.object({
  id: z.string(),
  node: z.string(),
  title: z.string(),
  preview: z.string(),
  disruptive: z.boolean(),
  result: z.enum(["pending", "done", "unchanged", "failed", "undone", "skipped"]),
  error: z.string().nullable(),
});
const document = z.object({
  ok: z.boolean().optional(),
  changes: z.number(),
  steps: z.array(step),
  obstacles: z.array(z.object({ id: z.string(), severity: z.string(), title: z.string(), remedy: z.string() })),
  error: z.string().nullish(),
});

const pool = z.object({
  manager: z.string().nullable(),
  slots: z.array(
    z.object({
      ...{ name: z.string(), container: z.string().nullable(), node: z.string().nullable() },
      ...{ state: z.string().nullable(), lastHeardFrom: z.string().nullable() },
    }),
  ),
  jobs: z.object({ held: z.array(z.object({ id: z.string(), reason: z.string().nullable() })) }).nullable(),
  queues: z.array(
    z.object({
      ...{ container: z.string(), node: z.string(), error: z.unknown() },
      ...{ idle: z.number().nullable(), held: z.number().nullable(), total: z.number().nullable() },
    }),
  ),
  missing: z.array(z.string()),
  findings: z.array(
    z.object({
      id: z.string(),
      severity: z.string(),
      title: z.string(),
      evidence: z.array(z.string()),
      remedy: z.string(),
    }),
  ),
  error: z.unknown(),
});

export type Answer = z.output<typeof document> & { code: number | undefined; said: string };

/** What a spec of a lab may differ in. */
export interface Wanted {
  nodes?: readonly string[];
  store?: object | null;
  engine?: object;
  networks?: readonly object[];
  containers?: readonly object[];
  condor?: object;
  /** How a node is reached, and what it advertises, where it is not as the lab has it. */
  ssh?: Readonly<Record<string, string>>;
  advertise?: Readonly<Record<string, string>>;
}

const computing = { image: "big_computing", network: "ov_net1", privileged: true, command: ["/usr/sbin/init"] };

/** The classic procedure's containers. */
export const node2 = { name: "node2", node: "node103", hostname: "node2", ...computing };
export const node1 = { name: "node1", node: "node104", hostname: "node1", ...computing };

/** `ovl-tui plan` and `apply` on a lab, with files of their own. */
export class Program {
  readonly #lab: Lab;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-applied-"));

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  get file(): string {
    return path.join(this.#folder, "ovl.yaml");
  }

  /** Where the program keeps its certificates. */
  get data(): string {
    return path.join(this.#folder, "data/ovl-tui");
  }

  /** Writes the spec: Consul on the first node, one overlay, the two containers, unless told otherwise. */
  wants(wanted: Wanted = {}): void {
    const { keyFile, knownHostsFile } = this.#lab.places;
    const nodes = wanted.nodes ?? ["node103", "node104"];
    const store = wanted.store === undefined ? { kind: "consul", node: nodes[0], image: "consul:1.8.7" } : wanted.store;
    writeFileSync(
      this.file,
      stringify({
        version: 1,
        cluster: "bigcomputing",
        nodes: nodes.map((name) => ({
          name,
          ssh: wanted.ssh?.[name] ?? `root@${addressOf(name)}`,
          advertise: wanted.advertise?.[name] ?? hostInterface,
        })),
        ssh: { identityFile: keyFile, knownHostsFile },
        ...(wanted.engine === undefined ? {} : { engine: wanted.engine }),
        ...(store === null ? {} : { store }),
        networks: wanted.networks ?? [{ name: "ov_net1", driver: "overlay", subnet: "10.10.10.0/24" }],
        containers: wanted.containers ?? [node2, node1],
        ...(wanted.condor === undefined ? {} : { condor: wanted.condor }),
      }),
    );
  }

  plan(...options: readonly string[]): Promise<Answer> {
    return this.#answer("plan", options);
  }

  apply(...options: readonly string[]): Promise<Answer> {
    return this.#answer("apply", ["--yes", ...options]);
  }

  /** The pool of the file as `condor --json` tells it. */
  async condor(...options: readonly string[]): Promise<z.output<typeof pool> & { code: number | undefined }> {
    const words = this.#words(["condor", "--json", ...options]);
    const ran = await this.#lab.exec(words, { env: this.#places(), seconds: 240 });
    return { ...pool.parse(JSON.parse(ran.stdout)), code: ran.code };
  }

  /** A command line of the program, inside of the lab's switch, for tests that interrupt it. */
  argv(...words: readonly string[]): { argv: string[]; env: Record<string, string> } {
    return { argv: this.#lab.inSwitch(this.#words(words)), env: this.#places() };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #words(words: readonly string[]): string[] {
    return [...program, ...words, "--config", this.file];
  }

  #places(): Record<string, string> {
    const place = (name: string) => path.join(this.#folder, name);
    return { XDG_STATE_HOME: place("state"), XDG_DATA_HOME: place("data") };
  }

  async #answer(command: string, options: readonly string[]): Promise<Answer> {
    const ran = await this.#lab.exec(this.#words([command, "--json", ...options]), {
      env: this.#places(),
      seconds: 600,
    });
    const said = ran.stderr;
    if (ran.stdout.trim() === "") throw new Error(`${command} printed nothing and ended with ${ran.code}: ${said}`);
    return { ...document.parse(JSON.parse(ran.stdout)), code: ran.code, said };
  }
}

/** Everything of a host that a set-up could touch, as text: what is the same before and after was not touched. */
export const fingerprint = (lab: Lab, node: string): Promise<string> =>
  lab.node(node).must(`
    find /etc/docker /etc/systemd/system -type f -exec sha256sum {} + | sort
    docker ps -a --format '{{.Names}} {{.Image}} {{.State}}' | sort
    docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort
    docker volume ls -q; docker images -q | sort
    docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null; pidof dockerd
    ls -A /run/ovl-tui 2>/dev/null | grep -v '^files$' || true`);

/** Whether one container reaches another by its name, within a minute. */
export async function pings(lab: Lab, node: string, from: string, to: string): Promise<boolean> {
  const end = Date.now() + 60_000;
  while ((await lab.node(node).run(`docker exec "$1" ping -c1 -W1 "$2"`, from, to)).code !== 0) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}
