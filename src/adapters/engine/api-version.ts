import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";

/** The newest API whose answers this program was tried with (engine 28.5). Newer engines serve older versions down to their minimum. */
const newest = { major: 1, minor: 51 };
/** Engine 1.12; before it events have no actors and containers no networks' ids. */
const oldest = { major: 1, minor: 24 };
const form = /^(\d{1,4})\.(\d{1,4})$/;

/**
 * The version to speak: the newest that both sides know. `header` is `Api-Version` of `GET /_ping`, absent before
 * engine 1.13, where the engine's own client takes 1.24 too (moby client/client.go, negotiateAPIVersionPing).
 */
export function negotiate(header: string | undefined, from: SafeText): Outcome<SafeText> {
  const offered = header === undefined || header === "" ? named(oldest) : header;
  const parts = form.exec(offered);
  if (parts === null) return bad({ kind: "bad-answer", from, detail: text`Api-Version: ${clean(offered, 80)}` });
  const version = { major: Number(parts[1]), minor: Number(parts[2]) };
  if (older(version, oldest)) return bad({ kind: "api-too-old", version: clean(offered), needs: named(oldest) });
  return good(named(older(version, newest) ? version : newest));
}

interface Version {
  major: number;
  minor: number;
}

const older = (one: Version, other: Version): boolean =>
  one.major < other.major || (one.major === other.major && one.minor < other.minor);

const named = (version: Version): SafeText => text`${version.major}.${version.minor}`;
