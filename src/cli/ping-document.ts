import type { Pair } from "../domain/ping/ping.ts";

/** What `ping --json` prints of each direction. Scripts rely on these names. */
export const pairDocument = ({ from, to, result }: Pair) => ({
  from: from.name,
  fromNode: from.node,
  to: to.name,
  toNode: to.node,
  address: to.address,
  ok: result.state === "ok",
  lossPct: result.state === "ok" ? result.lossPercent : result.state === "not tried" ? null : 100,
  rttMs: result.state === "ok" ? { min: result.minMs, avg: result.averageMs, max: result.maxMs } : null,
  error:
    result.state === "ok"
      ? null
      : result.state === "unreachable"
        ? result.detail
        : result.state === "not tried"
          ? result.why
          : result.state,
});
