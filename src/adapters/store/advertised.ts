import type { HostFacts } from "../../domain/host.ts";
import type { NodeName } from "../../domain/ids.ts";
import { advertiseOf } from "../../domain/plan/advertise.ts";
import type { NodeSpec } from "../../domain/spec/spec.ts";
import { isAddress } from "../../domain/subnets.ts";

/** The addresses that carry the nodes' cluster traffic: where a plan has the store listen, and nowhere else. */
export class Advertised {
  readonly #addresses = new Map<NodeName, string>();

  /** What the file tells, until the machine is heard of. */
  expect({ name, advertise, ssh }: NodeSpec): void {
    const given = [advertise, ssh.host].find((one) => one !== undefined && isAddress(one));
    if (given !== undefined) this.#addresses.set(name, given);
  }

  /** By the rule that plans are made by. */
  learn({ name, advertise, ssh }: NodeSpec, facts: HostFacts): void {
    const known = advertiseOf({ advertise, address: ssh.host }, facts);
    if (known !== undefined) this.#addresses.set(name, known.address);
  }

  /** Undefined while nothing tells it. */
  of(node: NodeName): string | undefined {
    return this.#addresses.get(node);
  }
}
