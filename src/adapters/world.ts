import { isIP } from "node:net";
import type { HostFacts } from "../domain/host.ts";
import type { NodeName } from "../domain/ids.ts";
import type { NodeSpec, Spec } from "../domain/spec/spec.ts";
import type { Host } from "../ports/host.ts";
import type { Prompter } from "../ports/prompter.ts";
import type { NodeAccess, World } from "../ports/world.ts";
import { createEngine } from "./engine/engine.ts";
import { createEngineControl } from "./engine/engine-control.ts";
import { guardedDial } from "./guarded-dial.ts";
import { createHost } from "./host/create-host.ts";
import { createLogs } from "./logs.ts";
import { createNodeControl } from "./node-control.ts";
import { createProbes } from "./probes/probes.ts";
import { createShells } from "./shells.ts";
import { createSshShared } from "./ssh/shared.ts";
import { createSshNode } from "./ssh/ssh-node.ts";
import { onceDecided } from "./store/once-decided.ts";
import { createStoreWatch } from "./store/store-watch.ts";
import { systemClock } from "./system-clock.ts";
import type { Transport } from "./transport.ts";

/** Real hosts over SSH. Nothing is opened before the first node is asked for. */
export function createWorld(): World {
  const clock = systemClock;
  const shared = createSshShared();
  const transports = new Map<NodeName, Transport>();
  const advertised = new Map<NodeName, string>();
  return {
    clock,
    node(node: NodeSpec, _spec: Spec, prompter: Prompter): NodeAccess {
      const { link, transport, terminals } = createSshNode({ node, clock, prompter, shared });
      transports.set(node.name, transport);
      const given = [node.advertise, node.ssh.host].find((one) => one !== undefined && isIP(one) !== 0);
      if (given !== undefined) advertised.set(node.name, given);
      const host = createHost(transport, clock);
      const facts: Host["facts"] = async (within) => {
        const seen = await host.facts(within);
        const address = seen.ok ? advertiseAddress(seen.value, node) : undefined;
        if (address !== undefined) advertised.set(node.name, address);
        return seen;
      };
      const guarded = guardedDial(transport);
      const engine = createEngine(guarded, node.name, clock);
      const changes = createEngineControl(guarded, node.name, clock, () => engine.apiVersion());
      const shells = createShells(guarded, terminals, node.name, clock, () => engine.apiVersion());
      const logs = createLogs(guarded, node.name, clock, () => engine.apiVersion());
      link.onState((state) => {
        if (state.state !== "closed") return;
        engine.close();
        changes.close();
        shells.close();
        logs.close();
      });
      return {
        ...{ link, engine, host: { ...host, facts } },
        control: createNodeControl(transport, clock, changes),
        probes: createProbes(transport),
        ...{ shells, logs },
        tunnels: { open: transport.dialTcp },
      };
    },
    store(spec, nodes) {
      const { store } = spec;
      if (store === undefined) return undefined;
      const watch = createStoreWatch({ spec: store, transports, clock, advertise: (node) => advertised.get(node) });
      if (store.at === "endpoints") return watch;
      const links = store.nodes.map((node) => nodes.get(node)?.link).filter((link) => link !== undefined);
      return onceDecided(watch, links);
    },
  };
}

/** The first IPv4 address of the interface that carries cluster traffic, as dockerd would take it. */
function advertiseAddress(facts: HostFacts, node: NodeSpec): string | undefined {
  const wanted = facts.interfaces.find((one) => one.name === node.advertise);
  return wanted?.addresses.map((one) => one.split("/")[0] ?? "").find((one) => isIP(one) === 4);
}
