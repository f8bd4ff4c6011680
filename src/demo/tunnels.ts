import { type Duplex, duplexPair } from "node:stream";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { Tunnels } from "../ports/tunnels.ts";
import type { DemoLink } from "./link.ts";

const page = "<!doctype html><title>demo</title><p>A page of the in-memory cluster: nothing real is behind it.\n";
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`;

/** Connections that begin on a machine: each is answered with one small page. */
export class DemoTunnels implements Tunnels {
  readonly #link: DemoLink;

  constructor(link: DemoLink) {
    this.#link = link;
  }

  open(_host: string, _port: number, _signal: AbortSignal): Promise<Outcome<Duplex>> {
    const trouble = this.#link.trouble();
    if (trouble !== undefined) return Promise.resolve(bad(trouble));
    const [ours, theirs] = duplexPair();
    theirs.once("data", () => theirs.end(answer));
    theirs.on("error", () => theirs.destroy());
    return Promise.resolve(good(ours));
  }
}
