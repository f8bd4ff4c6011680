import type { EngineInfo } from "../engine.ts";
import { isUp } from "../link.ts";
import type { Membership } from "../membership.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { clean, joined, text } from "../text.ts";
import type { Instant } from "../time.ts";
import { registrationOf } from "../views/membership.ts";
import { type Check, type Found, nodesOf } from "./check.ts";

/** An engine tries for 60 s to register, then gives up without a word (moby pkg/discovery/kv, daemon/discovery). */
const firstRegistrationMs = 70_000;

/** The store works and the engine uses it, yet is not among docker/nodes: no overlay reaches its containers. */
export const nodeNotRegistered: Check = {
  id: "node-not-registered",
  find: (seen, now) => {
    const { membership } = seen;
    if (membership?.state !== "fresh" || membership.value.leader === undefined) return [];
    const registrations = new Set(membership.value.registrations);
    return nodesOf(seen).flatMap((node) => {
      if (!isUp(node.link) || node.engine.state !== "fresh" || node.engine.value.mode !== "cluster-store") return [];
      const { value: engine } = node.engine;
      const advertises = engine.advertise !== undefined && engine.advertise !== "";
      if (advertises && registrationOf(node, registrations) !== undefined) return [];
      return unregistered(node, engine, membership.value, now);
    });
  },
};

function unregistered(node: NodeSnapshot, engine: EngineInfo, membership: Membership, now: Instant): Found[] {
  const error = { severity: "error", node: node.name } as const;
  if (engine.advertise === undefined || engine.advertise === "") {
    return [
      {
        ...error,
        title: text`${node.name} uses the store but advertises no address`,
        evidence: [text`cluster-store ${engine.store ?? text`not told`}, cluster-advertise not set`],
        remedy: text`Add "cluster-advertise": "INTERFACE:2376" to /etc/docker/daemon.json on ${node.name} and run "systemctl reload docker" there.`,
      },
    ];
  }
  const startedAt = lastSeen(node.facts)?.dockerd?.startedAt;
  if (startedAt !== undefined && now - startedAt < firstRegistrationMs) return [];
  const others = membership.registrations;
  return [
    {
      ...error,
      title: text`${node.name} is not registered in ${clean(membership.kind)}`,
      evidence: [
        text`its engine advertises ${engine.advertise} and uses ${engine.store ?? text`a store`}`,
        others.length === 0 ? text`no engine is registered` : text`registered: ${joined(others)}`,
      ],
      remedy: text`Run "journalctl -u docker | grep -i discovery" on ${node.name} to see why; once it reaches the store, "systemctl restart docker" registers it (its containers stop unless live-restore is on).`,
    },
  ];
}
