import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { hostRoot, imageFile } from "./build.ts";
import { computing, join, joinedBy, overlay } from "./cluster.ts";
import { done, everything, marked, type Ran, type RunOptions, ran } from "./command.ts";
import { copyDockerData, dockerTemplate } from "./docker-data.ts";
import { Machine } from "./host.ts";
import { type Holder, holderOf, locked } from "./lock.ts";
import { dropUdp, makeSwitch, plugIn, setCable, setMtu } from "./network.ts";
import { addressOf, hostInterface, nodeNames, type Places, placesOf } from "./places.ts";
import { ancestors, namespaceInode } from "./processes.ts";
import { step } from "./progress.ts";
import { type Flavour, hosts, type Image } from "./recipe.ts";
import { installMissing, labObstacle, mustHaveRoom } from "./requirements.ts";
import { sweep } from "./sweep.ts";

export { labObstacle } from "./requirements.ts";

export interface LabOptions {
  name?: string;
  flavour?: Flavour;
  nodes?: number;
  /** False leaves the engines apart, as bare hosts are. */
  joined?: boolean;
}

/** What a lab is, for those who find it up. */
const stateFile = z.object({
  flavour: z.enum(Object.keys(hosts) as [Flavour, ...Flavour[]]),
  nodes: z.int(),
  joined: z.boolean(),
});

/** A booted lab in a test's hands. */
export class Lab {
  readonly places: Places;
  readonly flavour: Flavour;
  /** False when its engines were left apart. */
  readonly joined: boolean;
  readonly #machines: ReadonlyMap<string, Machine>;

  private constructor(places: Places, flavour: Flavour, nodes: number, joined: boolean) {
    this.places = places;
    this.flavour = flavour;
    this.joined = joined;
    this.#machines = new Map(nodeNames(nodes).map((node) => [node, new Machine(node, places)]));
  }

  /**
   * Boots hosts; what was left of a lab of the same name is removed first. What fails leaves nothing behind.
   * @throws Error in one sentence when the machine cannot, or when another run works on the same lab
   */
  static async up({ name = "main", flavour = "classic", nodes = 2, joined = true }: LabOptions = {}): Promise<Lab> {
    const obstacle = labObstacle();
    if (obstacle !== undefined) throw new Error(obstacle);
    const places = placesOf(name);
    const lab = new Lab(places, flavour, nodes, joined);
    await installMissing();
    await locked(lockOf(name), "up", 5, () =>
      marked(places.mark, async () => {
        try {
          await lab.#make();
        } catch (error) {
          await sweep(places);
          throw error;
        }
      }),
    );
    return lab;
  }

  /** The lab of that name if it is up. */
  static find(name = "main"): Lab | undefined {
    const places = placesOf(name);
    if (namespaceInode(places.switch) === undefined || !existsSync(places.stateFile)) return undefined;
    const { flavour, nodes, joined } = stateFile.parse(JSON.parse(readFileSync(places.stateFile, "utf8")));
    return new Lab(places, flavour, nodes, joined);
  }

