import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { done } from "./command.ts";
import { switchAddress } from "./places.ts";
import { missingCapabilities } from "./requirements.ts";

/** Users besides root, one for each way of getting at Docker. The passwords are good for the lab only. */
export const users = {
  operator: { password: "lab-operator", sudo: "password", groups: [] },
  deploy: { password: undefined, sudo: "passwordless", groups: [] },
  dockeruser: { password: undefined, sudo: "none", groups: ["docker"] },
} as const;

/** Services that a host of the lab has no use for, or cannot run in its namespaces. */
const masked = [
  "systemd-modules-load.service",
  // It would tune the kernel of the machine that the lab runs on.
  "systemd-sysctl.service",
  "systemd-binfmt.service",
  "proc-sys-fs-binfmt_misc.automount",
  "dev-hugepages.mount",
  "sys-fs-fuse-connections.mount",
  "sys-kernel-config.mount",
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "systemd-random-seed.service",
  "systemd-update-utmp.service",
  "systemd-update-utmp-runlevel.service",
  "systemd-networkd.service",
  "systemd-resolved.service",
  "systemd-timesyncd.service",
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-hwdb-update.service",
  "systemd-logind.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "getty.target",
  "console-getty.service",
  "systemd-journal-flush.service",
  "systemd-firstboot.service",
  "modprobe@.service",
];

const cgroups = `[Unit]
Description=Let containers have control groups
DefaultDependencies=no
Before=containerd.service docker.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mount -o remount,rw,bind /sys/fs/cgroup; for c in /sys/fs/cgroup/*/; do mount -o remount,bind,rw "$c" || :; done'
[Install]
WantedBy=multi-user.target
`;

/** An OCI runtime that leaves out the capabilities which this machine itself lacks, and is runc in all else. */
function runtime(missing: readonly string[]): string {
  const edit = missing.map((name) => `s/"${name}",//g; s/,"${name}"//g; s/"${name}"//g`).join("; ");
  return `#!/bin/sh
previous=
for word in "$@"; do
  case "$previous" in
    --bundle|-b) sed -i '${edit}' "$word/config.json" ;;
    --process|-p) sed -i '${edit}' "$word" ;;
  esac
  previous=$word
done
exec runc "$@"
`;
}

/** What goes into every host besides packages. */
export function hostFiles(): Readonly<Record<string, { content: string; mode?: number }>> {
  const missing = missingCapabilities();
  const daemon: Record<string, unknown> = { "log-driver": "json-file", "log-opts": { "max-size": "10m" } };
  if (missing.length > 0) {
    daemon["default-runtime"] = "lab";
    daemon.runtimes = { lab: { path: "/usr/local/sbin/runc-lab" } };
  }
  return {
    "etc/docker/daemon.json": { content: `${JSON.stringify(daemon, null, 4)}\n` },
    "usr/local/sbin/runc-lab": { content: runtime(missing), mode: 0o755 },
    "etc/systemd/system/lab-cgroups.service": { content: cgroups },
    "etc/ssh/sshd_config.d/lab.conf": { content: "UseDNS no\nPrintMotd no\n" },
    "etc/sudoers.d/lab": { content: "operator ALL=(ALL) ALL\ndeploy ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440 },
    "etc/systemd/journald.conf.d/lab.conf": { content: "[Journal]\nStorage=volatile\n" },
    "etc/systemd/system.conf.d/lab.conf": { content: "[Manager]\nDefaultTimeoutStopSec=30s\nLogLevel=warning\n" },
    // Nobody listens there, and says so at once: names outside of the lab fail without a wait.
    "etc/resolv.conf": { content: `nameserver ${switchAddress}\n` },
    "etc/fstab": { content: "" },
  };
}

/** Turns a fresh root file system into one of the lab's hosts. */
export async function prepareRoot(root: string): Promise<void> {
  for (const [file, { content, mode }] of Object.entries(hostFiles())) {
    const place = path.join(root, file);
    mkdirSync(path.dirname(place), { recursive: true });
    rmSync(place, { force: true });
    writeFileSync(place, content);
    if (mode !== undefined) chmodSync(place, mode);
  }
  const units = path.join(root, "etc/systemd/system");
  for (const unit of masked) {
    rmSync(path.join(units, unit), { force: true });
    symlinkSync("/dev/null", path.join(units, unit));
  }
  mkdirSync(path.join(units, "multi-user.target.wants"), { recursive: true });
  symlinkSync("../lab-cgroups.service", path.join(units, "multi-user.target.wants/lab-cgroups.service"));
  // No login manager runs, and its PAM module would wait for it.
  await done(["chroot", root, "sh", "-c", "sed -i '/pam_systemd/d; /pam_motd/d' /etc/pam.d/* 2>/dev/null; :"]);
  for (const [name, user] of Object.entries(users)) {
    await done(["chroot", root, "useradd", "-m", "-N", "-s", "/bin/bash", name]);
    for (const group of user.groups) await done(["chroot", root, "usermod", "-aG", group, name]);
    if (user.password !== undefined) await done(["chroot", root, "chpasswd"], { input: `${name}:${user.password}\n` });
  }
  rmSync(path.join(root, "etc/docker/key.json"), { force: true });
  for (const key of ["ecdsa", "ed25519", "rsa"]) {
    for (const ending of ["", ".pub"]) rmSync(path.join(root, `etc/ssh/ssh_host_${key}_key${ending}`), { force: true });
  }
  appendFileSync(path.join(root, "etc/hosts"), "127.0.0.1 localhost\n");
}
