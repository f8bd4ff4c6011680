/** Longest text that terminals take this way (xterm: 100,000 bytes of base64). */
const longest = 74_000;

/**
 * What puts words into the clipboard of the terminal that is looked at, through ssh as well: OSC 52 (xterm, "ctlseqs");
 * tmux and screen hand it on in a wrapping of their own (tmux(1), allow-passthrough and set-clipboard).
 */
export function clipboardSequence(words: string, env: NodeJS.ProcessEnv): string {
  const content = Buffer.from(words).subarray(0, longest).toString("base64");
  const plain = `\u001b]52;c;${content}\u0007`;
  // tmux understands it by itself where set-clipboard is on, and the wrapped one where passthrough is allowed.
  if (env.TMUX !== undefined) return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if (env.TERM?.startsWith("screen")) return `\u001bP${plain}\u001b\\`;
  return plain;
}
