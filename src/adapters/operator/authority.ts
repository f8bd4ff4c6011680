import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** A certificate's key is of the curve that every engine and client can do (FIPS 186-5, P-256). */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

const dayMs = 86_400_000;
const authorityDays = 3650;
/** The longest that clients accept of any server (CA/Browser Forum ballot 193; Apple's support note HT210176). */
export const leafDays = 825;
/** The clocks of nodes differ: a certificate that begins now would be one of the future there. */
const beginsBeforeMs = 3_600_000;

/** Extended key usages (RFC 5280, 4.2.1.12). */
const purposes = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;

/** A private key, PEM (PKCS #8). */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The certificate of an authority with this key, signed by itself. */
export async function authorityCertificate(name: string, key: string, now: number): Promise<string> {
  const x509 = await library();
  const keys = await keysOf(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...period(now, authorityDays),
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

/** A certificate for `key`, signed by the authority: of a server that is reached by `names`, or of a client. */
export async function signedCertificate(
  authority: { certificate: string; key: string },
  key: string,
  of: { purpose: "server"; names: readonly string[] } | { purpose: "client"; name: string },
  now: number,
): Promise<string> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signing = await keysOf(authority.key);
  const { publicKey } = await keysOf(key);
  const subject = of.purpose === "server" ? (of.names[0] ?? "") : of.name;
  const alternative = of.purpose === "server" ? of.names : [];
  const certificate = await x509.X509CertificateGenerator.create({
    ...period(now, leafDays),
    subject: [{ CN: [subject] }],
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    signingKey: signing.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purposes[of.purpose]]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signing.publicKey),
      ...(alternative.length === 0
        ? []
        : [
            new x509.SubjectAlternativeNameExtension(
              alternative.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
            ),
          ]),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

/** Loaded when a certificate is made, which most runs never do. Its parts find each other by metadata on classes. */
async function library() {
  await import("reflect-metadata");
  // A CommonJS module: once bundled, its names are found in its default export alone.
  const { default: x509 } = await import("@peculiar/x509");
  return x509;
}

async function keysOf(pem: string): Promise<CryptoKeyPair> {
  const key = createPrivateKey(pem);
  const { subtle } = webcrypto;
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return {
    privateKey: await subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  };
}

type CryptoKeyPair = { privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey };

/** A serial number is positive and has 20 bytes at most (RFC 5280, 4.1.2.2). */
const period = (now: number, days: number) => ({
  serialNumber: `01${randomBytes(15).toString("hex")}`,
  notBefore: new Date(now - beginsBeforeMs),
  notAfter: new Date(now + days * dayMs),
});
