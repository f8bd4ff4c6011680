import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { enterGroup } from "./cgroups.ts";
import { done, type Ran, ran, until } from "./command.ts";
import { plugIn, unplugging } from "./network.ts";
import type { HostPlaces, Places } from "./places.ts";
import { commandOf, firstChild, killAll, namespaceInode, processes, unmountBelow } from "./processes.ts";
import type { Image } from "./recipe.ts";

/** One booted machine of the lab. Everything here goes around its network and its sshd, so that both can be broken. */
export class Machine {
  readonly name: string;
  readonly #lab: Places;
  readonly #places: HostPlaces;

  constructor(name: string, lab: Places) {
    this.name = name;
    this.#lab = lab;
    this.#places = lab.host(name);
  }

  get namespace(): string {
    return this.#places.namespace;
  }

  /** Puts its root file system together: a layer of its own over `lower`. */
  async prepare(lower: string): Promise<void> {
    const { root, upper, work, docker } = this.#places;
    for (const folder of [root, upper, work, docker]) mkdirSync(folder, { recursive: true });
    await done([
      "mount",
      "-t",
      "overlay",
      "overlay",
      "-o",
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
      root,
    ]);
    this.write("etc/machine-id", "");
    this.write("etc/hostname", `${this.name}\n`);
    this.write("etc/hosts", `127.0.0.1 localhost\n127.0.1.1 ${this.name}\n`);
    await this.newHostKeys();
  }

  async newHostKeys(): Promise<void> {
    for (const type of ["ed25519", "ecdsa", "rsa"]) {
      const file = path.join(this.#places.root, `etc/ssh/ssh_host_${type}_key`);
      rmSync(file, { force: true });
      rmSync(`${file}.pub`, { force: true });
      const bits = type === "rsa" ? ["-b", "2048"] : [];
      await done(["ssh-keygen", "-q", "-t", type, ...bits, "-N", "", "-C", this.name, "-f", file]);
    }
  }

  /** The public half of its ed25519 host key: "ssh-ed25519 AAAA…". */
  hostKey(): string {
    const line = readFileSync(path.join(this.#places.root, "etc/ssh/ssh_host_ed25519_key.pub"), "utf8");
    return line.split(" ").slice(0, 2).join(" ");
  }

  /** Writes into its file system from outside. */
  write(file: string, content: string, mode?: number): void {
    const place = path.join(this.#places.root, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, content, mode === undefined ? {} : { mode });
  }

  /** Powers on, with a network card that was not there while it was off. `ready` waits for its services. */
  async boot(): Promise<void> {
    const { root, namespace, docker, log } = this.#places;
    await until(`the last end of ${this.name}`, 120, () => this.bootProcesses().length === 0);
    if (namespaceInode(namespace) === undefined) await plugIn(this.#lab, this.name);
    const console = openSync(log, "a");
    const child = spawn(
      "/bin/sh",
      [
        "-c",
        // A machine that is off has no network: without this its namespace would go on answering pings.
        'eval "$1"; unplug=$2; shift 2; "$@"; eval "$unplug"',
        "sh",
        enterGroup(namespace),
        unplugging(this.#lab, this.name)
          .map((words) => words.join(" "))
          .join("; "),
        // Its own --network-namespace-path would come too late for /sys, which would show this machine's interfaces.
        "nsenter",
        `--net=/run/netns/${namespace}`,
        "systemd-nspawn",
        "-D",
        root,
        this.#flag,
        `--hostname=${this.name}`,
        "--register=no",
        "--keep-unit",
        "--capability=all",
        `--bind=${docker}:/var/lib/docker`,
        "--boot",
        "--console=passive",
        "--resolv-conf=off",
        "--timezone=off",
      ],
      {
        detached: true,
        stdio: ["ignore", console, console],
        env: {
          ...process.env,
          [this.#lab.mark.split("=")[0] ?? ""]: this.#lab.name,
          // runc's session keyring and dockerd's ip_forward fail under nspawn's defaults.
          SYSTEMD_SECCOMP: "0",
          SYSTEMD_NSPAWN_API_VFS_WRITABLE: "yes",
        },
      },
    );
    closeSync(console);
    child.unref();
  }

  get #flag(): string {
    return `--machine=${this.#places.machine}`;
  }

  /** The shell and the systemd-nspawn that run the machine; none while it is off. */
  bootProcesses(): number[] {
    return processes((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").includes(this.#flag));
  }

  /** Waits for its sshd and its engine: seconds on a machine with nothing else to do, a minute or two on a busy one. */
  async ready(seconds = 240): Promise<void> {
    // is-active is content with one of several.
    const up = "systemctl is-active -q ssh && systemctl is-active -q docker && test -S /var/run/docker.sock";
    await until(`${this.name} up`, seconds, async () => {
      if (this.bootProcesses().length > 0) return this.#init() !== undefined && (await this.run(up)).code === 0;
      throw new Error(`${this.name} did not boot: ${this.#lastWords()}`);
    });
  }

  /** The end of its console, where systemd-nspawn says what it could not do. */
  #lastWords(): string {
    const lines = readFileSync(this.#places.log, "utf8").split("\n");
    return (
      lines
        .filter((line) => line.trim() !== "")
        .slice(-2)
        .join("; ") || "its console says nothing"
    );
  }

  /** The machine's first process, as this machine numbers it; undefined while it is off. */
  #init(): number | undefined {
    const nspawn = this.bootProcesses().find((pid) => commandOf(pid) === "systemd-nspawn");
    return nspawn === undefined ? undefined : firstChild(nspawn);
  }

  /** Runs a shell script inside, as root; `args` are "$1", "$2", …. Needs neither network nor sshd. */
  async run(script: string, ...args: string[]): Promise<Ran> {
    const init = this.#init();
    if (init === undefined) return { code: 255, stdout: "", stderr: `${this.name} is off` };
    return ran([...this.#inside(init), "/bin/sh", "-s", "--", ...args], { input: script, seconds: 180 });
  }

  /** The same for a script that must succeed; its output. */
  async must(script: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, ...args);
    if (code !== 0)
      throw new Error(
        `on ${this.name}: ${script.trim().split("\n")[0]} ended with ${code}: ${(stderr || stdout).trim()}`,
      );
    return stdout;
  }

  docker(...args: string[]): Promise<string> {
    return this.must('exec docker "$@"', ...args);
  }

  /** Loads an image from a tar file of its root file system. */
  async importImage(file: string, name: Image): Promise<void> {
    const init = this.#init();
    if (init === undefined) throw new Error(`${this.name} is off`);
    const inputFd = openSync(file, "r");
    try {
      await done([...this.#inside(init), "docker", "import", "-", name], { inputFd });
    } finally {
      closeSync(inputFd);
    }
  }

  #inside(init: number): string[] {
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    return ["nsenter", "-t", String(init), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "env", "-i", path, "HOME=/root"];
  }

  /** Pulls the plug. */
  async powerOff(): Promise<void> {
    const group = `/${this.namespace}`;
    await killAll(this.name, (pid) => {
      const groups = readFileSync(`/proc/${pid}/cgroup`, "latin1").split("\n");
      return groups.some((line) => line.endsWith(`:${group}`) || line.includes(`:${group}/`));
    });
    // One that shut down by itself is unplugged already.
    for (const words of unplugging(this.#lab, this.name)) await ran(words);
    await unmountBelow(this.#places.docker);
  }

  /** Shuts down in order, so that its disk holds all that was written. */
  async shutDown(): Promise<void> {
    await this.run("systemctl stop docker docker.socket containerd; sync");
    await this.powerOff();
  }
}
