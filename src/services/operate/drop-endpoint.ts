import type { NodeName } from "../../domain/ids.ts";
import type { Operation } from "../../domain/operate/operation.ts";
import { text } from "../../domain/text.ts";
import { bad, type Outcome } from "../../domain/trouble.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { callMs } from "../apply/executor.ts";

/**
 * Takes a left-over endpoint out of the store, once every node has shown that no container of that name is there: an
 * address that is freed while its container still runs is given away twice.
 */
export async function dropEndpoint(
  { name, networkName, network, owner }: Extract<Operation, { kind: "drop-endpoint" }>,
  here: NodeAccess,
  access: ReadonlyMap<NodeName, NodeAccess>,
): Promise<Outcome<void>> {
  // A container may have moved since: every node that can be asked is, and the owner must answer.
  const answers = await Promise.all(
    [...access].map(async ([node, { engine }]) => ({ node, answer: await engine.containers({ ms: callMs }) })),
  );
  for (const { node, answer } of answers) {
    if (!answer.ok) {
      if (node === owner) return answer;
      continue;
    }
    const found = answer.value.find((one) => one.name === name);
    if (found === undefined) continue;
    const isAttached = found.attachments.some((one) => one.network === networkName);
    if (isAttached || node === owner) {
      return bad({
        kind: "misconfigured",
        detail: text`${name} is there on ${node}, so its endpoint is not left over`,
        remedy: text`Nothing was dropped. Start ${name} or remove it; a restart of docker on ${owner} takes what is left over with it.`,
      });
    }
  }
  return here.control.engine.dropEndpoint(network, name, { ms: callMs });
}
