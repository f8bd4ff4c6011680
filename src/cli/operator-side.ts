import { createCertificates } from "../adapters/operator/certificates.ts";
import { dataFolder } from "../adapters/operator/folders.ts";
import { createJournal, journalPath } from "../adapters/operator/journal.ts";
import type { Certificates } from "../ports/certificates.ts";
import type { Journal } from "../ports/journal.ts";

/** What the program keeps and reads on the operator's own machine, the cluster's file aside. */
export interface OperatorSide {
  /** `failed` hears of lines that could not be written. */
  journal(failed: (error: Error) => void): Journal;
  certificates: Certificates;
  /** Hosts that the operator's ssh knows by name. */
  hosts(): Promise<readonly string[]>;
}

/** The journal in the state folder, certificates in the data folder, hosts from ~/.ssh. */
export const operatorSide = (): OperatorSide => ({
  journal: (failed) => createJournal(journalPath(), failed),
  certificates: createCertificates(dataFolder()),
  hosts: async () => (await import("./set-up.ts")).knownHosts(),
});
