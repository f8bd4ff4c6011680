import type { EngineInfo, EngineNetwork } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { HostFacts } from "../../domain/host.ts";
import { isUp } from "../../domain/link.ts";
import type { NodeSpec, Spec } from "../../domain/spec/spec.ts";
import { clean, type SafeText } from "../../domain/text.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { NodeAccess, World } from "../../ports/world.ts";
import { Holder, type State } from "../state.ts";

/** What a look at one host told. */
export type HostCheck =
  | { state: "wrong"; why: SafeText }
  | { state: "connecting" }
  | { state: "trouble"; what: SafeText; remedy: SafeText }
  /** Connected; each part comes when it was read. */
  | {
      state: "live";
      engine: EngineInfo | undefined;
      engineTrouble: SafeText | undefined;
      facts: HostFacts | undefined;
      images: readonly string[];
      networks: readonly EngineNetwork[];
    };

/** A host to look at: how to reach it, or why that cannot be read. */
export type HostAsked = { ok: true; node: NodeSpec; spec: Spec } | { ok: false; why: SafeText };

/** Typing must not open a connection a key. */
const calmMs = 500;
const callMs = 15_000;

/** Looks at hosts while they are typed: each on its own, so that none waits for another. */
export class HostChecks {
  readonly state: State<ReadonlyMap<string, HostCheck>>;
  readonly #state = new Holder<ReadonlyMap<string, HostCheck>>(new Map());
  readonly #world: World;
  readonly #prompter: Prompter;
  readonly #asked: (target: string) => HostAsked;
  readonly #open = new Map<string, { access: NodeAccess | undefined; cancel: () => void; abort: AbortController }>();

  /** `asked` reads a target as the file would. */
  constructor(world: World, prompter: Prompter, asked: (target: string) => HostAsked) {
    this.#world = world;
    this.#prompter = prompter;
    this.#asked = asked;
    this.state = this.#state;
  }

  /** From now on these hosts are looked at, and no others. */
  follow(targets: readonly string[]): void {
    const wanted = new Set(targets.filter((one) => one !== ""));
    for (const [target, one] of this.#open) if (!wanted.has(target)) this.#drop(target, one);
    for (const target of wanted) if (!this.#open.has(target)) this.#begin(target);
  }

  /** Tries again what could not be reached. */
  again(target: string): void {
    const one = this.#open.get(target);
    if (one?.access !== undefined) one.access.link.retryNow();
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(
      all.map((one) => {
        one.cancel();
        one.abort.abort();
        return one.access?.link.close();
      }),
    );
  }

  #drop(target: string, one: { access: NodeAccess | undefined; cancel: () => void; abort: AbortController }): void {
    this.#open.delete(target);
    one.cancel();
    one.abort.abort();
    void one.access?.link.close();
    const checks = new Map(this.#state.get());
    checks.delete(target);
    this.#state.set(checks);
  }

  #begin(target: string): void {
    const abort = new AbortController();
    const cancel = this.#world.clock.after(calmMs, () => this.#look(target, abort));
    this.#open.set(target, { access: undefined, cancel, abort });
  }

  #look(target: string, abort: AbortController): void {
    const asked = this.#asked(target);
    if (!asked.ok) {
      this.#saw(target, { state: "wrong", why: asked.why });
      return;
    }
    const access = this.#world.node(asked.node, asked.spec, this.#prompter);
    this.#open.set(target, { access, cancel: () => {}, abort });
    this.#saw(target, { state: "connecting" });
    const linkChanged = (): void => {
      const { state } = access.link;
      if (isUp(state)) void this.#read(target, access, abort.signal);
      else if (state.state === "lost" || state.state === "refused") {
        const { what, remedy } = explain(state.trouble, clean(target));
        this.#saw(target, { state: "trouble", what, remedy });
      }
    };
    access.link.onState(linkChanged);
    linkChanged();
  }

  async #read(target: string, access: NodeAccess, signal: AbortSignal): Promise<void> {
    const before = this.#state.get().get(target);
    if (before?.state === "live") return;
    let live: Extract<HostCheck, { state: "live" }> = {
      state: "live",
      ...{ engine: undefined, engineTrouble: undefined, facts: undefined, images: [], networks: [] },
    };
    const learnt = (part: Partial<typeof live>): void => {
      live = { ...live, ...part };
      if (!signal.aborted) this.#saw(target, live);
    };
    learnt({});
    const within = { ms: callMs, signal };
    await Promise.all([
      access.host.facts(within).then((facts) => facts.ok && learnt({ facts: facts.value })),
      access.engine.info(within).then(async (engine) => {
        if (engine.ok) learnt({ engine: engine.value });
        else learnt({ engineTrouble: explain(engine.trouble, clean(target)).what });
        const [images, networks] = await Promise.all([
          access.control.engine.images(within),
          access.engine.networks(within),
        ]);
        if (images?.ok) learnt({ images: images.value.flatMap((image) => image.tags) });
        if (networks.ok) learnt({ networks: networks.value });
      }),
    ]);
  }

  #saw(target: string, check: HostCheck): void {
    if (!this.#open.has(target)) return;
    this.#state.set(new Map(this.#state.get()).set(target, check));
  }
}
