import { explain } from "../../domain/explain.ts";
import type { FileEdit, PlaceCertificates } from "../../domain/plan/change.ts";
import { joined, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { KeyPair } from "../../ports/certificates.ts";
import { callMs, done, type Executing, type Executor, patiently, unchanged, undone } from "./executor.ts";
import { putBack, writeFile } from "./write-files.ts";

/**
 * The key is a secret: it goes from the authority to the node and is kept nowhere else. What is there stays if it still
 * serves, for a new certificate would only need another restart; that others cannot read it is seen to in any case.
 */
export const placeCertificates: Executor<PlaceCertificates> = async ({ folder, names }, on) => {
  const client = await on.certificates.client(on.cluster);
  if (!client.ok) return undone(client.trouble, on.node);
  const there = new Map<string, FileEdit["replaces"]>();
  for (const file of [files.authority, files.key, files.certificate]) {
    const read = await patiently(on, () => on.here.control.files.read(`${folder}/${file}`, { ms: callMs }));
    if (!read.ok) return undone(read.trouble, on.node);
    there.set(file, read.value);
  }
  const pair = await wantedPair(there, names, on);
  if (!pair.ok) return undone(pair.trouble, on.node);
  const written: FileEdit[] = [];
  for (const part of ["authority", "key", "certificate"] as const) {
    const replaces = there.get(files[part]) ?? "absent";
    const path = `${folder}/${files[part]}`;
    const edit: FileEdit = { path, replaces, content: pair.value[part], mode: 0o600, secret: true };
    const outcome = await writeFile(edit, written, on);
    if (outcome.ok && outcome.value !== "changed") continue;
    const { what, remedy } = outcome.ok
      ? { what: text`somebody else writes to the certificates on ${on.node}`, remedy: text`Apply again.` }
      : explain(outcome.trouble, on.node);
    const left = await putBack(written, on);
    if (left.length === 0) return { state: "undone", error: what, remedy };
    return { state: "failed", error: what, remedy, stands: text`new files stand: ${joined(left)}` };
  }
  return written.length === 0 ? unchanged : done;
};

const files = { authority: "ca.pem", key: "server-key.pem", certificate: "server-cert.pem" } as const;

/** What is on the node, or a new one. */
async function wantedPair(
  there: ReadonlyMap<string, FileEdit["replaces"]>,
  names: readonly string[],
  on: Executing,
): Promise<Outcome<KeyPair>> {
  const content = (file: string): string | undefined => {
    const found = there.get(file);
    return found === undefined || found === "absent" ? undefined : found.content;
  };
  const [authority, key, certificate] = [files.authority, files.key, files.certificate].map(content);
  if (authority !== undefined && key !== undefined && certificate !== undefined) {
    const pair = { authority, key, certificate };
    const serves = await on.certificates.serves(on.cluster, pair, names);
    if (!serves.ok) return serves;
    if (serves.value) return good(pair);
  }
  return on.certificates.server(on.cluster, names);
}
