import type { Echo } from "../../domain/ping/echo.ts";
import { isAddress } from "../../domain/subnets.ts";
import { pass } from "../calls.ts";
import { interruption, type Program, refused } from "./ground.ts";

/** Options of ping(8) that have a value. */
const withValue = "cisWwIMtpQ";

/** How often the words ask for an answer, and of whom. */
function asked(words: readonly string[]): { count: number; host: string | undefined } {
  let count = Number.POSITIVE_INFINITY;
  let host: string | undefined;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    const option = /^-([A-Za-z])(.*)$/.exec(word);
    if (option === null) {
      host = word;
      continue;
    }
    const [, letter = "", attached = ""] = option;
    if (!withValue.includes(letter)) continue;
    const value = attached === "" ? words[++at] : attached;
    if (letter === "c") count = Number(value);
  }
  return { count, host };
}

/** Asks until it is interrupted, or as often as -c says; what it prints is iputils'. */
export const ping: Program = async (words, ground, io) => {
  const { count, host } = asked(words);
  if (host === undefined) return refused(io, 1, "ping: usage error: Destination address required");
  if (!(count >= 1)) return refused(io, 1, "ping: invalid argument of -c");
  const address = isAddress(host) ? host : ground.resolve(host);
  if (address === undefined) return refused(io, 2, `ping: ${host}: Name or service not known`);
  io.print(`PING ${host} (${address}) 56(84) bytes of data.`);
  const began = ground.clock.now();
  let [sent, heard] = [0, 0];
  while (sent < count && !io.interrupted.aborted) {
    const result = await ground.ping(address);
    if (io.interrupted.aborted) break;
    sent++;
    if (result.state === "ok") heard++;
    for (const line of lines(result, address, sent)) io.print(line);
    if (sent < count) await Promise.race([pass(ground.clock, 1000), interruption(io)]);
  }
  for (const line of summary(host, sent, heard, ground.clock.now() - began)) io.print(line);
  return heard > 0 ? 0 : 1;
};

function lines(result: Echo, address: string, number: number): string[] {
  switch (result.state) {
    case "ok":
      return [`64 bytes from ${address}: icmp_seq=${number} ttl=64 time=${result.averageMs.toFixed(3)} ms`];
    case "unreachable":
      return [`From ${address} icmp_seq=${number} ${result.detail}`];
    default:
      return [];
  }
}

/** What it closes with (iputils ping/ping_common.c, finish). */
function summary(host: string, sent: number, heard: number, ms: number): string[] {
  const lost = sent === 0 ? 0 : Math.round((1 - heard / sent) * 100);
  const counts = `${sent} packets transmitted, ${heard} received, ${lost}% packet loss, time ${ms}ms`;
  return ["", `--- ${host} ping statistics ---`, counts];
}
