import { clean, type SafeText } from "../text.ts";

const secretKey = /(?:token|secret|passw(?:or)?d|passphrase|credential|api-?key|access-?key)/i;
const credentials = /:\/\/[^/@\s]*@/g;

/** Whether a thing of that name (a variable, an option) is one that nobody should read. */
export const isSecretName = (name: string): boolean => secretKey.test(name);

/** A value that may be shown: credentials in URLs, and entries of options whose name says secret (splunk-token=…), are covered. */
export function masked(flag: string, value: string): SafeText {
  const covered = value.replace(credentials, "://***@");
  const equals = covered.indexOf("=");
  if (equals > 0 && secretKey.test(covered.slice(0, equals))) return clean(`${covered.slice(0, equals)}=***`);
  return clean(secretKey.test(flag) ? "***" : covered);
}

/** The same for a line of a file: JSON members and NAME=VALUE words whose name says secret, and credentials in URLs. */
export function maskedLine(line: string): string {
  return line
    .replace(credentials, "://***@")
    .replace(/"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*"/g, (whole, name: string, colon: string) =>
      secretKey.test(name) ? `"${name}"${colon}"***"` : whole,
    )
    .replace(/([\w.-]+)=("[^"]*"|'[^']*'|[^\s"',]+)/g, (whole, name: string) =>
      secretKey.test(name) ? `${name}=***` : whole,
    );
}
