import type { Finding } from "../domain/finding.ts";

/** A finding on lines of its own: what is wrong, what was seen of it, what to do. */
export const findingText = ({ severity, title, evidence, remedy }: Finding): string =>
  [`${severity}: ${title}`, ...evidence.map((line) => `  ${line}`), `  ${remedy}`].join("\n");
