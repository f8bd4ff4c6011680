import { clean, text } from "../../../domain/text.ts";
import type { Draft } from "../../../domain/wizard/draft.ts";
import type { Item } from "../../form/item.ts";
import { type Checks, modeOf } from "../known.ts";

/** How the engines are joined, with the reason, and whether they listen on TCP. */
export function modePage(draft: Draft, checks: Checks): Item[] {
  const decision = modeOf(draft, checks);
  const reason =
    decision === undefined
      ? { words: text`known once a host has answered`, tone: "muted" as const }
      : "mode" in decision
        ? { words: text`${clean(decision.mode)}: ${decision.because}`, tone: "good" as const }
        : undefined;
  return [
    {
      kind: "choice",
      id: "mode",
      label: text`mode`,
      value: draft.mode,
      options: [
        { value: "auto", label: text`auto` },
        { value: "cluster-store", label: text`cluster store` },
        { value: "swarm", label: text`swarm` },
      ],
      help: text`How the engines are joined: an external store (up to 20.10) or swarm mode. auto takes what all of them can.`,
      note: reason,
      problem: decision !== undefined && "obstacle" in decision ? decision.obstacle.title : undefined,
    },
    {
      kind: "choice",
      id: "listen",
      label: text`dockerd on TCP`,
      value: draft.listen,
      options: [
        { value: "none", label: text`none` },
        { value: "tls", label: text`with TLS` },
        { value: "insecure", label: text`insecure` },
      ],
      help: text`Neither the overlay nor this program needs a listener. insecure makes everyone who reaches the port root.`,
      note: draft.listen === "insecure" ? { words: text`root for everyone who reaches it`, tone: "bad" } : undefined,
    },
  ];
}
