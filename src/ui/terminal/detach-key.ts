import { clean, text } from "../../domain/text.ts";

/** What ctrl-\ sends: FS; as a program that asked for more of its keys gets it (xterm, modifyOtherKeys), and kitty's way. */
const sent = ["\u001c", "\u001b[27;5;92~", "\u001b[92;5u", "\u001b[92;5:1u"];

/** The key that comes back from a session, for people. */
export const detachKey = text`ctrl-${clean("\\")}`;

/** What of `input` is for the session, and whether the key that leaves it was pressed after that. */
export function untilDetach(input: string): { forward: string; detached: boolean } {
  const at = Math.min(...sent.map((one) => input.indexOf(one)).filter((index) => index >= 0));
  return Number.isFinite(at) ? { forward: input.slice(0, at), detached: true } : { forward: input, detached: false };
}
