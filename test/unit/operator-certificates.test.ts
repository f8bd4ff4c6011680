import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCertificates } from "../../src/adapters/operator/certificates.ts";
import { clean, text } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { KeyPair } from "../../src/ports/certificates.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), "ovl-tui-certificates-"));
});
afterEach(() => rmSync(base, { recursive: true }));

const cluster = text`bigcomputing`;
const names = ["node103", "192.168.44.103", "localhost", "127.0.0.1"];
const dayMs = 86_400_000;

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
  return outcome.value;
}

/** A client's files, as `docker` reads them. */
async function client(of = cluster) {
  const { folder } = value(await createCertificates(base).client(of));
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  return { folder, ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

/** What comes of a handshake with a server that wants a certificate of its authority, as dockerd --tlsverify does. */
async function handshake(
  server: KeyPair,
  asking: { ca: string; cert?: string; key?: string },
  host = "localhost",
): Promise<string> {
  const listener = createServer(
    {
      key: server.key,
      cert: server.certificate,
      ca: server.authority,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => socket.end("welcome"),
  );
  listener.on("tlsClientError", () => undefined);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const answer = await new Promise<string>((resolve) => {
    let said = "";
    const socket: TLSSocket = connect({ port, host: "127.0.0.1", servername: host, ...asking });
    socket.on("data", (chunk) => {
      said += chunk;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(`refused: ${error.code}`));
    // A server that does not like the client's certificate may close without a word.
    socket.on("close", () => resolve(said === "" ? "refused" : said));
  });
  listener.close();
  return answer;
}

test("an engine's certificate and a client's of one cluster accept each other, by name and by address", async () => {
  const server = value(await createCertificates(base).server(cluster, names));
  const { ca, cert, key } = await client();
  expect(ca).toBe(server.authority);
  expect(await handshake(server, { ca, cert, key })).toBe("welcome");
  const certificate = new X509Certificate(server.certificate);
  expect(certificate.checkIP("192.168.44.103")).toBe("192.168.44.103");
  expect(certificate.checkHost("node103")).toBe("node103");
  expect(certificate.checkHost("node104")).toBeUndefined();
  expect(await handshake(server, { ca, cert, key }, "node104")).toBe("refused: ERR_TLS_CERT_ALTNAME_INVALID");
});

test("an engine refuses a client without a certificate, of another cluster, and one that shows an engine's", async () => {
  const certificates = createCertificates(base);
  const server = value(await certificates.server(cluster, names));
  const other = await client(text`other`);
  const { ca } = await client();
  expect(await handshake(server, { ca })).toMatch(/^refused/);
  expect(await handshake(server, { ca, cert: other.cert, key: other.key })).toMatch(/^refused/);
  const engine = value(await certificates.server(cluster, ["node104"]));
  expect(await handshake(server, { ca, cert: engine.certificate, key: engine.key })).toMatch(/^refused/);
});

test("a client refuses an engine of another cluster", async () => {
  const stranger = value(await createCertificates(base).server(text`other`, names));
  const { ca, cert, key } = await client();
  expect(await handshake(stranger, { ca, cert, key })).toBe("refused: SELF_SIGNED_CERT_IN_CHAIN");
});

test("an authority is made once and lasts ten years, a server's certificate as long as clients accept one", async () => {
  const now = Date.UTC(2026, 10, 23);
  const certificates = createCertificates(base, () => now);
  const made = await Promise.all([1, 2, 3].map(() => certificates.server(cluster, names)));
  const authorities = new Set(made.map((one) => value(one).authority));
  expect(authorities.size).toBe(1);
  const [authority = ""] = authorities;
  const [ca, server] = [
    new X509Certificate(authority),
    new X509Certificate(value(await certificates.server(cluster, names)).certificate),
  ];
  expect(ca.ca && !server.ca).toBe(true);
  expect(Date.parse(ca.validTo) - now).toBe(3650 * dayMs);
  expect(Date.parse(server.validTo) - now).toBe(825 * dayMs);
  expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(server.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
});

test("what is kept can be read by its owner alone, and a server's key is not kept", async () => {
  value(await createCertificates(base).server(cluster, names));
  const { folder } = await client();
  expect(folder).toBe(path.join(base, "bigcomputing"));
  expect(readdirSync(folder).sort()).toEqual(["ca-key.pem", "ca.pem", "cert.pem", "key.pem"]);
  for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("an engine's certificate serves for its names, with its key, and until a month before its end", async () => {
  const certificates = createCertificates(base);
  const there = value(await certificates.server(cluster, names));
  const serves = async (pair: KeyPair, of: readonly string[] = names, at = createCertificates(base)) =>
    value(await at.serves(cluster, pair, of));
  expect(await serves(there)).toBe(true);
  expect(await serves(there, names.slice(1))).toBe(true);
  expect(await serves(there, [...names, "node104"])).toBe(false);
  expect(await serves(there, [...names, "192.168.44.104"])).toBe(false);
  expect(await serves({ ...there, key: value(await certificates.server(cluster, names)).key })).toBe(false);
  expect(await serves({ ...there, certificate: "nothing of the kind" })).toBe(false);
  expect(await serves(value(await certificates.server(text`other`, names)))).toBe(false);
  expect(
    await serves(
      there,
      names,
      createCertificates(base, () => Date.now() + 800 * dayMs),
    ),
  ).toBe(false);
});

test("a client's certificate stays until a month before its end", async () => {
  const first = await client();
  expect(await client()).toEqual(first);
  value(await createCertificates(base, () => Date.now() + 800 * dayMs).client(cluster));
  expect(readFileSync(path.join(first.folder, "cert.pem"), "utf8")).not.toBe(first.cert);
});

test("a run that was killed after it made a key leaves nothing to mend", async () => {
  const first = await client();
  rmSync(path.join(first.folder, "ca.pem"));
  rmSync(path.join(first.folder, "cert.pem"));
  const server = value(await createCertificates(base).server(cluster, names));
  const { ca, cert, key } = await client();
  expect(await handshake(server, { ca, cert, key })).toBe("welcome");
});

test("an authority that lost its key, or is none, is told with its file; no name of a cluster leads out of the folder", async () => {
  const { folder } = await client();
  writeFileSync(path.join(folder, "ca.pem"), "nonsense");
  expect(await createCertificates(base).client(cluster)).toMatchObject({
    ok: false,
    trouble: { kind: "misconfigured" },
  });
  rmSync(path.join(folder, "ca-key.pem"));
  expect(await createCertificates(base).client(cluster)).toMatchObject({
    ok: false,
    trouble: { detail: expect.stringContaining("ca-key.pem"), remedy: expect.stringContaining("this machine") },
  });
  const inside = path.join(base, "inside");
  value(await createCertificates(inside).client(clean("../../outside")));
  value(await createCertificates(inside).client(text`..`));
  expect(readdirSync(inside)).toHaveLength(2);
  expect(readdirSync(base).sort()).toEqual(["bigcomputing", "inside"]);
});
