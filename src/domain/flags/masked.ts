import { clean, type SafeText } from "../text.ts";

const secretKey = /(?:token|secret|passw(?:or)?d|passphrase|credential|api-?key|access-?key)/i;
const credentials = /:\/\/[^/@\s]*@/g;

/** A value that may be shown: credentials in URLs, and entries of options whose name says secret (splunk-token=…), are covered. */
export function masked(flag: string, value: string): SafeText {
  const covered = value.replace(credentials, "://***@");
  const equals = covered.indexOf("=");
  if (equals > 0 && secretKey.test(covered.slice(0, equals))) return clean(`${covered.slice(0, equals)}=***`);
  return clean(secretKey.test(flag) ? "***" : covered);
}
