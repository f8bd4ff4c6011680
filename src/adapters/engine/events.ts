import { z } from "zod";
import type { EngineEvent } from "../../domain/engine.ts";
import { asContainerId } from "../../domain/ids.ts";
import { clean, type SafeText } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { count, map, parseAnswer, parseJson, words } from "../answer.ts";
import type { Query } from "./client.ts";

/** A line of `GET /events` (Docker Engine API, EventMessage). */
const answer = z.object({
  Type: words,
  Action: words,
  Actor: z.object({ ID: words, Attributes: map(words) }).nullish(),
  /** Seconds since 1970. */
  time: count,
  timeNano: words,
});

const types = ["container", "network", "daemon", "node", "image"] as const;

/**
 * What the program acts on. Named one by one, so that the engine does not send what a health check makes every few
 * seconds (exec_create, exec_start, exec_die) nor top, attach and resize.
 */
const actions = [
  ...["create", "start", "restart", "stop", "kill", "die", "oom", "pause", "unpause", "rename", "update", "destroy"],
  ...["health_status", "connect", "disconnect", "remove", "reload"],
  ...["pull", "load", "import", "tag", "untag", "delete"],
];

/** The query of `GET /events` from `sinceNano` on, or from now. */
export function eventsQuery(sinceNano: string | undefined): Query {
  const filters = { filters: { type: types, event: actions } };
  if (sinceNano === undefined) return filters;
  // "seconds.nanoseconds", nine digits (moby api/types/time/timestamp.go, ParseTimestamps).
  const digits = sinceNano.padStart(10, "0");
  return { ...filters, since: `${digits.slice(0, -9)}.${digits.slice(-9)}` };
}

/** One line of the event stream. */
export function parseEvent(line: string, from: SafeText): Outcome<EngineEvent> {
  const json = parseJson(line, from, keepDigits);
  if (!json.ok) return json;
  const parsed = parseAnswer(answer, json.value, from);
  if (!parsed.ok) return parsed;
  const { Type, Action, Actor, time, timeNano } = parsed.value;
  const attributes = Actor?.Attributes ?? new Map<string, string>();
  const driver = Type === "network" ? attributes.get("type") : undefined;
  return good({
    type: types.find((type) => type === Type) ?? "other",
    action: clean(Action),
    id: clean(Actor?.ID ?? ""),
    name: clean(attributes.get("name") ?? ""),
    attributes: toldAttributes(attributes),
    ...(driver === undefined ? {} : { driver: clean(driver) }),
    container: Type === "network" ? asContainerId(attributes.get("container") ?? "") : undefined,
    timeNano: /^\d{1,20}$/.test(timeNano) ? timeNano : `${Math.max(0, Math.trunc(time))}000000000`,
  });
}

/** Attributes of events that are worth a word (moby daemon/events.go); a container's labels are among the rest. */
const told = ["exitCode", "signal", "image", "oldName", "execDuration"];

const toldAttributes = (attributes: ReadonlyMap<string, string>): NonNullable<EngineEvent["attributes"]> =>
  told.flatMap((name) => {
    const value = attributes.get(name);
    return value === undefined ? [] : [{ name: clean(name), value: clean(value, 200) }];
  });

/** 19 digits do not fit a number: the text they came as is kept. */
function keepDigits(key: string, value: unknown, context?: { source?: string }): unknown {
  return key === "timeNano" && typeof value === "number" ? (context?.source ?? String(value)) : value;
}
