import type { ContainerId } from "../../domain/ids.ts";
import { fullImageName } from "../../domain/plan/image-names.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { ContainerChanges } from "../../ports/engine-control.ts";
import type { DemoContainer } from "../containers.ts";
import { refused } from "../refusal.ts";
import { endsAt, stopSignalOf } from "../signals.ts";
import { attached, type ControlGround, engineChange, engineQuestion } from "./change.ts";

const createMs = 120;
const startMs = 350;
/** How long a program takes to end that heeds the signal to. */
const stopMs = 400;
const removeMs = 80;
const quickMs = 40;

/** Containers, as `docker create`, `start`, … change them; refusals in the words of moby's daemon folder. */
export function containerChanges(on: ControlGround): ContainerChanges {
  const { clock, link } = on;
  const { machine } = link;
  const { runtime } = machine;
  /** Does it to the container, if there is one. */
  const to = (
    id: ContainerId,
    takes: number,
    within: Deadline,
    work: (container: DemoContainer) => Outcome<void> | Promise<Outcome<void>> | undefined,
  ): Promise<Outcome<void>> =>
    engineChange(on, within, takes, () => {
      const container = runtime.all.get(id);
      if (container === undefined) return refused(404, text`No such container: ${id}`);
      return work(container) ?? good(undefined);
    });
  /** How its process ends when it is to stop: by itself, or killed when the time is over. */
  const end = (id: ContainerId, seconds: number): { afterMs: number; code: number } => {
    const container = runtime.all.get(id);
    if (container?.run.state !== "running") return { afterMs: quickMs, code: 0 };
    const code = endsAt(container, stopSignalOf(container));
    return code === undefined ? { afterMs: seconds * 1000, code: 137 } : { afterMs: stopMs, code };
  };
  const notRunning = ({ id }: DemoContainer) => refused(409, text`Container ${id} is not running`);
  return {
    createContainer: (definition, within) =>
      engineChange(on, within, createMs, () => {
        const image = machine.images.find(definition.image);
        if (image === undefined) {
          const familiar = fullImageName(definition.image).replace(/^docker\.io\/(library\/)?/, "");
          return refused(404, text`No such image: ${clean(familiar)}`);
        }
        if (machine.hindrances.has("full-disk")) {
          return refused(500, text`mkdir /var/lib/docker/overlay2: no space left on device`);
        }
        const argv = definition.command.length > 0 ? definition.command : image.command;
        const created = runtime.create(definition, argv);
        return created.ok ? good(created.value.id) : created;
      }),
    startContainer: (id, within) =>
      to(id, startMs, within, (container) => {
        const { run } = container;
        if (run.state !== "running") return attached(clock, runtime.start(container));
        return run.paused ? refused(409, text`cannot start a paused container, try unpause instead`) : undefined;
      }),
    stopContainer: (id, seconds, within) => {
      const { afterMs, code } = end(id, seconds);
      return to(id, afterMs, within, (container) => {
        runtime.stop(container, code);
        return undefined;
      });
    },
    restartContainer: (id, seconds, within) => {
      const { afterMs, code } = end(id, seconds);
      return to(id, afterMs + startMs, within, (container) => {
        if (container.remove && container.run.state === "running") runtime.kill(container, code);
        else runtime.stop(container, code);
        return runtime.all.has(id) ? attached(clock, runtime.start(container)) : undefined;
      });
    },
    pauseContainer: (id, within) =>
      to(id, quickMs, within, (container) => {
        if (container.run.state !== "running") return notRunning(container);
        if (container.run.paused) return refused(409, text`Container ${id} is already paused`);
        runtime.setPaused(container, true);
        return undefined;
      }),
    unpauseContainer: (id, within) =>
      to(id, quickMs, within, (container) => {
        if (container.run.state !== "running" || !container.run.paused) {
          return refused(500, text`Container ${id} is not paused`);
        }
        runtime.setPaused(container, false);
        return undefined;
      }),
    killContainer: (id, signal, within) =>
      to(id, quickMs, within, (container) => {
        if (container.run.state !== "running") {
          return refused(409, text`Cannot kill container: ${id}: Container ${id} is not running`);
        }
        const code = endsAt(container, signal);
        if (code !== undefined) runtime.kill(container, code);
        return undefined;
      }),
    renameContainer: (id, name, within) => to(id, quickMs, within, (container) => runtime.rename(container, name)),
    removeContainer: (id, { force }, within) =>
      engineChange(on, within, removeMs, () => {
        const container = runtime.all.get(id);
        if (container === undefined) return good(undefined);
        if (container.run.state === "running" && !force) {
          return refused(
            409,
            text`You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`,
          );
        }
        runtime.remove(container);
        return good(undefined);
      }),
    lastWords: (id, lines, within) =>
      engineQuestion(on, within, () => {
        const all = runtime.all.get(id)?.log.lines(clock.now()) ?? [];
        return good(all.slice(Math.max(0, all.length - lines)).map(({ words }) => words));
      }),
  };
}
