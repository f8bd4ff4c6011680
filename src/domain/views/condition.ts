import { isUp } from "../link.ts";
import { troubleOf } from "../part.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import type { SafeText } from "../text.ts";
import { text } from "../text.ts";
import type { Instant } from "../time.ts";
import type { Trouble } from "../trouble.ts";

export type Tone = "good" | "busy" | "warn" | "bad";

/** How a node is, in one word for its row, with what is behind the word. */
export interface Condition {
  word: SafeText;
  tone: Tone;
  since: Instant;
  trouble: Trouble | undefined;
  /** When it is tried again by itself; undefined when nothing is planned, or a person has to act. */
  retryAt: Instant | undefined;
}

/** The one word for a node: its link first, then its engine. */
export function condition(node: NodeSnapshot): Condition {
  const { link } = node;
  const plain = { since: link.since, trouble: undefined, retryAt: undefined };
  switch (link.state) {
    case "connecting":
      // Tried again, a node that is down stays "down": the word must not flicker with every attempt.
      return link.after === undefined
        ? { ...plain, word: text`connecting`, tone: "busy" }
        : { ...plain, word: text`down`, tone: "bad", trouble: link.after };
    case "closed":
      return { ...plain, word: text`closed`, tone: "warn" };
    case "lost":
      return { word: text`down`, tone: "bad", since: link.since, trouble: link.trouble, retryAt: link.retryAt };
    case "refused":
      return { ...plain, word: refusedWord(link.trouble), tone: "bad", trouble: link.trouble };
    case "live":
    case "slow":
      return throughLink(node);
  }
}

function throughLink(node: NodeSnapshot): Condition {
  const { link, engine } = node;
  const plain = { since: link.since, trouble: undefined, retryAt: undefined };
  const trouble = troubleOf(engine);
  // The link is back and the engine was not heard since: an answer is under way.
  if (trouble?.kind === "connection-lost") return { ...plain, word: text`asking`, tone: "busy" };
  if (trouble !== undefined && (engine.state === "stale" || engine.state === "missing")) {
    return { word: engineWord(trouble), tone: "bad", since: engine.since, trouble, retryAt: undefined };
  }
  if (engine.state === "waiting") return { ...plain, word: text`asking`, tone: "busy" };
  return link.state === "slow"
    ? { ...plain, word: text`slow`, tone: "warn" }
    : { ...plain, word: text`live`, tone: "good" };
}

/** Whether everything of the node answers; the exit code of `status` hangs on it. */
export const isLive = (node: NodeSnapshot): boolean => isUp(node.link) && node.engine.state === "fresh";

function refusedWord(trouble: Trouble): SafeText {
  switch (trouble.kind) {
    case "authentication-failed":
      return text`auth failed`;
    case "host-key-unknown":
      return text`host key unknown`;
    case "host-key-changed":
      return text`host key changed`;
    case "host-key-revoked":
      return text`host key revoked`;
    case "misconfigured":
      return text`misconfigured`;
    default:
      return text`refused`;
  }
}

function engineWord(trouble: Trouble): SafeText {
  switch (trouble.kind) {
    case "docker-missing":
      return text`no docker`;
    case "docker-socket-missing":
    case "docker-stopped":
      return text`engine stopped`;
    case "docker-permission":
    case "sudo-refused":
      return text`no permission`;
    case "api-too-old":
      return text`engine too old`;
    case "timed-out":
      return text`not answering`;
    default:
      return text`engine trouble`;
  }
}
