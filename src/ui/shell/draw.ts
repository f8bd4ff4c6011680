import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { box, type Dialog, innerWidth, keyed, wrapped } from "../dialogs/dialog.ts";
import type { Line } from "../draw/style.ts";
import type { Size } from "../screen/layout.ts";
import { detachKey } from "../terminal/detach-key.ts";
import type { ShellPhase } from "./shell.ts";

/** Where a shell is opened, for the dialog while it does. */
interface ShellWhere {
  where: SafeText;
  node: NodeName;
}

/** The dialog while a shell opens, and when it does not. */
export const shellDialog = (phase: ShellPhase, { where, node }: ShellWhere, size: Size): Dialog =>
  box(size, text`Shell in ${where}`, lines(phase, node, size));

function lines(phase: ShellPhase, node: NodeName, size: Size): Line[] {
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
