import { asContainerId, type ContainerId } from "../../domain/ids.ts";
import { type Echo, parsePing } from "../../domain/ping/echo.ts";
import type { FullSize, Naming, Opening } from "../../domain/ping/matrix.ts";
import type { Life } from "../../domain/ping/place.ts";
import { clean, cleanLines, type SafeText, text } from "../../domain/text.ts";
import type { NodeTold, WayAsked, WayTold } from "../../ports/probes.ts";
import { contentOf, type Section } from "../host/sections.ts";
import { type NameAnswer, parseNameAnswers } from "./name-query.ts";

/** The numbers by which the script knows a way. */
export interface WayPlace {
  container: number;
  target: number;
}

/** What the script of the pings printed, taken apart. */
export class ProbeAnswers {
  readonly #printed: ReadonlyMap<string, string>;
  readonly #before: ReadonlyMap<string, State>;
  readonly #after: ReadonlyMap<string, State>;
  readonly #complaint: SafeText;
  readonly #names = new Map<number, AnsweredNames>();
  readonly #silent = new Map<string, ReadonlySet<string>>();

  constructor(sections: readonly Section[]) {
    this.#printed = new Map(sections.map(({ name, title, content }) => [`${name} ${title}`, content]));
    this.#before = statesIn(contentOf(sections, "before"));
    this.#after = statesIn(contentOf(sections, "after"));
    this.#complaint = clean(contentOf(sections, "engine").split("\n")[0] ?? "", 200);
  }

  /** What was told of a way; `place` is undefined for one that was not sent. */
  way(asked: WayAsked, place: WayPlace | undefined, port: number | undefined): WayTold {
    const life = this.#lifeOf(asked.container);
    if (place === undefined) return untold(life, text`${clean(asked.address)} is no address`, port);
    const title = `${place.container}.${place.target}`;
    if (!this.#printed.has(`small ${title}`)) {
      const ended = text`the container does not run any more`;
      return untold(life, life === "stopped" && this.#complaint === "" ? ended : this.#complaint, port);
    }
    return {
      life,
      small: this.#small(title, String(place.container), asked.address),
      full: this.#full(title),
      name: this.#name(place, title, asked),
      port: port === undefined ? undefined : this.#port(title),
      printed: this.#lines(title),
    };
  }

  /** What was told of the node that was asked for at that place of the list. */
  node(at: number, address: string): NodeTold {
    const title = `node.n${at}`;
    return { small: this.#small(title, "node", address), full: this.#full(title), printed: this.#lines(title) };
  }

  /** Silence has a reason where the sender's own machine found nobody to send to. */
  #small(title: string, from: string, address: string): Echo {
    const told = parsePing(this.#printed.get(`small ${title}`) ?? "");
    if (told.state !== "no answer") return told;
    const silent = this.#silent.get(from) ?? silentNeighbours(this.#printed.get(`neighbours ${from}`) ?? "");
    this.#silent.set(from, silent);
    if (!silent.has(address)) return told;
    return { state: "unreachable", detail: text`nobody answers for that address (ARP)` };
  }

  #full(title: string): FullSize {
    const size = this.#printed.get(`size ${title}`)?.trim();
    const printed = this.#printed.get(`full ${title}`);
    if (size === undefined || printed === undefined) {
      return { bytes: undefined, echo: { state: "not tried", why: text`it takes ip(8) and the ping of iputils` } };
    }
    return { bytes: Number(size), echo: parsePing(printed) };
  }

  #name({ container, target }: WayPlace, title: string, asked: WayAsked): Naming {
    if (asked.name === undefined) return { state: "not tried", why: text`names are not known between nodes there` };
    const found = this.#printed.get(`found ${title}`);
    if (found !== undefined) return foundBy(found, asked.address);
    const names = this.#names.get(container) ?? answeredNames(this.#printed.get(`names ${container}`));
    this.#names.set(container, names);
    const { server, answers } = names;
    if (server === undefined) return { state: "not tried", why: text`it takes nsenter, ping and bash on the node` };
    const answer = answers.get(target);
    if (answer === undefined) return { state: "no answer", server };
    if (answer === "not found" || answer === "refused") return { state: "not found" };
    if (answer.includes(asked.address)) return { state: "right" };
    return { state: "elsewhere", addresses: answer.map((one) => clean(one)) };
  }

