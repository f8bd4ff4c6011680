import type { ContainerId, NodeName } from "../../src/domain/ids.ts";
import type { LinkState } from "../../src/domain/link.ts";
import type { NodeSpec, Spec } from "../../src/domain/spec/spec.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Engine } from "../../src/ports/engine.ts";
import type { Host } from "../../src/ports/host.ts";
import type { LogStart, Logs } from "../../src/ports/logs.ts";
import type { ProbesAsked } from "../../src/ports/probes.ts";
import type { Answer, Question } from "../../src/ports/prompter.ts";
import type { ControlAsked, Drawn } from "./remote-control.ts";
import type { SessionAct, ShellAsked } from "./remote-shells.ts";
import type { TunnelAct } from "./remote-tunnels.ts";

/** A question to one of a node's ports. */
export type Asked =
  | { of: "engine"; method: Exclude<keyof Engine, "container" | "events" | "usage"> }
  | { of: "engine"; method: "container"; id: ContainerId }
  | { of: "host"; method: keyof Host }
  | { of: "logs"; method: "journal"; from: Parameters<Logs["journal"]>[0] }
  | { of: "probes"; method: "probe"; asked: ProbesAsked }
  | { of: "probes"; method: "echoesReceived"; containers: readonly ContainerId[] }
  | ControlAsked;

/** What a test tells the process that has the real adapters. Connections, calls, streams and questions go by numbers. */
export type Request =
  | { kind: "connect"; access: number; node: NodeSpec; spec: Spec }
  | { kind: "retry" | "close"; access: number }
  | { kind: "ask"; call: number; access: number; asked: Asked; ms: number; aborted: boolean }
  | { kind: "ask-store"; call: number; spec: Spec; nodes: ReadonlyMap<NodeName, number>; ms: number; aborted: boolean }
  | { kind: "cancel"; call: number }
  | { kind: "events"; stream: number; access: number; since: string | undefined }
  | { kind: "usage"; stream: number; access: number; id: ContainerId }
  | { kind: "logs"; stream: number; access: number; id: ContainerId; start: LogStart }
  | { kind: "watch"; stream: number; spec: Spec; nodes: ReadonlyMap<NodeName, number> }
  | { kind: "end"; stream: number }
  | { kind: "shell"; call: number; session: number; access: number; asked: ShellAsked; ms: number; aborted: boolean }
  | { kind: "session"; session: number; act: SessionAct }
  | {
      kind: "open-tunnel";
      call: number;
      tunnel: number;
      access: number;
      host: string;
      port: number;
      ms: number;
      aborted: boolean;
    }
  | { kind: "tunnel"; tunnel: number; act: TunnelAct }
  | { kind: "drawn"; draw: number; drawn: Drawn }
  | { kind: "answer"; question: number; answer: Answer };

/** What that process tells the test. */
export type Report =
  | { kind: "ready" }
  | { kind: "state"; access: number; state: LinkState }
  | { kind: "closed"; access: number }
  | { kind: "outcome"; call: number; outcome: Outcome<unknown> }
  /** `method` of the stream's listener is called with `value`. */
  | {
      kind: "told";
      stream: number;
      method: "opened" | "event" | "usage" | "ended" | "picture" | "progress" | "lines" | "output" | "data";
      value: unknown;
    }
  /** Wants the next piece of what the test offered under `source`. */
  | { kind: "draw"; draw: number; source: number }
  | { kind: "question"; question: number; access: number; asks: Question };
