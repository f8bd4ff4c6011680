import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import path from "node:path";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Certificates, KeyPair } from "../../ports/certificates.ts";
import { authorityCertificate, newKey, signedCertificate } from "./authority.ts";
import { privateFolder, readPrivate, writePrivate } from "./private-file.ts";

/** A certificate that ends sooner is made anew. */
const renewBeforeMs = 30 * 86_400_000;

/**
 * Keeps an authority for each cluster in BASE/CLUSTER: ca.pem and ca-key.pem, beside them the operator's cert.pem and
 * key.pem, so that the folder can be given to `docker` as DOCKER_CERT_PATH. The keys of servers are not kept.
 */
export function createCertificates(base: string, now: () => number = Date.now): Certificates {
  /** The key comes first and the certificate follows from it: a run that is killed in between leaves nothing to mend. */
  const authorityIn = async (folder: string, cluster: string) => {
    const files = { certificate: path.join(folder, "ca.pem"), key: path.join(folder, "ca-key.pem") };
    const there = { certificate: await readPrivate(files.certificate), key: await readPrivate(files.key) };
    if (there.certificate !== undefined && there.key === undefined) {
      throw new Unusable(files.key, "the key of the authority is gone, and its certificate is still there");
    }
    if (there.key === undefined) await writePrivate(files.key, newKey(), "keep");
    const key = there.key ?? (await readPrivate(files.key)) ?? "";
    if (there.certificate === undefined) {
      const made = await authorityCertificate(`ovl-tui ${cluster}`, key, now());
      await writePrivate(files.certificate, made, "keep");
    }
    const certificate = there.certificate ?? (await readPrivate(files.certificate)) ?? "";
    if (!fits(certificate, key)) throw new Unusable(files.certificate, "it is not of the key in ca-key.pem");
    if (Date.parse(new X509Certificate(certificate).validTo) < now()) {
      throw new Unusable(files.certificate, "the authority has expired");
    }
    return { certificate, key };
  };
  const folderOf = async (cluster: SafeText): Promise<string> => {
    const folder = path.join(base, folderName(cluster));
    await privateFolder(folder);
    return folder;
  };
  return {
    server: (cluster, names) =>
      told(async () => {
        const authority = await authorityIn(await folderOf(cluster), cluster);
        const key = newKey();
        const certificate = await signedCertificate(authority, key, { purpose: "server", names }, now());
        return { authority: authority.certificate, certificate, key };
      }),
    serves: (cluster, there, names) =>
      told(async () => {
        const { certificate: authority } = await authorityIn(await folderOf(cluster), cluster);
        if (there.authority !== authority || !isPem(there)) return false;
        const own = new X509Certificate(there.certificate);
        const isFor = (name: string) => (isIP(name) === 0 ? own.checkHost(name) : own.checkIP(name)) !== undefined;
        return stillGood(there, authority, now()) && names.every(isFor);
      }),
    client: (cluster) =>
      told(async () => {
        const folder = await folderOf(cluster);
        const authority = await authorityIn(folder, cluster);
        const files = { certificate: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
        const there = { certificate: await readPrivate(files.certificate), key: await readPrivate(files.key) };
        if (!stillGood(there, authority.certificate, now())) {
          const key = newKey();
          const made = await signedCertificate(authority, key, { purpose: "client", name: "ovl-tui client" }, now());
          await writePrivate(files.key, key, "replace");
          await writePrivate(files.certificate, made, "replace");
        }
        return { folder };
      }),
  };
}

/** A file that is there and cannot be what it should be. */
class Unusable extends Error {
  readonly file: string;

  constructor(file: string, why: string) {
    super(why);
    this.file = file;
  }
}

/** No name of a cluster leads out of the folder. */
function folderName(cluster: string): string {
  const name = encodeURIComponent(cluster);
  return /^\.*$/.test(name) ? `cluster${name}` : name;
}

function fits(certificate: string, key: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}

/** What stands on a node may be anything. */
function isPem({ certificate, key }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).serialNumber !== "" && createPrivateKey(key).type === "private";
  } catch {
    return false;
  }
}

function stillGood(
  { certificate, key }: { certificate: string | undefined; key: string | undefined },
  authority: string,
  now: number,
): boolean {
  if (certificate === undefined || key === undefined) return false;
  const issuer = new X509Certificate(authority);
  const own = new X509Certificate(certificate);
  return own.verify(issuer.publicKey) && fits(certificate, key) && Date.parse(own.validTo) - renewBeforeMs > now;
}

/** What the disk or a broken file did becomes a trouble of the operator's own machine. */
async function told<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return good(await work());
  } catch (error) {
    // Node and OpenSSL give what the outside did a code; anything else is a defect of ours.
    if (!(error instanceof Unusable) && !(error instanceof Error && "code" in error)) throw error;
    const file = error instanceof Unusable ? error.file : (error as NodeJS.ErrnoException).path;
    // A failed system call names its file; OpenSSL names none for a PEM that it cannot read.
    const where = file === undefined ? text`the certificates of the cluster` : clean(file);
    return bad({
      kind: "misconfigured",
      detail: text`${where}: ${clean(error.message, 200)}`,
      remedy: text`it is on this machine, not on the node: mend it, or move the folder away, and every certificate is made anew`,
    });
  }
}
