import type { Finding } from "../../finding.ts";
import { clean, type SafeText, text } from "../../text.ts";
import { gossipPort, vxlanPort } from "../reach.ts";
import { obstacleOn, type Site } from "../site.ts";
import { memberPorts } from "../store-container.ts";
import type { Listening } from "../survey.ts";
import { managerPort } from "../swarm.ts";
import { type Ahead, joiningNodes, type Preflight } from "./ahead.ts";

interface Needed {
  protocol: Listening["protocol"];
  port: number;
  for: SafeText;
  /** Whether what listens there is the one that shall. */
  own?: (one: Listening) => boolean;
}

/** Ports that something else has already, on the address where the plan needs them. */
export const portsTaken: Preflight = (ahead) =>
  ahead.sites.flatMap((site) => needed(ahead, site).flatMap((one) => taken(site, one)));

function needed(ahead: Ahead, site: Site): Needed[] {
  const { layout, steps } = ahead;
  const ports: Needed[] = [];
  const own = steps.filter((step) => step.node === site.name);
  if (layout !== undefined && own.some(({ id }) => id === `${site.name}/store`)) {
    const { kind, port } = layout.store;
    const members = memberPorts(kind, layout.image);
    const what = clean(kind);
    for (const tcp of [port, ...members.tcp]) ports.push({ protocol: "tcp", port: tcp, for: what });
    for (const udp of members.udp) ports.push({ protocol: "udp", port: udp, for: what });
  }
  if (joiningNodes(ahead).has(site.name)) {
    const gossip = { port: gossipPort, for: text`the engines' gossip`, own: isDockerd };
    ports.push({ protocol: "tcp", ...gossip }, { protocol: "udp", ...gossip });
    // The kernel's own VXLAN socket has no process; one that has is another program's.
    ports.push({ protocol: "udp", port: vxlanPort, for: text`VXLAN`, own: (one) => one.process === undefined });
  }
  const manages = own.some(
    ({ change }) => change.kind === "init-swarm" || (change.kind === "join-swarm" && change.role === "manager"),
  );
  if (manages) ports.push({ protocol: "tcp", port: managerPort, for: text`the swarm's managers`, own: isDockerd });
  return ports;
}

/** Whether the socket is an engine's own. */
export const isDockerd = ({ process }: Listening): boolean => process?.startsWith("dockerd") === true;

function taken({ name, advertise, survey }: Site, want: Needed): Finding[] {
  const other = survey.listening.find(
    (one) =>
      one.protocol === want.protocol &&
      one.port === want.port &&
      ["0.0.0.0", "::", "*", advertise.address].some((address) => address === one.address) &&
      want.own?.(one) !== true,
  );
  if (other === undefined) return [];
  const spelled = text`${want.port}/${clean(want.protocol)}`;
  return [
    obstacleOn(name, "port-taken", text`Port ${spelled} on ${name} is taken, and ${want.for} needs it`, {
      evidence: [text`${other.process ?? text`something`} listens on ${clean(other.address)}:${other.port}`],
      remedy: text`Stop what listens there ("ss -lnp 'sport = :${want.port}'" on ${name} tells), or choose another node or port in ovl.yaml.`,
    }),
  ];
}
