import { explain } from "../../domain/explain.ts";
import type { FileEdit, PlaceCertificates } from "../../domain/plan/change.ts";
import { joined, text } from "../../domain/text.ts";
import { callMs, done, type Executor, patiently, unchanged, undone } from "./executor.ts";
import { putBack, writeFile } from "./write-files.ts";

/** The key is a secret: it goes from the authority to the node and is kept nowhere else. */
export const placeCertificates: Executor<PlaceCertificates> = async ({ folder, names }, on) => {
  const read = (file: string) => patiently(on, () => on.here.control.files.read(`${folder}/${file}`, { ms: callMs }));
  const client = await on.certificates.client(on.cluster);
  if (!client.ok) return undone(client.trouble, on.node);
  const made = await on.certificates.server(on.cluster, names);
  if (!made.ok) return undone(made.trouble, on.node);
  const wanted = [
    ["ca.pem", made.value.authority],
    ["server-key.pem", made.value.key],
    ["server-cert.pem", made.value.certificate],
  ] as const;
  const edits: FileEdit[] = [];
  for (const [file, content] of wanted) {
    const there = await read(file);
    if (!there.ok) return undone(there.trouble, on.node);
    edits.push({ path: `${folder}/${file}`, replaces: there.value, content, mode: 0o600 });
  }
  // A certificate of this very authority does: a new one would only need another restart.
  const [authority] = edits;
  if (edits.every((one) => one.replaces !== "absent") && isSame(authority)) return unchanged;
  const written: FileEdit[] = [];
  for (const edit of edits) {
    const outcome = await writeFile(edit, written, on);
    if (outcome.ok && outcome.value !== "changed") continue;
    const { what, remedy } = outcome.ok
      ? { what: text`somebody else writes to the certificates on ${on.node}`, remedy: text`Apply again.` }
      : explain(outcome.trouble, on.node);
    const left = await putBack(written, on);
    if (left.length === 0) return { state: "undone", error: what, remedy };
    return { state: "failed", error: what, remedy, stands: text`new files stand: ${joined(left)}` };
  }
  return done;
};

const isSame = (edit: FileEdit | undefined): boolean =>
  edit !== undefined && edit.replaces !== "absent" && edit.replaces.content === edit.content;
