import { joined, text } from "../../text.ts";
import { stopped } from "../engines.ts";
import { gossipPort } from "../reach.ts";
import { obstacleOn, type Site } from "../site.ts";
import { joiningNodes, type Preflight } from "./ahead.ts";
import { isDockerd } from "./ports-taken.ts";

/**
 * An engine that is in no cluster and gossips all the same. When it left its swarm and no other node answered any more,
 * dockerd gave up "waiting for leave broadcast" and kept that gossip's port (moby libnetwork/networkdb/cluster.go,
 * clusterLeave). It joins the next cluster without gossip then, no container reaches another host, and only its log says so.
 */
export const gossipLeftOver: Preflight = (ahead) => {
  const joining = joiningNodes(ahead);
  const restarted = new Set(
    ahead.steps
      .filter(({ change }) => change.kind === "configure-engine" && change.take === "restart")
      .map((step) => step.node),
  );
  return ahead.sites
    .filter((site) => joining.has(site.name) && !restarted.has(site.name) && isAlone(site) && gossips(site))
    .map((site) => {
      const names = site.engine.liveRestore ? [] : stopped(site).map(({ name }) => name);
      const cost = names.length === 0 ? text`` : text` (it stops ${joined(names)})`;
      return obstacleOn(
        site.name,
        "gossip-left-over",
        text`dockerd on ${site.name} still gossips for a swarm that it left`,
        {
          evidence: [text`it is in no swarm and has no store, and listens on ${gossipPort}/tcp`],
          remedy: text`Run "systemctl restart docker" on ${site.name}${cost}, then plan again: without that its containers would reach no other node.`,
        },
      );
    });
};

const isAlone = ({ engine }: Site): boolean =>
  engine.swarm.state === "inactive" && (engine.store === undefined || engine.store === "");

const gossips = ({ survey }: Site): boolean =>
  survey.listening.some((one) => one.protocol === "tcp" && one.port === gossipPort && isDockerd(one));
