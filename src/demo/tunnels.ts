import { type Duplex, duplexPair } from "node:stream";
import { clean, text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { Tunnels } from "../ports/tunnels.ts";
import { call } from "./calls.ts";
import type { Cluster } from "./cluster.ts";
import type { DemoLink } from "./link.ts";
import { socketsOf } from "./sockets.ts";

const page = "<!doctype html><title>demo</title><p>A page of the in-memory cluster: nothing real is behind it.\n";
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`;

/** A machine that does not answer is given up by the kernel of the other (tcp(7), tcp_syn_retries). */
const silenceMs = 127_000;
const own: readonly string[] = ["127.0.0.1", "localhost"];

/** Connections that begin on a machine, to what listens on one of them: each is answered with one small page. */
export class DemoTunnels implements Tunnels {
  readonly #link: DemoLink;
  readonly #cluster: Cluster;
  readonly #clock: Clock;

  constructor(link: DemoLink, cluster: Cluster, clock: Clock) {
    this.#link = link;
    this.#cluster = cluster;
    this.#clock = clock;
  }

  async open(host: string, port: number, signal: AbortSignal): Promise<Outcome<Duplex>> {
    const { machine, node } = this.#link;
    const asked = await call(this.#link, this.#clock, text`${node}: ${clean(host)}`, { ms: silenceMs, signal }, () => {
      const machines = [...this.#cluster.machines.values()];
      const there = own.includes(host) ? machine : machines.find((one) => one.address === host);
      if (there === undefined || !there.reachable) {
        return bad({ kind: "unreachable", host: clean(host), detail: text`no route to host` });
      }
      const addresses = ["0.0.0.0", "::", host];
      const listens = socketsOf(there).some(
        (one) => one.protocol === "tcp" && one.port === port && addresses.includes(one.address),
      );
      return listens ? good(undefined) : bad({ kind: "connection-refused", host: clean(host), port });
    });
    if (!asked.ok) return asked;
    const [ours, theirs] = duplexPair();
    theirs.once("data", () => theirs.end(answer));
    theirs.on("error", () => theirs.destroy());
    const unlink = this.#link.whileUp(() => theirs.destroy());
    theirs.once("close", unlink);
    return good(ours);
  }
}
