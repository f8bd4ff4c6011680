/** A version of HTCondor: 23.9.6. */
export interface CondorVersion {
  major: number;
  minor: number;
  patch: number;
}

/** What `condor_version` begins with: "$CondorVersion: 23.9.6 2026-07-12 …"; undefined of anything else. */
export function parseVersion(printed: string): CondorVersion | undefined {
  const found = /\$CondorVersion:\s+(\d+)\.(\d+)\.(\d+)\s/.exec(printed);
  if (found === null) return undefined;
  const [, major, minor, patch] = found.map(Number);
  return major === undefined || minor === undefined || patch === undefined ? undefined : { major, minor, patch };
}

/**
 * Whether daemons prove themselves by tokens that they sign with the pool's key, and authentication is required unless the
 * configuration says otherwise (HTCondor manual, "Upgrading from the 8.8 series to the 9.0 series"). Older ones know the
 * pool password only.
 */
export const hasTokens = ({ major }: CondorVersion): boolean => major >= 9;
