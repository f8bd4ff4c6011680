import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";

/** A certificate with its key, PEM. The key is a secret. */
export interface KeyPair {
  authority: string;
  certificate: string;
  key: string;
}

/** The cluster's own certificate authority, kept on the operator's machine (0600). Made when first asked for. */
export interface Certificates {
  /** For the engine that clients reach by `names` (host names and addresses). */
  server(cluster: SafeText, names: readonly string[]): Promise<Outcome<KeyPair>>;
  /** Whether what a node has is of this authority, for all of these names, belongs together, and is valid for a month at least. */
  serves(cluster: SafeText, there: KeyPair, names: readonly string[]): Promise<Outcome<boolean>>;
  /** For the operator's own clients; the files' folder, to be given to `docker --tlsverify`. */
  client(cluster: SafeText): Promise<Outcome<{ folder: string }>>;
}
