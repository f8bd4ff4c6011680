/** Messages to and from name servers, as far as asking for names' IPv4 addresses takes (RFC 1035, 4.1). */

/** How many questions can be told apart. */
const most = 64 * 64;

/** The two bytes by which the question of that number is known: never a line end, at which a shell would cut a packet. */
const idOf = (number: number): [number, number] => [0x40 + (number >> 6), 0x40 + (number & 63)];

/** Question `number` for the addresses of `name`; undefined when no such name can be asked for. */
export function nameQuery(name: string, number: number): Uint8Array | undefined {
  if (number >= most || !isName(name)) return undefined;
  const spelled = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label, "ascii")]);
  // Flags: recursion desired. One question; type A, class IN.
  return Uint8Array.from([...idOf(number), 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, ...spelled, 0, 0, 1, 0, 1]);
}

/** Whether it can be asked for: labels of letters, digits, dashes and underscores; no option of a command begins so. */
export const isName = (name: string): boolean =>
  name.length <= 253 && name.split(".").every((one) => /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/.test(one));

/** What a name server said of one name: addresses in the order of the answer. */
export type NameAnswer = readonly string[] | "not found" | "refused";

/** The answers in `bytes`, one message after the other as they came, by the number of the question. What makes no sense ends it. */
export function parseNameAnswers(bytes: Uint8Array): ReadonlyMap<number, NameAnswer> {
  const answers = new Map<number, NameAnswer>();
  let rest = bytes;
  while (rest.length >= 12) {
    const message = parseMessage(rest);
    if (message === undefined) break;
    if (message.number !== undefined) answers.set(message.number, message.answer);
    rest = rest.subarray(message.end);
  }
  return answers;
}

function parseMessage(
  message: Uint8Array,
): { number: number | undefined; answer: NameAnswer; end: number } | undefined {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  try {
    const [high, low] = [view.getUint8(0) - 0x40, view.getUint8(1) - 0x40];
    const flags = view.getUint16(2);
    if ((flags & 0x8000) === 0) return undefined;
    const number = high >= 0 && high < 64 && low >= 0 && low < 64 ? high * 64 + low : undefined;
    let at = 12;
    for (let left = view.getUint16(4); left > 0; left--) at = afterName(view, at) + 4;
    const addresses: string[] = [];
    // Answers, then authorities and additional records, which only have to be passed over.
    const [answers, others] = [view.getUint16(6), view.getUint16(8) + view.getUint16(10)];
    for (let record = 0; record < answers + others; record++) {
      at = afterName(view, at);
      const [type, length] = [view.getUint16(at), view.getUint16(at + 8)];
      if (record < answers && type === 1 && length === 4) {
        addresses.push([10, 11, 12, 13].map((byte) => view.getUint8(at + byte)).join("."));
      }
      at += 10 + length;
    }
    const code = flags & 0x000f;
    const answer = code !== 0 && code !== 3 ? "refused" : addresses.length === 0 ? "not found" : addresses;
    return { number, answer, end: at };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Where a name ends: at a label of no length, or after a pointer to another place (4.1.4). */
function afterName(view: DataView, start: number): number {
  let at = start;
  for (;;) {
    const length = view.getUint8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
}
