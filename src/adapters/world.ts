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
import { Advertised } from "./store/advertised.ts";
import { onceDecided } from "./store/once-decided.ts";
import { createStoreWatch } from "./store/store-watch.ts";
import { systemClock } from "./system-clock.ts";
import type { Transport } from "./transport.ts";

/** Real hosts over SSH. Nothing is opened before the first node is asked for. */
export function createWorld(): World {
  const clock = systemClock;
  const shared = createSshShared();
  const transports = new Map<NodeName, Transport>();
  const advertised = new Advertised();
  return {
    clock,
    node(node: NodeSpec, _spec: Spec, prompter: Prompter): NodeAccess {
      const { link, transport, terminals } = createSshNode({ node, clock, prompter, shared });
      transports.set(node.name, transport);
      advertised.expect(node);
      const host = createHost(transport, clock);
      const facts: Host["facts"] = async (within) => {
        const seen = await host.facts(within);
        if (seen.ok) advertised.learn(node, seen.value);
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
      const watch = createStoreWatch({ spec: store, transports, clock, advertise: (node) => advertised.of(node) });
      if (store.at === "endpoints") return watch;
      const links = store.nodes.map((node) => nodes.get(node)?.link).filter((link) => link !== undefined);
      return onceDecided(watch, links);
    },
  };
}
