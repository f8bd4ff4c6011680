import type { Spec } from "../spec/spec.ts";
import { hostPort } from "./advertise.ts";
import type { Site } from "./site.ts";

/** What dockerd of one node shall be told; flags by their long name. */
export interface WantedSettings {
  /** cluster-store and cluster-advertise; undefined in swarm mode. */
  store: { url: string; advertise: string } | undefined;
  /** A TCP listener beside those that are there. */
  listener: { host: string; tls: TlsFiles | undefined } | undefined;
}

export interface TlsFiles {
  authority: string;
  certificate: string;
  key: string;
}

/** Folder on a node for what its TCP listener shows and trusts. */
export const certificateFolder = "/etc/docker/ovl-tui";

const tlsFiles: TlsFiles = {
  authority: `${certificateFolder}/ca.pem`,
  certificate: `${certificateFolder}/server-cert.pem`,
  key: `${certificateFolder}/server-key.pem`,
};

/** The port of a TCP listener, as Docker's documentation has it for TLS. */
const listenPort = 2376;

/** The listener that ovl.yaml asks for; the program itself never needs one. */
export function wantedListener({ engine }: Spec, { advertise }: Site): WantedSettings["listener"] {
  switch (engine.listen) {
    case "none":
      return undefined;
    case "tls":
      return { host: `tcp://${hostPort(advertise.address, listenPort)}`, tls: tlsFiles };
    case "insecure":
      return { host: `tcp://0.0.0.0:${listenPort}`, tls: undefined };
  }
}
