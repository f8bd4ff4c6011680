import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { box, innerWidth, keyed, wrapped } from "../dialogs/dialog.ts";
import type { Line, Painter } from "../draw/style.ts";
import { footerLine } from "../keymap/footer.ts";
import { inPlace, type Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import { painted, type View } from "../screen/view.ts";
import { detachKey } from "../terminal/detach-key.ts";
import type { ShellPhase } from "./shell.ts";

/** Everything that the dialog is drawn from. */
export interface ShellScene {
  size: Size;
  place: Place;
  phase: ShellPhase;
  where: SafeText;
  node: NodeName;
}

/** The panes with the dialog over them, and the dialog's own keys in the footer. */
export function shellView(scene: ShellScene, panes: View, paint: Painter): View {
  if (scene.place === "too-small") return panes;
  const { frame, x, y } = box(scene.size, text`Shell in ${scene.where}`, lines(scene));
  const footer = paint(footerLine(inPlace(scene.place), [], scene.size.columns));
  return {
    ...panes,
    bottom: [...panes.bottom.slice(0, -1), footer],
    dialog: { x, y, frame: painted(frame, paint, "kept") },
  };
}

function lines({ size, phase, node }: ShellScene): Line[] {
  const width = innerWidth(size);
  switch (phase.at) {
    case "opening":
      return [
        ...wrapped(text`opening …`, width, "busy"),
        [],
        ...wrapped(text`In it ${detachKey} comes back, whatever runs there.`, width, "muted"),
        keyed("esc", text`give up`),
      ];
    case "offer":
      return [
        ...wrapped(text`Its image has neither bash nor sh.`, width, "strong"),
        [],
        ...wrapped(
          text`A shell of ${node} itself, as root there, can be opened in its network: with the addresses and routes of the container, and the tools and files of the node.`,
          width,
        ),
        [],
        keyed("y", text`open that one`),
        keyed("enter", text`back`),
      ];
    case "failed":
      return [
        ...wrapped(phase.error, width, "bad"),
        [],
        ...wrapped(phase.remedy, width),
        [],
        keyed("enter", text`back`),
      ];
  }
}
