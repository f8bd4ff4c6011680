import type { Listening } from "../../domain/plan/survey.ts";
import { clean, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";
import { contentOf, runSections, type Section } from "./sections.ts";

/** Shell: sends the sockets that listen, by ss(8), or by what the kernel itself tells where there is no ss. */
export const sendListening = `
if sockets=$(ss -Hlntup 2>/dev/null) && [ -n "$sockets" ]; then section sockets; printf '%s\\n' "$sockets"
else
  for table in tcp tcp6 udp udp6; do
    section table "$table"
    cat "/proc/net/$table" 2>/dev/null
  done
fi
`;

/** Sockets that listen now; as root, who may know the processes of others. */
export async function readListening(transport: Transport, within: Deadline): Promise<Outcome<readonly Listening[]>> {
  const script = `${sendListening}\nsection end\n`;
  const ran = await runSections(transport, text`listening sockets`, script, [], within, { root: true });
  return ran.ok ? good(listeningIn(ran.value)) : ran;
}

/** What `sendListening` sent. */
export function listeningIn(sections: readonly Section[]): Listening[] {
  const tables = sections.filter(({ name }) => name === "table");
  return [
    ...fromSs(contentOf(sections, "sockets")),
    ...tables.flatMap(({ title, content }) => fromTable(title, content)),
  ];
}

/** `tcp LISTEN 0 128 [::1]:22 [::]:* users:(("sshd",pid=1,fd=3))`; "*" stands for any address of either family. */
function fromSs(shown: string): Listening[] {
  return shown.split("\n").flatMap((line): Listening[] => {
    const [protocol, , , , local = "", , ...rest] = line.trim().split(/\s+/);
    const at = local.lastIndexOf(":");
    const port = Number(local.slice(at + 1));
    if ((protocol !== "tcp" && protocol !== "udp") || !isPort(port)) return [];
    const address = local
      .slice(0, at)
      .replace(/%[^\]]*/, "")
      .replace(/^\[|\]$/g, "");
    const holder = /\(\("([^"]*)"/.exec(rest.join(" "))?.[1];
    const process = holder === undefined ? undefined : clean(holder, 100);
    return [{ protocol, address: clean(address === "*" ? "::" : address, 100), port, process }];
  });
}

/** States of sockets (linux/include/net/tcp_states.h): a TCP one that listens, and a UDP one without a peer. */
const states = { tcp: "0A", udp: "07" } as const;

/** Lines of /proc/net/{tcp,tcp6,udp,udp6} (proc_net(5)): "0: 0100007F:0035 00000000:0000 0A …". */
function fromTable(name: string, content: string): Listening[] {
  const protocol = name.startsWith("tcp") ? "tcp" : "udp";
  return content.split("\n").flatMap((line): Listening[] => {
    const [, local = "", , state] = line.trim().split(/\s+/);
    const [digits = "", port = ""] = local.split(":");
    if (state !== states[protocol] || !isPort(Number.parseInt(port, 16))) return [];
    const address = addressOf(digits);
    return address === undefined ? [] : [{ protocol, address, port: Number.parseInt(port, 16), process: undefined }];
  });
}

/** The kernel prints an address as words of four bytes in the order of the machine, which is nearly always the little end first. */
function addressOf(digits: string): string | undefined {
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(digits)) return undefined;
  const words = digits.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0));
  // As RFC 5952 writes it: URL knows how.
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname.slice(1, -1);
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;
