import { type SafeText, text } from "../domain/text.ts";

/** The classic procedure starts node2 on the first host and node1 on the second; further hosts follow in order. */
export const bigComputingName = (index: number): SafeText =>
  index === 0 ? text`node2` : index === 1 ? text`node1` : text`node${index + 1}`;
