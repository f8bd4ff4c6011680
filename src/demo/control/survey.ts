import type { NodeLoad } from "../../domain/host.ts";
import type { Listening, NodeSurvey, ReachAsked } from "../../domain/plan/survey.ts";
import { text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import { call } from "../calls.ts";
import { daemonJsonPath } from "../daemon-files.ts";
import type { Machine } from "../machine.ts";
import { socketsOf } from "../sockets.ts";
import { type ControlGround, rootQuestion } from "./change.ts";
import { hindranceOf, sha256Of } from "./files.ts";
import { lockOf } from "./lock.ts";
import { type ReachGround, reachesFrom } from "./reach.ts";

/** What planning needs of one machine. */
export async function surveyOf(
  on: ReachGround,
  asked: readonly ReachAsked[],
  within: Deadline,
): Promise<Outcome<Omit<NodeSurvey, "images">>> {
  const { machine, node } = on.link;
  const [seen, reach] = await Promise.all([
    rootQuestion(on, text`${node}: what planning needs`, within, () => good(surveyed(machine, on.clock.now()))),
    reachesFrom(on, asked, within),
  ]);
  return seen.ok ? good({ ...seen.value, reach }) : seen;
}

/** What listens on the machine, as its root sees it. */
export const listeningOn = (on: ControlGround, within: Deadline): Promise<Outcome<readonly Listening[]>> =>
  rootQuestion(on, text`listening sockets`, within, () => good(socketsOf(on.link.machine)));

/** A little for every container that runs. */
export const loadOf = ({ link, clock }: ControlGround, within: Deadline): Promise<Outcome<NodeLoad>> =>
  call(link, clock, text`load`, within, () => {
    const running = [...link.machine.containers.values()].filter((one) => one.run.state === "running").length;
    return good({ oneMinute: running * 0.07, availableBytes: Math.max(0.2, 7.6 - running * 0.3) * 2 ** 30 });
  });

function surveyed(machine: Machine, now: Instant): Omit<NodeSurvey, "images" | "reach"> {
  const sources = machine.sources();
  const content = sources.daemonJson?.content;
  const why = hindranceOf({ path: daemonJsonPath, content: "" }, machine.hindrances);
  return {
    sources,
    daemonJson: { path: daemonJsonPath, sha256: content === undefined ? undefined : sha256Of(content) },
    storeDrivers: machine.storeDrivers,
    listening: socketsOf(machine),
    freeBytes: machine.freeBytes,
    writable: why === undefined ? { ok: true } : { ok: false, why: text`/etc/docker: ${why}` },
    lockedBy: lockOf(machine, now),
  };
}
