import type { Finding } from "../../domain/finding.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { age, type Instant } from "../../domain/time.ts";
import type { StageName } from "../opening.ts";

/** All that a frame is made from, besides where the operator is in it. */
export interface Seen {
  snapshot: Snapshot;
  findings: readonly Finding[];
  /** What findings and networks are worked out from: of many nodes it is up to a second older. */
  counted: Snapshot;
  /** To the whole second: within one, two frames are the same. */
  now: Instant;
  storeKind: SafeText | undefined;
  specFile: SafeText | undefined;
  readOnly: boolean;
  demo: boolean;
  /** The stages that can be opened from here. */
  stages: ReadonlySet<StageName>;
}

const calmStep = 5000;

/** How long ago, in steps of five seconds under a minute: a screen full of counting seconds is hard to read. */
export function ago(at: Instant, now: Instant): SafeText {
  const ms = Math.max(0, now - at);
  return age(ms < 60_000 ? Math.floor(ms / calmStep) * calmStep : ms);
}

/** "seen 10s ago", for what is shown of something that cannot be asked any more. */
export const seenAgo = (at: Instant, now: Instant): SafeText => text`seen ${ago(at, now)} ago`;

/** As long as `seenAgo` becomes in ninety-nine days. */
export const longestSeenAgo = text`seen 59s ago`;

/** Bytes as an operator reads them: "512 MB", "7.8 GB"; powers of 1024, as the docker command counts. */
export function bytes(count: number): SafeText {
  const mega = count / 1_048_576;
  if (mega < 1) return text`${Math.ceil(count / 1024)} kB`;
  if (mega < 1000) return text`${Math.round(mega)} MB`;
  const giga = mega / 1024;
  return giga < 10 ? text`${Math.round(giga * 10) / 10} GB` : text`${Math.round(giga)} GB`;
}

/** A count with its noun: "1 node", "2 nodes". */
export const counted = (count: number, one: string, many: string): SafeText =>
  text`${count} ${clean(count === 1 ? one : many)}`;
