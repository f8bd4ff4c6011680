import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { ServiceManager } from "../../ports/service-manager.ts";
import { engineStopped } from "../engine.ts";
import { asRoot, type ControlGround, change, rootQuestion } from "./change.ts";

/** From SIGHUP to its being sent, and what an engine takes to stop and to come up, ms. */
const reloadMs = 50;
const restartMs = 2500;

/** systemd of one machine, as far as dockerd goes. */
export class DemoServices implements ServiceManager {
  readonly #on: ControlGround;

  constructor(on: ControlGround) {
    this.#on = on;
  }

  reloadEngine(within: Deadline): Promise<Outcome<void>> {
    const { machine } = this.#on.link;
    return asRoot(this.#on, () =>
      change(this.#on, text`a reload of the engine`, within, reloadMs, () => {
        if (machine.engine === undefined) return bad(engineStopped(machine));
        machine.reloadEngine();
        return good(undefined);
      }),
    );
  }

  restartEngine(within: Deadline): Promise<Outcome<void>> {
    const { machine } = this.#on.link;
    return asRoot(this.#on, () =>
      change(this.#on, text`a restart of the engine`, within, restartMs, () => {
        machine.stopEngine();
        machine.startEngine();
        if (machine.engine !== undefined) return good(undefined);
        return bad({ kind: "docker-stopped", detail: text`failed (exit-code): ${machine.failure ?? text`no words`}` });
      }),
    );
  }

  engineLog(since: number, lines: number, within: Deadline): Promise<Outcome<readonly string[]>> {
    const { machine } = this.#on.link;
    return rootQuestion(this.#on, text`the engine's log`, within, () =>
      good(machine.log.since(since, lines).map((line) => clean(line, 10_000))),
    );
  }
}
