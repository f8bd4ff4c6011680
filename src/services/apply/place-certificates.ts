import type { PlaceCertificates } from "../../domain/plan/change.ts";
import { clean, text } from "../../domain/text.ts";
import { callMs, done, type Executor, failed, unchanged, undone } from "./executor.ts";

export const placeCertificates: Executor<PlaceCertificates> = async ({ folder, names }, on) => {
  const { files } = on.here.control;
  const path = (file: string) => `${folder}/${file}`;
  const before = await files.read(path("server-cert.pem"), { ms: callMs });
  if (!before.ok) return undone(before.trouble, on.node);
  const authority = await files.read(path("ca.pem"), { ms: callMs });
  if (!authority.ok) return undone(authority.trouble, on.node);
  const made = await on.certificates.server(on.cluster, names);
  if (!made.ok) return undone(made.trouble, on.node);
  // A certificate of this very authority does: a new one would only need another restart.
  if (before.value !== "absent" && authority.value !== "absent" && authority.value.content === made.value.authority) {
    return unchanged;
  }
  const contents = [
    ["ca.pem", made.value.authority],
    ["server-key.pem", made.value.key],
    ["server-cert.pem", made.value.certificate],
  ] as const;
  for (const [file, content] of contents) {
    const there = await files.read(path(file), { ms: callMs });
    if (!there.ok) return failed(there.trouble, on.node, text`some certificates are in ${clean(folder)}`);
    const written = await files.write(
      { path: path(file), replaces: there.value, content, mode: 0o600 },
      { ms: callMs },
    );
    if (!written.ok) return failed(written.trouble, on.node, text`some certificates are in ${clean(folder)}`);
  }
  const client = await on.certificates.client(on.cluster);
  return client.ok ? done : undone(client.trouble, on.node);
};