  async #make(): Promise<void> {
    const { flavour, places, joined } = this;
    const template = await dockerTemplate(flavour, places);
    const lower = await hostRoot(flavour);
    await sweep(places);
    mkdirSync(places.folder, { recursive: true });
    const nodes = this.#machines.size;
    mustHaveRoom(nodes);
    await step(`booting ${nodes} ${flavour} ${nodes === 1 ? "host" : "hosts"}`, () => this.#boot(lower, template));
    if (joined && joinedBy(flavour) !== "nothing") await step("joining them", () => join(flavour, this.#machines));
    writeFileSync(places.stateFile, JSON.stringify({ flavour, nodes, joined } satisfies z.infer<typeof stateFile>));
  }

  async #boot(lower: string, template: string): Promise<void> {
    await makeSwitch(this.places);
    await done(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", this.places.keyFile]);
    const publicKey = readFileSync(`${this.places.keyFile}.pub`, "utf8");
    await everything(
      this.machines.map(async (machine) => {
        await plugIn(this.places, machine.name);
        await machine.prepare(lower);
        await copyDockerData(template, this.places.host(machine.name).docker);
        for (const home of ["root", "home/operator", "home/deploy", "home/dockeruser"]) {
          machine.write(`${home}/.ssh/authorized_keys`, publicKey);
        }
        await machine.boot();
      }),
    );
    this.writeKnownHosts();
    writeFileSync(this.places.configFile, this.spec());
    chmodSync(this.places.keyFile, 0o600);
    await everything(this.machines.map((machine) => machine.ready()));
  }

  get name(): string {
    return this.places.name;
  }

  get configFile(): string {
    return this.places.configFile;
  }

  get machines(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  /** @throws Error when the lab has no such node */
  node(name: string): LabNode {
    const machine = this.#machines.get(name);
    if (machine === undefined) throw new Error(`lab ${this.name} has no ${name}`);
    return new LabNode(this, machine);
  }

  /** The host keys as they are now, where `ovl.yaml` says that they are known. */
  writeKnownHosts(): void {
    const lines = this.machines.map((machine) => `${addressOf(machine.name)} ${machine.hostKey()}\n`);
    writeFileSync(this.places.knownHostsFile, lines.join(""));
  }

  /** `argv` as it runs inside the switch's namespace, where the hosts can be reached. */
  inSwitch(argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.places.switch, ...argv];
  }

  /** Runs a command inside the switch's namespace to its end. */
  exec(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return ran(this.inSwitch(argv), options);
  }

  /** OpenSSH to a node, as a person in the switch's namespace would call it. */
  sshCommand(node: string, user = "root"): string[] {
    const { keyFile, knownHostsFile } = this.places;
    const words = [`UserKnownHostsFile=${knownHostsFile}`, "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"];
    const options = ["-F", "none", "-i", keyFile, ...words.flatMap((word) => ["-o", word])];
    return this.inSwitch(["ssh", ...options, `${user}@${addressOf(node)}`]);
  }

  /** Loads an image on some nodes, or on all. */
  async load(image: Image, nodes: readonly string[] = [...this.#machines.keys()]): Promise<void> {
    const file = await imageFile(image);
    await everything(nodes.flatMap((node) => this.#machines.get(node)?.importImage(file, image) ?? []));
  }

  async down(): Promise<void> {
    await locked(lockOf(this.name), "down", 120, () => sweep(this.places));
  }

  /** The lab's `ovl.yaml`, as the classic procedure would have it. */
  spec(): string {
    const names = [...this.#machines.keys()];
    const how = joinedBy(this.flavour);
    const containers = computing.filter(({ node }) => names.includes(node));
    return [
      "version: 1",
      `cluster: ${this.name === "main" ? "bigcomputing" : this.name}`,
      "nodes:",
      ...names.flatMap((node) => [
        `  - name: ${node}`,
        `    ssh: root@${addressOf(node)}`,
        `    advertise: ${hostInterface}`,
      ]),
      "ssh:",
      `  identityFile: ${this.places.keyFile}`,
      `  knownHostsFile: ${this.places.knownHostsFile}`,
      ...(how === "swarm" ? ["engine:", "  mode: swarm"] : []),
      ...(how === "consul" ? ["store:", "  kind: consul", `  node: ${names[0]}`, "  image: consul:1.8.7"] : []),
      "networks:",
      `  - name: ${overlay.name}`,
      "    driver: overlay",
      `    subnet: ${overlay.subnet}`,
      "containers:",
      ...containers.map(
        ({ name, node }) =>
          `  - { name: ${name}, node: ${node}, image: big_computing, network: ${overlay.name}, hostname: ${name}, privileged: true, command: [/usr/sbin/init] }`,
      ),
      "",
    ].join("\n");
  }
}

/** One node, with everything that can be done to it. */
export class LabNode {
  readonly #lab: Lab;
  readonly #machine: Machine;

  constructor(lab: Lab, machine: Machine) {
    this.#lab = lab;
    this.#machine = machine;
  }

  get name(): string {
    return this.#machine.name;
  }

  /** Runs a shell script on it as root, whatever state its network and sshd are in. */
  run(script: string, ...args: string[]) {
    return this.#machine.run(script, ...args);
  }

  /** The same over the network and through its sshd, as `user`. */
  ssh(script: string, user = "root"): Promise<Ran> {
    return ran([...this.#lab.sshCommand(this.name, user), "/bin/sh -s"], { input: script, seconds: 240 });
  }

  /** What `run` does, of a script that must succeed: its output. */
  must(script: string, ...args: string[]): Promise<string> {
    return this.#machine.must(script, ...args);
  }

  docker(...args: string[]): Promise<string> {
    return this.#machine.docker(...args);
  }

  link(state: "up" | "down"): Promise<void> {
    return setCable(this.#lab.places, this.name, state);
  }

  mtu(bytes: number): Promise<void> {
    return setMtu(this.#lab.places, this.name, bytes);
  }

  dropUdp(port: number, way: "in" | "out" | "none"): Promise<void> {
    return dropUdp(this.#lab.places, this.name, port, way);
  }

  /** Pulls the plug. `run` it "systemctl poweroff" for an orderly end. */
  powerOff(): Promise<void> {
    return this.#machine.powerOff();
  }

  /** Powers on. An engine whose store runs in a container of its own waits a minute for it before it starts without. */
  async boot(): Promise<void> {
    await this.#machine.boot();
    await this.#machine.ready(300);
  }

  /** Ends the sshd that listens and every connection that it has. A socket or unit may start it again. */
  async killSshd(): Promise<void> {
    await this.#machine.run("pkill -KILL sshd");
  }

  /** The same, and nothing starts it again before `startSshd`. */
  async stopSshd(): Promise<void> {
    await this.#machine.must("systemctl stop ssh ssh.socket; pkill -KILL sshd || :");
  }

  async startSshd(): Promise<void> {
    await this.#machine.must("systemctl reset-failed ssh; systemctl start ssh");
  }

  /** New host keys, as after an installation anew; `known_hosts` keeps the old ones. */
  async replaceHostKey(): Promise<void> {
    await this.#machine.newHostKeys();
    await this.#machine.must("systemctl restart ssh");
  }
}

const lockOf = (name: string): string => `lab-${name}`;

/** Who is making or removing a lab just now. */
export const workingOn = (name: string): Promise<Holder | undefined> => holderOf(lockOf(name));

/** Removes a lab from whatever state it is in; a run that is just making it is ended. */
export async function remove(name: string): Promise<void> {
  const places = placesOf(name);
  const holder = await workingOn(name);
  if (holder?.doing === "up" && !ancestors().has(holder.pid)) {
    process.stderr.write(`ending the run that is making lab ${name} (process ${holder.pid})\n`);
    process.kill(holder.pid, "SIGKILL");
  }
  await locked(lockOf(name), "down", 60, () => sweep(places));
}