  #port(title: string): Opening {
    const said = this.#printed.get(`port ${title}`)?.trim() ?? "";
    const code = /^(\d+)/.exec(said)?.[1];
    if (code === "0") return { state: "open" };
    if (/refused/i.test(said)) return { state: "closed" };
    if (code === "124" || /timed out|unreachable|route/i.test(said)) return { state: "no answer" };
    return { state: "not tried", why: text`it takes nsenter, ping and bash on the node` };
  }

  #lines(title: string): SafeText[] {
    const [small, full] = ["small", "full"].map((name) => this.#printed.get(`${name} ${title}`)?.trim() ?? "");
    return [...cleanLines(small ?? "", 20), ...(full === "" ? [] : cleanLines(full ?? "", 20))];
  }

  /** Only a container whose first process is the one that was entered was pinged from. */
  #lifeOf(id: ContainerId): Life {
    const [before, after] = [this.#before.get(id), this.#after.get(id)];
    if (before === undefined || after === undefined || before.pid !== after.pid) return "stopped";
    return after.life;
  }
}

function untold(life: Life, why: SafeText, port: number | undefined): WayTold {
  const not = { state: "not tried", why } as const;
  const full = { bytes: undefined, echo: not };
  return { life, small: not, full, name: not, port: port === undefined ? undefined : not, printed: [] };
}

interface State {
  life: Life;
  pid: string;
}

/** Lines "ID STATUS PID …"; a line that is none of these is the engine's chatter. */
function statesIn(content: string): Map<string, State> {
  const states = new Map<string, State>();
  for (const line of content.split("\n")) {
    const [id = "", status = "", pid = ""] = line.split(" ");
    if (asContainerId(id) === undefined) continue;
    const isUp = status === "running" || status === "paused";
    states.set(id, { life: isUp ? status : "stopped", pid });
  }
  return states;
}

interface AnsweredNames {
  /** Undefined when nobody was asked. */
  server: SafeText | undefined;
  answers: ReadonlyMap<number, NameAnswer>;
}

/** Bytes in hexadecimal (od(1)), then "asked SERVER". */
function answeredNames(printed: string | undefined): AnsweredNames {
  const lines = printed?.trim().split("\n") ?? [];
  const server = /^asked (\S+)$/.exec(lines.pop() ?? "")?.[1];
  if (server === undefined) return { server: undefined, answers: new Map() };
  const bytes = lines.flatMap((line) => line.split(/\s+/)).filter((one) => /^[0-9a-f]{2}$/.test(one));
  const message = Uint8Array.from(bytes, (one) => Number.parseInt(one, 16));
  return { server: clean(server), answers: parseNameAnswers(message) };
}

/** "CODE ADDRESS NAME …" of the image's own getent(1): 0 found, 2 not found; anything else means there is none. */
function foundBy(said: string, address: string): Naming {
  const [code, ...found] = said.trim().split(/\s+/);
  if (code === "0" && found.includes(address)) return { state: "right" };
  if (code === "0") return { state: "elsewhere", addresses: found.slice(0, 1).map((one) => clean(one)) };
  if (code === "2") return { state: "not found" };
  return { state: "not tried", why: text`it takes bash and nsenter on the node, or getent in the image` };
}

/** Addresses that nobody answered for: "10.10.10.9 dev eth0 FAILED" (ip-neighbour(8)). */
function silentNeighbours(printed: string): ReadonlySet<string> {
  const lines = printed.split("\n").filter((line) => /\b(?:FAILED|INCOMPLETE)\b/.test(line));
  return new Set(lines.map((line) => line.split(" ")[0] ?? ""));
}
