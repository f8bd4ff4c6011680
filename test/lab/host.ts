import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { enterGroup } from "./cgroups.ts";
import { done, type Ran, ran, until } from "./command.ts";
import type { HostPlaces } from "./places.ts";
import { killAll, namespaceInode, processes, unmountBelow } from "./processes.ts";

/** One booted machine of the lab. Everything here goes around its network and its sshd, so that both can be broken. */
export class Machine {
  readonly name: string;
  readonly #places: HostPlaces;
  readonly #mark: string;

  constructor(name: string, places: HostPlaces, mark: string) {
    this.name = name;
    this.#places = places;
    this.#mark = mark;
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

  /** Powers on. Returns when the machine is on its way; `ready` waits for it. */
  boot(): void {
    const { root, namespace, machine, docker, log } = this.#places;
    const console = openSync(log, "a");
    const child = spawn(
      "/bin/sh",
      [
        "-c",
        'eval "$1"; shift; exec "$@"',
        "sh",
        enterGroup(namespace),
        "systemd-nspawn",
        "-D",
        root,
        `--network-namespace-path=/run/netns/${namespace}`,
        `--machine=${machine}`,
        `--hostname=${this.name}`,
        "--register=no",
        "--keep-unit",
        "--capability=all",
        `--bind=${docker}:/var/lib/docker`,
        "--boot",
        "--console=passive",
      ],
      {
        detached: true,
        stdio: ["ignore", console, console],
        env: {
          ...process.env,
          [this.#mark.split("=")[0] ?? ""]: this.#mark.split("=")[1],
          // runc's session keyring and dockerd's ip_forward fail under nspawn's defaults.
          SYSTEMD_SECCOMP: "0",
          SYSTEMD_NSPAWN_API_VFS_WRITABLE: "yes",
        },
      },
    );
    closeSync(console);
    child.unref();
  }

  /** Waits for its sshd and its engine. */
  async ready(seconds = 60): Promise<void> {
    const up = "systemctl is-active -q ssh docker && test -S /var/run/docker.sock";
    await until(`${this.name} up`, seconds, async () => this.#init() !== undefined && (await this.run(up)).code === 0);
  }

  /** The machine's first process, as this machine numbers it; undefined while it is off. */
  #init(): number | undefined {
    const inode = namespaceInode(this.namespace);
    if (inode === undefined) return undefined;
    const flag = `--machine=${this.#places.machine}`;
    const [nspawn] = processes((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").includes(flag));
    if (nspawn === undefined) return undefined;
    const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, "latin1").trim();
    const first = Number(children.split(" ")[0]);
    return first > 0 && existsSync(`/proc/${first}/ns/net`) ? first : undefined;
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
  async importImage(file: string, name: string): Promise<void> {
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
    const flag = `--machine=${this.#places.machine}`;
    const inode = namespaceInode(this.namespace);
    await killAll(this.name, (pid) => {
      if (readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").includes(flag)) return true;
      return inode !== undefined && statSync(`/proc/${pid}/ns/net`).ino === inode;
    });
    await unmountBelow(this.#places.docker);
  }

  /** Shuts down in order, so that its disk holds all that was written. */
  async shutDown(): Promise<void> {
    await this.run("systemctl stop docker docker.socket containerd; sync");
    await this.powerOff();
  }
}
