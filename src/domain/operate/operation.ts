import type { ContainerId, NetworkId, NodeName } from "../ids.ts";
import type { NetworkDefinition } from "../plan/change.ts";
import { dockerNetworkCreate } from "../plan/command.ts";
import { shellCommand } from "../plan/sh.ts";
import { clean, joined, type SafeText, text } from "../text.ts";

/** Signals that an operator sends to a container by hand (signal(7)); systemd as process 1 powers off at SIGRTMIN+3. */
export const signals = [
  "SIGTERM",
  "SIGHUP",
  "SIGINT",
  "SIGKILL",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGRTMIN+3",
] as const;
export type Signal = (typeof signals)[number];

/** Seconds that a container gets to end by itself before it is killed; as `docker stop` has it. */
export const stopSeconds = 10;

/** What is done to a container that stays where it is. */
type OnContainer = { id: ContainerId } & (
  | { kind: "start" | "stop" | "restart" | "pause" | "unpause" }
  | { kind: "kill"; signal: Signal }
  /** `force`: it runs, and is killed. */
  | { kind: "remove"; force: boolean }
  | { kind: "rename"; to: string }
  | { kind: "connect"; network: NetworkId; networkName: SafeText; address: string | undefined }
  | { kind: "disconnect"; network: NetworkId; networkName: SafeText }
);

/** One change to one object of one node, made by a key. Everything that it is made of is bound: ids, not rows. */
export type Operation = { node: NodeName; name: SafeText } & (
  | OnContainer
  /** `node` is the one that gets it. */
  | { kind: "copy-image"; image: string; from: NodeName }
  | { kind: "create-network"; definition: NetworkDefinition }
  | { kind: "remove-network"; id: NetworkId }
  /** An endpoint that the store kept of a container that is gone; `owner` has to prove that it is. */
  | { kind: "drop-endpoint"; network: NetworkId; networkName: SafeText; owner: NodeName }
);

/** "stop node2 on node103", for dialogs, results and the journal. */
export function operationWords(one: Operation): SafeText {
  const { node, name } = one;
  switch (one.kind) {
    case "kill":
      return text`send ${clean(one.signal)} to ${name} on ${node}`;
    case "rename":
      return text`rename ${name} on ${node} to ${clean(one.to)}`;
    case "connect":
      return text`connect ${name} on ${node} to ${one.networkName}`;
    case "disconnect":
      return text`disconnect ${name} on ${node} from ${one.networkName}`;
    case "copy-image":
      return text`copy ${clean(one.image)} from ${one.from} to ${node}`;
    case "create-network":
      return text`create the network ${name} on ${node}`;
    case "remove-network":
      return text`remove the network ${name} on ${node}`;
    case "drop-endpoint":
      return text`drop the endpoint ${name} of ${one.networkName}, which ${one.owner} left behind`;
    case "remove":
      return one.force ? text`kill and remove ${name} on ${node}` : text`remove ${name} on ${node}`;
    default:
      return text`${clean(one.kind)} ${name} on ${node}`;
  }
}

/** The command that does the same by hand, on the operation's node. */
export function operationCommand(one: Operation): SafeText {
  const command = joined(shellCommand(wordsOf(one)), " ");
  // From one engine to the other through this machine, as the program does it.
  return one.kind === "copy-image" ? text`${command} | docker -H ssh://${one.node} load` : command;
}

function wordsOf(one: Operation): readonly string[] {
  const { name } = one;
  switch (one.kind) {
    case "stop":
    case "restart":
      return ["docker", one.kind, "-t", String(stopSeconds), name];
    case "kill":
      return ["docker", "kill", "-s", one.signal, name];
    case "remove":
      return ["docker", "rm", ...(one.force ? ["-f"] : []), "-v", name];
    case "rename":
      return ["docker", "rename", name, one.to];
    case "connect":
      return [
        ...["docker", "network", "connect"],
        ...(one.address === undefined ? [] : [one.address.includes(":") ? "--ip6" : "--ip", one.address]),
        ...[one.networkName, name],
      ];
    case "disconnect":
      return ["docker", "network", "disconnect", one.networkName, name];
    case "copy-image":
      return ["docker", "-H", `ssh://${one.from}`, "save", one.image];
    case "create-network":
      return dockerNetworkCreate(one.definition);
    case "remove-network":
      return ["docker", "network", "rm", name];
    case "drop-endpoint":
      return ["docker", "network", "disconnect", "-f", one.networkName, name];
    default:
      return ["docker", one.kind, name];
  }
}

/** Whether a container that runs does not any more, or is cut off, when this is done. */
export function takesDown(one: Operation): boolean {
  switch (one.kind) {
    case "stop":
    case "restart":
    case "pause":
    case "kill":
    case "disconnect":
      return true;
    case "remove":
      return one.force;
    default:
      return false;
  }
}
