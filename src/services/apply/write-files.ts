import { createHash } from "node:crypto";
import type { FileEdit, Sha256 } from "../../domain/plan/change.ts";
import { clean, type SafeText } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { callMs, type Executing, isUnknown, patiently } from "./executor.ts";

export type Written = "written" | "unchanged" | "changed";

/**
 * Makes a file what the edit says. An edit may be sent again: what the first try had written before the connection broke
 * is "written" as well. When that stays unknown it counts as written, for it may have to be put back.
 */
export async function writeFile(edit: FileEdit, written: FileEdit[], on: Executing): Promise<Outcome<Written>> {
  let mayBeOurs = false;
  const outcome = await patiently(on, async () => {
    const one = await on.here.control.files.write(edit, { ms: callMs });
    if (!one.ok && isUnknown(one.trouble)) mayBeOurs = true;
    return one;
  });
  const result = outcome.ok && outcome.value.result === "unchanged" && mayBeOurs ? "written" : undefined;
  if ((outcome.ok && outcome.value.result === "written") || result === "written" || (!outcome.ok && mayBeOurs)) {
    written.push(edit);
  }
  return outcome.ok ? good(result ?? outcome.value.result) : outcome;
}

/** Puts the files back, the newest first: those that could not be, because the node is away or somebody else has changed them since. */
export async function putBack(written: readonly FileEdit[], on: Executing): Promise<SafeText[]> {
  const left: SafeText[] = [];
  for (const { path, replaces, content, mode } of written.toReversed()) {
    const back: FileEdit = {
      ...{ path, mode },
      replaces: content === "removed" ? "absent" : { sha256: sha256(content), content },
      content: replaces === "absent" ? "removed" : replaces.content,
    };
    const outcome = await patiently(on, () => on.here.control.files.write(back, { ms: callMs }));
    if (!outcome.ok || outcome.value.result === "changed") left.push(clean(path));
  }
  return left;
}

/** Of a file with this content, as a journal has it. */
export const sha256 = (content: string): Sha256 => createHash("sha256").update(content).digest("hex") as Sha256;
