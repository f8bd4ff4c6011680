import type { Distribution } from "./member-state.ts";

/**
 * The commands that install HTCondor with what the distribution has, one after the other: Debian and Ubuntu call their
 * package htcondor, Fedora condor; Enterprise Linux has it from HTCondor's own repositories, which its script sets up
 * (HTCondor manual, "Linux (as root)"). Undefined for any other.
 */
export function installCommands({ id, like }: Distribution): readonly (readonly string[])[] | undefined {
  const kin = [id, ...like];
  if (kin.includes("debian") || kin.includes("ubuntu")) {
    return [
      ["apt-get", "update"],
      ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends", "htcondor"],
    ];
  }
  if (id === "fedora") return [["dnf", "install", "--assumeyes", "condor"]];
  if (kin.includes("rhel") || kin.includes("centos")) {
    return [
      ["curl", "-fsSL", "-o", "/tmp/get_htcondor", "https://get.htcondor.org"],
      ["/bin/bash", "/tmp/get_htcondor", "--no-dry-run"],
    ];
  }
  return undefined;
}
