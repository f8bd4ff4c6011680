import type { Container } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { Membership } from "../../domain/membership.ts";
import type { AwaitStore } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import { lastWords } from "./change-containers.ts";
import {
  awaited,
  callMs,
  done,
  type Executing,
  type Executor,
  impossible,
  type Result,
  unchanged,
} from "./executor.ts";

/** A store elects its leader within seconds; one that is slow to start gets a minute. */
const leaderMs = 60_000;
const askEveryMs = 150;
const askMs = 5000;
/** A container that ended is seen within this; a restart policy gets a few tries, ms. */
const lookEveryMs = 1000;
const restartsBorne = 5;

/** Waits until the store has one leader and all of its servers: two that each lead are two stores. Says what keeps it when its container ends meanwhile. */
export const awaitStore: Executor<AwaitStore> = async ({ store: kind, servers }, on) => {
  // An agent is asked itself: that the servers answer says nothing of it.
  const store = (servers.length === 1 ? on.store(on.node) : undefined) ?? on.store();
  if (store === undefined) return impossible(text`the spec names no store`);
  const container = new ContainerLook(kind, on);
  let last: Trouble | undefined;
  let tries = 0;
  let apart = false;
  const ready = await awaited(on.clock, leaderMs, askEveryMs, async (): Promise<Result | undefined> => {
    tries += 1;
    const answer = await store.ask({ ms: askMs });
    if (!answer.ok) {
      last = answer.trouble;
      on.says(text`waiting for ${clean(kind)} to answer`);
      return (await container.isOver())
        ? gaveUp(text`the container ${clean(kind)} ended`, kind, container, on)
        : undefined;
    }
    last = undefined;
    const there = serversOf(answer.value);
    const leads = answer.value.members.filter((one) => one.state === "leader").length;
    apart = leads > 1;
    const hasOne = answer.value.leader !== undefined && !apart;
    if (hasOne && there >= servers.length) return tries === 1 ? unchanged : done;
    on.says(
      !hasOne
        ? text`waiting for ${apart ? text`${leads} leaders to become one` : text`a leader`}`
        : text`waiting for ${servers.length - there} more of ${servers.length} servers`,
    );
    return undefined;
  });
  if (ready !== undefined) return ready;
  const why = apart
    ? text`${clean(kind)} has more than one leader after ${leaderMs / 1000} s: its servers are several stores`
    : last === undefined
      ? text`${clean(kind)} has no leader, or not all of its ${servers.length} servers, after ${leaderMs / 1000} s`
      : explain(last, clean(kind)).what;
  return gaveUp(why, kind, container, on);
};

/** What the store's own container on the node is doing, while the store does not answer. */
class ContainerLook {
  readonly #name: string;
  readonly #on: Executing;
  #nextAt = 0;
  #restarting = 0;
  #last: Container | undefined;

  constructor(name: string, on: Executing) {
    this.#name = name;
    this.#on = on;
  }

  /** Whether it has ended for good: there is nothing to wait for. */
  async isOver(): Promise<boolean> {
    const { clock } = this.#on;
    if (clock.now() < this.#nextAt) return false;
    this.#nextAt = clock.now() + lookEveryMs;
    const all = await this.#on.here.engine.containers({ ms: callMs });
    if (!all.ok) return false;
    this.#last = all.value.find((one) => one.name === this.#name);
    const state = this.#last?.state;
    if (state === "restarting") this.#restarting += 1;
    return state === "exited" || state === "dead" || this.#restarting > restartsBorne;
  }

  /** How it is and what it said last. */
  async words(): Promise<SafeText> {
    const { id, status } = this.#last ?? {};
    return id === undefined ? text`` : text` (${status ?? text``})${await lastWords(id, this.#on)}`;
  }
}

async function gaveUp(why: SafeText, kind: string, container: ContainerLook, on: Executing): Promise<Result> {
  return {
    state: "undone",
    error: text`${why}${await container.words()}`,
    remedy: text`Run "docker logs ${clean(kind)}" on ${on.node}; its servers have to reach each other. Then apply again.`,
  };
}

const serversOf = ({ members }: Membership): number =>
  members.filter((one) => one.role === "server" && one.state !== "failed" && one.state !== "left").length;
