import type { ContainerId, NetworkId } from "../../domain/ids.ts";
import type { HeldAddress } from "../../domain/launch/ground.ts";
import type { ContainerDefinition } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Inspection, NamedHost } from "../../ports/inspection.ts";
import { pass } from "../calls.ts";
import type { DemoContainer } from "../containers.ts";
import { fromRegistry } from "../images.ts";
import { Overlay } from "../networks.ts";
import { refused } from "../refusal.ts";
import { type ControlGround, engineQuestion } from "./change.ts";

/** How long a registry takes to answer, ms. */
const registryMs = 300;

/** What is asked of the engine of one machine before something is made on it. */
export class DemoInspection implements Inspection {
  readonly #on: ControlGround;

  constructor(on: ControlGround) {
    this.#on = on;
  }

  hostnames(containers: readonly ContainerId[], within: Deadline): Promise<Outcome<readonly NamedHost[]>> {
    const { runtime } = this.#on.link.machine;
    return engineQuestion(this.#on, within, () => {
      const there = containers.flatMap((id) => runtime.all.get(id) ?? []);
      return good(there.map((one) => ({ container: one.id, hostname: hostnameOf(one) })));
    });
  }

  definition(container: ContainerId, within: Deadline): Promise<Outcome<ContainerDefinition | undefined>> {
    const { runtime, images } = this.#on.link.machine;
    return engineQuestion(this.#on, within, () => {
      const one = runtime.all.get(container);
      if (one === undefined) return good(undefined);
      const usual = images.find(one.image)?.command ?? [];
      return good({
        ...{ name: one.name, image: one.image, ...one.asked, hostname: hostnameOf(one) },
        ...{ network: one.places[0]?.network, address: undefined, remove: one.remove, terminal: true },
        command: JSON.stringify(one.argv) === JSON.stringify(usual) ? [] : one.argv,
        restart: one.restart === "no" ? undefined : one.restart,
        labels: Object.fromEntries(one.labels),
      });
    });
  }

  heldAddresses(network: NetworkId, within: Deadline): Promise<Outcome<readonly HeldAddress[]>> {
    const { machine } = this.#on.link;
    return engineQuestion(this.#on, within, () => {
      const found = machine.find(network);
      if (!found.ok) return good([]);
      if (found.value instanceof Overlay) return good([...found.value.endpoints()].flatMap(heldBy));
      const own = [...machine.containers.values()].flatMap((one) =>
        one.places
          .filter((place) => place.held?.networkId === network)
          .map((place) => ({ name: one.name, address: place.held?.address })),
      );
      return good(own.flatMap(heldBy));
    });
  }

  async registryHas(image: string, within: Deadline): Promise<Outcome<void>> {
    await pass(this.#on.clock, registryMs);
    return engineQuestion(this.#on, within, () => {
      const found = fromRegistry(image);
      return "image" in found ? good(undefined) : refused(404, clean(found.refusal));
    });
  }
}

/** Without one of its own a container is called by the beginning of its id. */
const hostnameOf = ({ asked, id }: DemoContainer): SafeText => clean(asked.hostname ?? id.slice(0, 12));

const heldBy = ({ name, address }: { name: SafeText; address: SafeText | undefined }): HeldAddress[] =>
  address === undefined ? [] : [{ address, holder: text`${name}` }];
