import { text } from "../domain/text.ts";
import { good } from "../domain/trouble.ts";
import type { Certificates } from "../ports/certificates.ts";

const pem = (kind: string, words: string): string =>
  `-----BEGIN ${kind}-----\n${Buffer.from(words).toString("base64")}\n-----END ${kind}-----\n`;

/** Certificates that certify nothing: the demo's engines only look whether the files are there. */
export const demoCertificates: Certificates = {
  server: async (cluster, names) =>
    good({
      authority: pem("CERTIFICATE", `demo authority of ${cluster}`),
      certificate: pem("CERTIFICATE", `demo server ${names.join(" ")}`),
      key: pem("PRIVATE KEY", `demo key ${names.join(" ")}`),
    }),
  serves: async (_cluster, there, names) =>
    good(there.certificate === pem("CERTIFICATE", `demo server ${names.join(" ")}`)),
  client: async () => good({ folder: text`none: the demo writes no certificates` }),
};
