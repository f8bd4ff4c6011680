import { clean, type SafeText, text } from "./text.ts";

/** What is wrong with a name for a container or network (moby daemon/names/names.go RestrictedNamePattern); undefined when nothing is. */
export const nameProblem = (name: string): SafeText | undefined =>
  /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name)
    ? undefined
    : text`${clean(JSON.stringify(name))}: letters, digits, dot, dash or underscore, 63 at most`;
