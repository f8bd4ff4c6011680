import { text } from "../domain/text.ts";
import { containerRows } from "../domain/views/containers.ts";
import { placeWords, prepareShell, type ReadyShell, type ShellPlace } from "../services/shell/open-shell.ts";
import type { Opening, ShellTarget } from "../ui/opening.ts";
import { ShellStage } from "../ui/shell/shell.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageTools } from "../ui/start.ts";
import { detachKey } from "../ui/terminal/detach-key.ts";
import { type HandedBack, handOver } from "../ui/terminal/hand-over.ts";
import type { StageParts } from "./stages.ts";

/** A shell in a container, by its id, or on a node. */
export function shellStage({ in: target }: Extract<Opening, { stage: "shell" }>, parts: StageParts): Stage {
  const { tools, world, watch, readOnly, audit, demo, panes, back, tell } = parts;
  const place = placeOf(target, parts);
  if (place === undefined) {
    // It went between the key and here.
    tell(text`the container is there no more`, "warn");
    return panes;
  }
  const context = { access: watch.access, readOnly, audit, clock: world.clock };
  const network: ShellPlace | undefined = place.at === "container" ? { ...place, at: "network" } : undefined;
  const services = {
    ...{ panes, tell, close: back, node: place.node, where: placeWords(place) },
    prepare: (signal: AbortSignal) => prepareShell(place, undefined, context, signal),
    prepareInNetwork:
      network === undefined ? undefined : (signal: AbortSignal) => prepareShell(network, undefined, context, signal),
    handOver: (shell: ReadyShell) => lent(shell, demo, tools),
  };
  return new ShellStage(services, tools.paint, tools.size, tools.onTerminal);
}

function placeOf(target: ShellTarget, { watch }: StageParts): ShellPlace | undefined {
  if (target.at === "node") return target;
  const row = containerRows(watch.state.get()).find((one) => one.key === target.container);
  if (row === undefined) return undefined;
  const { node, id, name } = row.container;
  return { at: "container", node, container: id, name };
}

/** The session on this terminal, while the screen has let go of it. */
async function lent(shell: ReadyShell, demo: boolean, { lend }: StageTools): Promise<HandedBack | undefined> {
  let back: HandedBack | undefined;
  const { stdin: input, stdout: output } = process;
  const sign = demo ? text`DEMO  ` : text``;
  const greeting = text`${sign}shell in ${shell.where}; ${detachKey} comes back`;
  await lend(async () => {
    back = await handOver(shell, greeting, { input, output });
  });
  return back;
}
