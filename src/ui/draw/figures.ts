import { clean, type SafeText } from "../../domain/text.ts";

/** "1.2 s" of milliseconds. */
export const seconds = (ms: number): SafeText => clean(`${(ms / 1000).toFixed(1)} s`);

/** "120.4 MB" of bytes. */
export const megabytes = (bytes: number): SafeText => clean(`${(bytes / 1e6).toFixed(1)} MB`);

/** A bar of `width` columns that is full to `share` (0 to 1). */
export function bar(share: number, width: number): SafeText {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return clean(`${"█".repeat(full)}${"░".repeat(width - full)}`);
}
