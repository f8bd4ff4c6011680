import { type FaultName, faultNames, faultWords } from "../../domain/faults.ts";
import type { Binding } from "./binding.ts";

export type FaultAction = `fault.${FaultName}` | "faults.switch" | "faults.close";

/** The faults of the demo: commands of the palette without a key of their own, and the keys of their dialog. */
export const faultKeys: readonly Binding[] = [
  ...faultNames.map(
    (fault): Binding => ({
      id: `fault.${fault}`,
      keys: [],
      in: ["panes", "detail"],
      label: `fault: ${faultWords[fault].label}`,
      group: "Demo",
      palette: true,
    }),
  ),
  { id: "faults.switch", keys: ["enter", "space"], in: ["faults"], label: "on or off", group: "Demo", footer: 1 },
  { id: "faults.close", keys: ["esc", "q"], in: ["faults"], label: "back", group: "Demo", footer: 2 },
];
