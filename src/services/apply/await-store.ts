import type { Membership } from "../../domain/membership.ts";
import type { AwaitStore } from "../../domain/plan/change.ts";
import { clean, text } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import { awaited, done, type Executor, impossible, unchanged, undone } from "./executor.ts";

/** A store elects its leader within seconds; one that is slow to start gets a minute. */
const leaderMs = 60_000;
const askEveryMs = 150;
const askMs = 5000;

export const awaitStore: Executor<AwaitStore> = async ({ store: kind, servers }, on) => {
  // An agent is asked itself: that the servers answer says nothing of it.
  const own = servers.length === 1 && on.store() !== undefined ? on.store(on.node) : on.store();
  const store = own ?? on.store();
  if (store === undefined) return impossible(text`the spec names no store`);
  let last: Trouble | undefined;
  let tries = 0;
  const ready = await awaited(on.clock, leaderMs, askEveryMs, async () => {
    tries += 1;
    const answer = await store.ask({ ms: askMs });
    if (!answer.ok) {
      last = answer.trouble;
      on.says(text`waiting for ${clean(kind)} to answer`);
      return undefined;
    }
    last = undefined;
    const there = serversOf(answer.value);
    if (answer.value.leader !== undefined && there >= servers.length) return answer.value;
    on.says(
      answer.value.leader === undefined
        ? text`waiting for a leader`
        : text`waiting for ${servers.length - there} more of ${servers.length} servers`,
    );
    return undefined;
  });
  if (ready !== undefined) return tries === 1 ? unchanged : done;
  if (last !== undefined) return undone(last, clean(kind));
  return {
    state: "undone",
    error: text`${clean(kind)} has no leader, or not all of its ${servers.length} servers, after ${leaderMs / 1000} s`,
    remedy: text`Run "docker logs ${clean(kind)}" on ${on.node}; its servers have to reach each other.`,
  };
};

const serversOf = ({ members }: Membership): number =>
  members.filter((one) => one.role === "server" && one.state !== "failed" && one.state !== "left").length;
