import type { FaultName } from "../domain/faults.ts";
import type { NodeName } from "../domain/ids.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Faults } from "../ports/faults.ts";
import type { Cluster } from "./cluster.ts";
import { daemonJsonPath } from "./daemon-files.ts";
import type { Fault, Hindrance, Machine } from "./machine.ts";
import type { Overlay } from "./networks.ts";

/** One fault: whether it is there, and how it comes and goes. */
interface Switch {
  isOn(machine: Machine): boolean;
  /** Why it cannot be, if so. */
  on(machine: Machine): SafeText | undefined;
  off(machine: Machine): SafeText | undefined;
}

/** A store that was there once. */
const formerStore = "consul://192.168.44.250:8500";

/** The faults of the demo's cluster, by switches. */
export class DemoFaults implements Faults {
  readonly #cluster: Cluster;
  readonly #switches: Readonly<Record<FaultName, Switch>>;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#switches = {
      "node-down": ofMachine("shut-down"),
      "slow-node": ofMachine("slow"),
      "host-key-changed": ofMachine("host-key-changed"),
      "store-without-leader": withoutLeader(cluster),
      "vxlan-blocked": ofHindrance("vxlan-blocked"),
      "small-mtu": ofHindrance("narrow-interface"),
      "flag-drift": new FlagDrift(),
      "stale-endpoint": staleEndpoint(cluster),
    };
  }

  isOn(fault: FaultName, node: NodeName): boolean {
    const machine = this.#cluster.machines.get(node);
    return machine !== undefined && this.#switches[fault].isOn(machine);
  }

  set(fault: FaultName, node: NodeName, on: boolean): SafeText | undefined {
    const machine = this.#cluster.machines.get(node);
    if (machine === undefined) return text`the demo has no ${node}`;
    const one = this.#switches[fault];
    if (one.isOn(machine) === on) return undefined;
    return on ? one.on(machine) : one.off(machine);
  }
}

/** A machine has one of these at a time: the newer takes the place of the older. */
const ofMachine = (fault: Fault): Switch => ({
  isOn: (machine) => machine.fault === fault,
  on: (machine) => {
    machine.setFault(fault);
    return undefined;
  },
  off: (machine) => {
    machine.setFault(undefined);
    return undefined;
  },
});

const withoutLeader = ({ store }: Cluster): Switch => ({
  isOn: () => store.isLeaderless,
  on: () => {
    if (!store.hasLeader) return text`there is no store with a leader`;
    store.setLeader(false);
    return undefined;
  },
  off: () => {
    store.setElectionForbidden(false);
    return undefined;
  },
});

/** Nobody whose connection stands is told: only what is measured changes. */
const ofHindrance = (hindrance: Hindrance): Switch => ({
  isOn: ({ hindrances }) => hindrances.has(hindrance),
  on: ({ hindrances }) => {
    hindrances.add(hindrance);
    return undefined;
  },
  off: ({ hindrances }) => {
    hindrances.delete(hindrance);
    return undefined;
  },
});

/** daemon.json says another store than dockerd was told. Somebody who writes the file meanwhile has mended it. */
class FlagDrift implements Switch {
  readonly #before = new WeakMap<Machine, string>();

  isOn({ files }: Machine): boolean {
    return files.read(daemonJsonPath)?.content.includes(formerStore) === true;
  }

  on(machine: Machine): SafeText | undefined {
    const content = machine.files.read(daemonJsonPath)?.content ?? "{}";
    const settings = parsed(content);
    if (settings === undefined) return text`${daemonJsonName} of ${machine.hostname} cannot be read`;
    if (!("cluster-store" in settings)) return text`${machine.hostname} uses no store`;
    this.#before.set(machine, content);
    const drifted = { ...settings, "cluster-store": formerStore };
    machine.files.put(daemonJsonPath, `${JSON.stringify(drifted, null, 2)}\n`);
    return undefined;
  }

  off(machine: Machine): SafeText | undefined {
    machine.files.put(daemonJsonPath, this.#before.get(machine) ?? "{}\n");
    return undefined;
  }
}

const daemonJsonName = clean(daemonJsonPath);

function parsed(content: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    // Somebody broke the file: there is nothing in it to drift.
    return undefined;
  }
}

const staleEndpoint = ({ store }: Cluster): Switch => {
  const held = ({ hostname }: Machine): { overlay: Overlay; address: SafeText } | undefined => {
    for (const overlay of store.networks.all()) {
      const found = [...overlay.endpoints()].find((one) => one.name === goneFrom(hostname));
      if (found?.address !== undefined) return { overlay, address: found.address };
    }
    return undefined;
  };
  return {
    isOn: (machine) => held(machine) !== undefined,
    on: (machine) => {
      const [overlay] = store.networks.all();
      if (overlay === undefined) return text`no store keeps endpoints of an overlay here`;
      const joined = overlay.join(goneFrom(machine.hostname), machine.address, undefined);
      if (!joined.ok) return text`the overlay has no address left`;
      store.endpointsChanged();
      return undefined;
    },
    off: (machine) => {
      const left = held(machine);
      if (left === undefined) return undefined;
      left.overlay.leave(left.address);
      store.endpointsChanged();
      return undefined;
    },
  };
};

/** The container that nobody has any more. */
const goneFrom = (hostname: SafeText): SafeText => text`gone-from-${hostname}`;
