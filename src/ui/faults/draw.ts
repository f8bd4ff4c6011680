import { type FaultName, faultNames, faultWords } from "../../domain/faults.ts";
import type { NodeName } from "../../domain/ids.ts";
import { joined, type SafeText, text } from "../../domain/text.ts";
import { box, type Dialog, innerWidth, keyed, wrapped } from "../dialogs/dialog.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";
import type { Size } from "../screen/layout.ts";

/** Everything that the dialog is drawn from. */
export interface FaultsScene {
  size: Size;
  /** Whose faults are switched. */
  node: NodeName | undefined;
  index: number;
  /** The nodes that have the fault. */
  on: (fault: FaultName) => readonly NodeName[];
  /** Why the last one could not be switched. */
  refused: SafeText | undefined;
}

const labelWidth = 26;

/** The dialog in which faults are switched. */
export const faultsDialog = (scene: FaultsScene): Dialog => box(scene.size, text`Faults of the demo`, lines(scene));

function lines({ size, node, index, on, refused }: FaultsScene): Line[] {
  const width = innerWidth(size);
  const name = node ?? text`no node`;
  const rows = faultNames.map((fault, at): Line => {
    const nodes = on(fault);
    const { label, of } = faultWords[fault];
    const here = of === "cluster" ? nodes.length > 0 : nodes.some((one) => one === node);
    const where = of === "cluster" ? (here ? text`the cluster` : text``) : joined(nodes);
    const style: Style = at === index ? "cursor" : here ? "bad" : "plain";
    return fitLine(
      [
        span(text`${here ? text`[on] ` : text`[  ] `}${filled(label, labelWidth)}`, style),
        span(text` ${where}`, "warn"),
      ],
      width,
    );
  });
  const chosen = faultNames[index];
  const words = chosen === undefined ? undefined : faultWords[chosen];
  const here = chosen !== undefined && on(chosen).some((one) => one === node);
  const where = words?.of === "cluster" ? text`the cluster` : name;
  return [
    [span(text`on   `, "muted"), span(text`‹ ${name} ›`, "strong"), span(text`   ← → another node`, "muted")],
    [],
    ...rows,
    [],
    ...wrapped(words?.does ?? text``, width, "muted"),
    ...(refused === undefined ? [] : wrapped(refused, width, "bad")),
    [],
    keyed("enter", here ? text`mend it on ${where}` : text`begin it on ${where}`),
  ];
}
