import { existsSync, readFileSync, statfsSync } from "node:fs";
import path from "node:path";
import { complaints, ran } from "./command.ts";
import { locked } from "./lock.ts";
import { openFiles, processes } from "./processes.ts";
import { step } from "./progress.ts";

/** Debian package by command. */
const needed = {
  "systemd-nspawn": "systemd-container",
  mmdebstrap: "mmdebstrap",
  ip: "iproute2",
  iptables: "iptables",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  nsenter: "util-linux",
} as const;

/** Why this machine cannot run a lab, in one sentence; undefined when it can. */
export function labObstacle(): string | undefined {
  if (process.platform !== "linux") return `the lab needs Linux: this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "the lab needs root: it makes network namespaces and boots hosts in them";
  if (!existsSync("/usr/bin/apt-get"))
    return "the lab needs Debian's apt-get: it builds its hosts from Debian packages";
  if (!hasCapability(21)) return "the lab needs the capability CAP_SYS_ADMIN, which this machine does not give";
  return undefined;
}

const missingPackages = (): string[] => [
  ...new Set(Object.entries(needed).flatMap(([command, name]) => (onPath(command) ? [] : [name]))),
];

/**
 * Installs the Debian packages that are missing. One run at a time: apt refuses a second one.
 * @throws Error with what apt says and what to do
 */
export async function installMissing(): Promise<void> {
  if (missingPackages().length === 0) return;
  await locked("debian-packages", "installing Debian packages", 600, async () => {
    const packages = missingPackages();
    if (packages.length > 0) await step(`installing ${packages.join(" ")} from Debian`, () => install(packages));
  });
}

async function install(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // One source of several that does not answer is no reason to stop: what counts is whether the packages can be had.
  const updated = await ran(["apt-get", "update", "-qq"], { env });
  const { code, stderr } = await ran(
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", ...packages],
    { env },
  );
  if (code === 0) return;
  const why = [stderr, updated.stderr].filter((text) => text.trim() !== "").map(complaints);
  throw new Error(
    `the lab needs the Debian packages ${packages.join(" ")}, and apt-get could not install them: ${why.join("; ")}; ` +
      `when "apt-get install ${packages.join(" ")}" works by hand, run this again`,
  );
}

/** What a host of the lab, its container with a systemd included, takes of the machine's inotify instances: 7 and 5. */
const inotifyPerHost = 12;

/**
 * Whether so many hosts more fit on the machine. Past the kernel's limit a systemd starts and then watches nothing, which
 * shows as units that hang.
 * @throws Error in one sentence when they do not
 */
export function mustHaveRoom(hosts: number): void {
  const limit = Number(readFileSync("/proc/sys/fs/inotify/max_user_instances", "latin1"));
  const used = inotifyInstances();
  if (used + hosts * inotifyPerHost <= limit) return;
  throw new Error(
    `there is no room for ${hosts} more ${hosts === 1 ? "host" : "hosts"}: this machine has ${limit} inotify instances and ${used} are in use; ` +
      "take a lab down (npm run lab -- status), or raise fs.inotify.max_user_instances with sysctl",
  );
}

const inotifyInstances = (): number =>
  processes(() => true)
    .flatMap((pid) => openFiles(pid))
    .filter((target) => target === "anon_inode:inotify").length;

/**
 * Whether what is built fits on the disk of `folder`.
 * @throws Error in one sentence when it does not
 */
export function mustHaveSpace(folder: string, megabytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free >= megabytes) return;
  throw new Error(
    `building takes ${megabytes} MB in ${folder}, and ${free} MB are free: ` +
      "make room, or set OVL_LAB_CACHE to a folder on a larger disk",
  );
}

function onPath(command: string): boolean {
  const folders = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`.split(":");
  return folders.some((folder) => existsSync(path.join(folder, command)));
}

/** The names of capabilities by number, linux/capability.h. */
const capabilities =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split(
    " ",
  );

function boundingSet(): bigint {
  const status = readFileSync("/proc/self/status", "utf8");
  return BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
}

const hasCapability = (number: number): boolean => ((boundingSet() >> BigInt(number)) & 1n) === 1n;

/** Capabilities that no process of this machine can have; `docker run --privileged` would ask for them in vain. */
export function missingCapabilities(): string[] {
  return capabilities.filter((_, number) => !hasCapability(number)).map((name) => `CAP_${name}`);
}
