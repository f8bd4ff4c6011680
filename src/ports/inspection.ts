import type { ContainerId, NetworkId } from "../domain/ids.ts";
import type { HeldAddress } from "../domain/launch/ground.ts";
import type { ContainerDefinition } from "../domain/plan/change.ts";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** A container and the host name that it was given. */
export interface NamedHost {
  container: ContainerId;
  hostname: SafeText;
}

/** What an engine's lists do not tell, asked of it before something new is made there. Nothing is changed by it. */
export interface Inspection {
  /** The host names of these containers; those that are gone are not among them. */
  hostnames(containers: readonly ContainerId[], within: Deadline): Promise<Outcome<readonly NamedHost[]>>;
  /** What a container was made of, without what its image brings along; undefined when it is gone. */
  definition(container: ContainerId, within: Deadline): Promise<Outcome<ContainerDefinition | undefined>>;
  /**
   * The addresses of a network that this engine knows to be taken: its containers', those of other engines where they tell
   * it (cluster store, swarm), and those that it keeps itself. None when it does not list the network.
   */
  heldAddresses(network: NetworkId, within: Deadline): Promise<Outcome<readonly HeldAddress[]>>;
  /**
   * Good when the image's registry has it, or the engine knows no such question: nothing is pulled. `engine-refused` when it
   * has not, or cannot be reached from there.
   */
  registryHas(image: string, within: Deadline): Promise<Outcome<void>>;
}
