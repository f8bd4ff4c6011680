import { isSecretName } from "../flags/masked.ts";
import type { SafeText } from "../text.ts";
import type { ContainerDefinition, NetworkDefinition } from "./change.ts";
import { shellCommand } from "./sh.ts";
import type { Preview } from "./step.ts";

/** The command that does by hand what the step does. */
export const commandPreview = (...words: readonly string[]): Preview => ({
  kind: "command",
  lines: shellCommand(words),
});

/** Several commands, one after the other. */
export const commandsPreview = (commands: readonly (readonly string[])[]): Preview => ({
  kind: "command",
  lines: commands.flatMap((words): SafeText[] => shellCommand(words)),
});

/** Words of `docker run` for the container, detached. A secret of its environment is left to the environment of whoever types it. */
export function dockerRun(definition: ContainerDefinition): string[] {
  const { name, hostname, image, network, address, privileged, remove, terminal } = definition;
  const { command, environment, mounts, restart, stopSignal, labels } = definition;
  return [
    ...["docker", "run", terminal ? "-itd" : "-d"],
    ...(privileged ? ["--privileged"] : []),
    ...["--name", name],
    ...option("--hostname", hostname),
    ...option("--network", network),
    ...option("--ip", address?.includes(":") === true ? undefined : address),
    ...option("--ip6", address?.includes(":") === true ? address : undefined),
    ...(remove ? ["--rm"] : []),
    ...option("--restart", restart),
    ...option("--stop-signal", stopSignal),
    ...Object.entries(environment).flatMap(([key, value]) => ["-e", isSecretName(key) ? key : `${key}=${value}`]),
    ...mounts.flatMap((mount) => ["-v", mount]),
    ...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    image,
    ...command,
  ];
}

/** Words of `docker network create`. */
export function dockerNetworkCreate({
  name,
  driver,
  subnet,
  gateway,
  range,
  parent,
  mtu,
  attachable,
}: NetworkDefinition): string[] {
  return [
    ...["docker", "network", "create", "-d", driver],
    ...(attachable ? ["--attachable"] : []),
    ...option("--subnet", subnet),
    ...option("--gateway", gateway),
    ...option("--ip-range", range),
    ...option("-o", parent === undefined ? undefined : `parent=${parent}`),
    ...option("-o", mtu === undefined ? undefined : `com.docker.network.driver.mtu=${mtu}`),
    name,
  ];
}

const option = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);
