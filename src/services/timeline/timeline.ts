import type { EngineEvent } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { Finding } from "../../domain/finding.ts";
import type { NodeName } from "../../domain/ids.ts";
import type { LinkState } from "../../domain/link.ts";
import type { LogLine } from "../../domain/logs/line.ts";
import { LogRing } from "../../domain/logs/ring.ts";
import type { Membership } from "../../domain/membership.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Followed } from "../logs/followed.ts";
import type { LogState } from "../logs/log-follow.ts";
import { CalmHolder, type State } from "../state.ts";
import type { Heard } from "../watch/cluster-watch.ts";

/** What is kept of what happened. */
const bounds = { lines: 2000, units: 400_000 } as const;

/** The cluster's own place among the sources, before the nodes. */
const cluster = 0;

/**
 * What happened in the cluster since the program started, in the order of time: engines' events, links, the store's
 * leader, findings that came and went. It costs one line an event, and no stream of its own.
 */
export class Timeline implements Followed {
  readonly ring = new LogRing(bounds);
  readonly sources: readonly { label: SafeText }[];
  readonly state: State<LogState>;
  readonly #holder: CalmHolder<LogState>;
  readonly #places: ReadonlyMap<NodeName, number>;
  readonly #links = new Map<NodeName, LinkState["state"]>();
  #leader: SafeText | undefined | "unheard" = "unheard";
  #findings = new Map<string, Finding>();

  constructor(nodes: readonly NodeName[], clock: Clock) {
    this.sources = [{ label: text`cluster` }, ...nodes.map((label) => ({ label }))];
    this.#places = new Map(nodes.map((node, index) => [node, index + 1]));
    const sources = this.sources.map(() => ({ state: "following" }) as const);
    this.#holder = new CalmHolder<LogState>({ version: 0, sources, skipped: 0 }, clock);
    this.state = this.#holder;
  }

  /** It is kept all the time: there is nothing to begin. */
  begin(): void {}

  close(): void {}

  hear(heard: Heard): void {
    switch (heard.of) {
      case "event":
        this.#add(this.#places.get(heard.node) ?? cluster, isBad(heard.event), eventWords(heard.event), heard.at);
        break;
      case "link":
        this.#link(heard.node, heard.link, heard.at);
        break;
      case "membership":
        if (heard.outcome.ok) this.#membership(heard.outcome.value, heard.at);
        break;
      default:
    }
  }

  /** The findings as they are now: those that are new, and those that are gone, are told. */
  see(findings: readonly Finding[], at: Instant): void {
    const now = new Map(findings.map((one) => [`${one.id} ${one.node ?? ""} ${one.title}`, one]));
    for (const [key, one] of now) {
      if (!this.#findings.has(key))
        this.#add(this.#place(one), one.severity === "error", text`finding: ${one.title}`, at);
    }
    for (const [key, one] of this.#findings) {
      if (!now.has(key)) this.#add(this.#place(one), false, text`over: ${one.title}`, at);
    }
    this.#findings = now;
  }

  #place = ({ node }: Finding): number => (node === undefined ? cluster : (this.#places.get(node) ?? cluster));

  #link(node: NodeName, link: LinkState, at: Instant): void {
    const before = this.#links.get(node);
    this.#links.set(node, link.state);
    if (before === link.state || link.state === "connecting") return;
    const isLost = link.state === "lost" || link.state === "refused";
    const words = isLost
      ? text`connection ${clean(link.state)}: ${explain(link.trouble, node).what}`
      : text`connection ${clean(link.state)}`;
    this.#add(this.#places.get(node) ?? cluster, isLost, words, at);
  }

  #membership({ kind, leader }: Membership, at: Instant): void {
    if (leader === this.#leader) return;
    const isFirst = this.#leader === "unheard";
    this.#leader = leader;
    if (isFirst && leader !== undefined) return;
    const words = leader === undefined ? text`${clean(kind)} has no leader` : text`${clean(kind)}: ${leader} leads`;
    this.#add(cluster, leader === undefined, words, at);
  }

  #add(source: number, bad: boolean, words: SafeText, at: Instant): void {
    const from: LogLine["from"] = bad ? "stderr" : "stdout";
    this.ring.add([{ at: `${new Date(at).toISOString().slice(0, 23)}000000Z`, from, words, source }]);
    const before = this.#holder.get();
    this.#holder.set({ ...before, version: before.version + 1 });
  }
}

const isBad = ({ action, attributes = [] }: EngineEvent): boolean =>
  action === "oom" ||
  action === "health_status: unhealthy" ||
  (action === "die" && attributes.some(({ name, value }) => name === "exitCode" && value !== "0"));

/** "container die node2 (exitCode 137)" */
function eventWords({ type, action, name, id, container, attributes = [] }: EngineEvent): SafeText {
  const told = [
    ...(container === undefined ? [] : [text`container ${clean(container.slice(0, 12))}`]),
    ...attributes.filter((one) => one.value !== name).map((one) => text`${one.name} ${one.value}`),
  ];
  const who = name === "" ? clean(id.slice(0, 12)) : name;
  const more = told.length === 0 ? text`` : text` (${joined(told)})`;
  return text`${clean(type)} ${action} ${who}${more}`;
}
