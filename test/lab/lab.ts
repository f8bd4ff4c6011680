import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostRoot, imageFile } from "./build.ts";
import { computing, join, joinedBy, overlay } from "./cluster.ts";
import { done } from "./command.ts";
import { buildLabOf, copyDockerData, dockerTemplate } from "./docker-data.ts";
import { Machine } from "./host.ts";
import { locked } from "./lock.ts";
import { dropUdp, makeSwitch, plugIn, setCable, setMtu } from "./network.ts";
import { addressOf, hostInterface, nodeNames, type Places, placesOf } from "./places.ts";
import { step } from "./progress.ts";
import type { Flavour, Image } from "./recipe.ts";
import { installMissing, labObstacle } from "./requirements.ts";
import { namespacesOf, sweep } from "./sweep.ts";

export { labObstacle } from "./requirements.ts";

export interface LabOptions {
  name?: string;
  flavour?: Flavour;
  nodes?: number;
  /** False leaves the engines apart, as bare hosts are. */
  joined?: boolean;
}

/** A booted lab in a test's hands. */
export class Lab {
  readonly places: Places;
  readonly flavour: Flavour;
  readonly #machines: ReadonlyMap<string, Machine>;

  private constructor(places: Places, flavour: Flavour, machines: ReadonlyMap<string, Machine>) {
    this.places = places;
    this.flavour = flavour;
    this.#machines = machines;
  }

  /**
   * Boots hosts; what was left of a lab of the same name is removed first.
   * @throws Error in one sentence when the machine cannot, or when another run works on the same lab
   */
  static async up({ name = "main", flavour = "classic", nodes = 2, joined = true }: LabOptions = {}): Promise<Lab> {
    const obstacle = labObstacle();
    if (obstacle !== undefined) throw new Error(obstacle);
    const places = placesOf(name);
    const [variable = "", value] = places.mark.split("=");
    process.env[variable] = value;
    await installMissing();
    return locked(`lab-${name}`, 5, async () => {
      const lower = await hostRoot(flavour);
      const template = await dockerTemplate(flavour, places);
      await sweep(places);
      mkdirSync(places.folder, { recursive: true });
      const machines = new Map(
        nodeNames(nodes).map((node) => [node, new Machine(node, places.host(node), places.mark)]),
      );
      const lab = new Lab(places, flavour, machines);
      await step(`booting ${nodes} ${flavour} hosts`, places.folder, () => lab.#boot(lower, template));
      if (joined) await step("joining them", places.folder, () => join(flavour, machines));
      return lab;
    });
  }

  /** The lab of that name if it is up. */
  static find(name = "main"): Lab | undefined {
    const places = placesOf(name);
    const prefix = places.switch.replace(/switch$/, "");
    const nodes = namespacesOf(places)
      .map((one) => one.slice(prefix.length))
      .filter((one) => one !== "switch");
    if (nodes.length === 0 || !existsSync(places.configFile)) return undefined;
    const machines = new Map(nodes.sort().map((node) => [node, new Machine(node, places.host(node), places.mark)]));
    return new Lab(places, "classic", machines);
  }

  async #boot(lower: string, template: string): Promise<void> {
    await makeSwitch(this.places);
    await done(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", this.places.keyFile]);
    const publicKey = await done(["cat", `${this.places.keyFile}.pub`]);
    await Promise.all(
      this.machines.map(async (machine) => {
        await plugIn(this.places, machine.name);
        await machine.prepare(lower);
        await copyDockerData(template, this.places.host(machine.name).docker);
        for (const home of ["root", "home/operator", "home/deploy", "home/dockeruser"]) {
          machine.write(`${home}/.ssh/authorized_keys`, publicKey);
        }
        machine.boot();
      }),
    );
    this.writeKnownHosts();
    writeFileSync(this.places.configFile, this.spec());
    chmodSync(this.places.keyFile, 0o600);
    await Promise.all(this.machines.map((machine) => machine.ready()));
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

  /** OpenSSH to a node, as a person in the switch's namespace would call it. */
  sshCommand(node: string, user = "root"): string[] {
    const options = ["-F", "none", "-i", this.places.keyFile, "-o", `UserKnownHostsFile=${this.places.knownHostsFile}`];
    return this.inSwitch(["ssh", ...options, "-o", "StrictHostKeyChecking=yes", `${user}@${addressOf(node)}`]);
  }

  /** Loads an image on some nodes, or on all. */
  async load(image: Image, nodes: readonly string[] = [...this.#machines.keys()]): Promise<void> {
    const file = await imageFile(image);
    await Promise.all(nodes.map((node) => this.#machines.get(node)?.importImage(file, image)));
  }

  async down(): Promise<void> {
    await locked(`lab-${this.name}`, 30, () => sweep(this.places));
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

  powerOff(): Promise<void> {
    return this.#machine.powerOff();
  }

  async boot(): Promise<void> {
    this.#machine.boot();
    await this.#machine.ready();
  }

  /** Ends the sshd that listens and every connection that it has. A socket or unit may start it again. */
  async killSshd(): Promise<void> {
    await this.#machine.run("pkill -KILL sshd");
  }

  /** New host keys, as after an installation anew; `known_hosts` keeps the old ones. */
  async replaceHostKey(): Promise<void> {
    await this.#machine.newHostKeys();
    await this.#machine.must("systemctl restart ssh");
  }
}

/** Removes a lab from whatever state it is in, also one that another run left half made. */
export async function remove(name: string): Promise<void> {
  const places = placesOf(name);
  await locked(`lab-${name}`, 5, async () => {
    await sweep(buildLabOf(places));
    await sweep(places);
  });
}
