import type { Finding } from "../domain/finding.ts";

/** A finding as documents have it. Scripts rely on these names. */
export const findingDocument = ({ id, severity, title, node, evidence, remedy }: Finding) => ({
  ...{ id, severity, title, evidence, remedy },
  node: node ?? null,
});
