import { clockDifference } from "../../findings/clock-difference.ts";
import type { Preflight } from "./ahead.ts";

/** Clocks that are not together: leases and certificates go wrong by it, nothing of the set-up itself does. */
export const clocksApart: Preflight = ({ seen }) =>
  clockDifference
    // It measures by what was seen alone, so any time will do.
    .find(seen, 0)
    .filter(({ severity }) => severity !== "info")
    .map((found) => ({ id: clockDifference.id, ...found, severity: "warning" }));
