import type { LinkState } from "../../src/domain/link.ts";
import type { NodeSpec } from "../../src/domain/spec/spec.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Answer, Question } from "../../src/ports/prompter.ts";

/** What a test asks of the process that holds the SSH connections. */
export type Call =
  | { kind: "connect"; number: number; node: NodeSpec }
  | { kind: "retry" | "close"; number: number }
  | {
      kind: "script";
      number: number;
      call: number;
      script: string;
      args: readonly string[];
      ms: number;
      options: { root?: boolean; limit?: number };
    }
  | { kind: "cancel"; call: number }
  | { kind: "docker"; number: number; path: string; ms: number }
  | { kind: "stream"; number: number; stream: number; ms: number }
  | { kind: "tcp"; number: number; stream: number; host: string; port: number; ms: number }
  | { kind: "end"; stream: number }
  /** Opens the node's events and every container's use, as the screen does; "followed" tells what came. */
  | { kind: "follow" | "followed"; number: number }
  | { kind: "answer"; question: number; answer: Answer };

export type StreamEnd = "in order" | "broken";

/** What came of an engine since "follow": events by action, samples by container, and what ended. */
export interface Followed {
  events: readonly string[];
  samples: Readonly<Record<string, number>>;
  ends: readonly Trouble[];
}

/** What that process tells the test. */
export type Report =
  | { kind: "ready" }
  | { kind: "state"; node: number; state: LinkState }
  | { kind: "question"; node: number; number: number; question: Question }
  | { kind: "withdrawn"; node: number; question: number }
  | { kind: "ended"; stream: number; end: StreamEnd }
  | { kind: "done"; id: number; value: unknown }
  | { kind: "failed"; id: number; message: string };
