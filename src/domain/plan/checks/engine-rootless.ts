import { text } from "../../text.ts";
import { obstacleOn } from "../site.ts";
import { type Ahead, joiningNodes, type Preflight } from "./ahead.ts";

/**
 * An engine that an ordinary user runs: plans edit what root's reads, and overlays need more than such a user may
 * (docs.docker.com/engine/security/rootless, "Known limitations").
 */
export const engineRootless: Preflight = (ahead) => {
  const nodes = new Set([...configuredNodes(ahead), ...joiningNodes(ahead)]);
  return ahead.sites
    .filter(({ name, engine }) => engine.rootless && nodes.has(name))
    .map(({ name }) =>
      obstacleOn(name, "engine-rootless", text`The engine that answers on ${name} is rootless and cannot be joined`, {
        evidence: [
          text`"docker info" there says name=rootless; the plan would configure root's engine, which is another`,
        ],
        remedy: text`Start root's engine on ${name} ("systemctl enable --now docker.socket docker"): it is used wherever it has a socket. Or take ${name} out of ovl.yaml.`,
      }),
    );
};

const configuredNodes = ({ steps }: Ahead) =>
  steps.filter(({ change }) => change.kind === "configure-engine").map((step) => step.node);
