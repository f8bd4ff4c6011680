import { clean, type SafeText, text } from "../text.ts";

/** What came of pinging one address with packets of one size. */
export type Echo =
  | { state: "ok"; lossPercent: number; minMs: number; averageMs: number; maxMs: number }
  /** Packets were sent and none came back. */
  | { state: "no answer" }
  /** A machine on the way says so: nobody has that address, or a firewall forbids it. */
  | { state: "unreachable"; detail: SafeText }
  /** The sender itself has no way there. */
  | { state: "no route"; detail: SafeText }
  /** Sent with DF, and a link on the way takes no more than `mtu` bytes. */
  | { state: "too big"; mtu: number | undefined }
  | { state: "not tried"; why: SafeText };

/**
 * What ping(8) of iputils or busybox printed, in one result: "3 packets transmitted, 2 received, 33% packet loss",
 * "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms", "round-trip min/avg/max = 0.1/0.2/0.3 ms".
 */
export function parsePing(printed: string): Echo {
  const counts = /^(\d+) packets transmitted, (\d+) (?:packets )?received/m.exec(printed);
  const times = /^(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/m.exec(printed);
  const [sent, received] = [Number(counts?.[1] ?? 0), Number(counts?.[2] ?? 0)];
  if (received > 0 && received <= sent && times !== null) {
    const [, min = "", average = "", max = ""] = times;
    const lossPercent = Math.round(((sent - received) / sent) * 100);
    return { state: "ok", lossPercent, minMs: Number(min), averageMs: Number(average), maxMs: Number(max) };
  }
  const why = refusal(printed);
  if (why !== undefined) return why;
  if (counts !== null) return { state: "no answer" };
  return { state: "not tried", why: whyNot(printed) };
}

/** Why ping did not run, by its last words or those of whoever should have run it (nsenter(1), runc, a shell). */
function whyNot(printed: string): SafeText {
  const said = (printed.split("\n").findLast((line) => line.trim() !== "") ?? "").trim();
  if (said === "") return text`ping printed nothing`;
  if (/exec.*ping.*(?:not found|no such file)|ping: (?:command )?not found/is.test(printed)) {
    return text`ping is on neither the node nor in the image`;
  }
  return clean(said, 200);
}

/** What a kernel means that refuses a neighbour more (arp(7)): all containers of a machine share one table. */
const fullTable = text`no buffer space: the node's table of neighbours is full, raise net.ipv4.neigh.default.gc_thresh3`;

/** The words of strerror(3) for what the sender's kernel said, and of iputils for ICMP messages of others. */
function refusal(printed: string): Echo | undefined {
  const tooBig = /(?:message too long|frag needed)[^\n]*?(?:mtu\s*[=:]\s*(\d+))?\)?$/im.exec(printed);
  if (tooBig !== null) return { state: "too big", mtu: tooBig[1] === undefined ? undefined : Number(tooBig[1]) };
  const own = /^(?:ping: )?(?:connect|sendto|sendmsg): (.*)$/m.exec(printed)?.[1];
  if (own !== undefined && /network (?:is )?unreachable/i.test(own)) {
    return { state: "no route", detail: clean(own, 120) };
  }
  if (own !== undefined && /no buffer space/i.test(own)) return { state: "unreachable", detail: fullTable };
  if (own !== undefined) return { state: "unreachable", detail: clean(own, 120) };
  const other = /^From (\S+?):? (?:icmp_seq=\d+ )?(.*(?:unreachable|prohibited|filtered).*)$/im.exec(printed);
  if (other === null) return undefined;
  const [, by = "", what = ""] = other;
  return { state: "unreachable", detail: text`${clean(what, 120)} (says ${clean(by, 64)})` };
}

/** What an answer tells of packets of that size, in a few words. */
export function echoWords(echo: Echo): SafeText {
  switch (echo.state) {
    case "ok": {
      const loss = echo.lossPercent === 0 ? text`` : text`, ${echo.lossPercent} % lost`;
      return text`${clean(echo.averageMs.toFixed(2))} ms${loss}`;
    }
    case "no answer":
      return text`no answer`;
    case "unreachable":
      return text`unreachable: ${echo.detail}`;
    case "no route":
      return text`no route: ${echo.detail}`;
    case "too big":
      return echo.mtu === undefined
        ? text`too big for a link on the way`
        : text`a link on the way takes ${echo.mtu} bytes`;
    case "not tried":
      return text`not tried, ${echo.why}`;
  }
}
