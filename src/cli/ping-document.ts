import type { Echo } from "../domain/ping/echo.ts";
import { echoWords } from "../domain/ping/echo.ts";
import { type FullSize, type OneWay, type Pair, reaches, verdictWords, type Wire } from "../domain/ping/matrix.ts";

/** What `ping --json` prints of each direction. Scripts rely on these names. */
export const pairDocument = (pair: Pair) => ({
  from: pair.from.name,
  fromNode: pair.from.node,
  to: pair.to.name,
  toNode: pair.to.node,
  network: pair.to.network,
  address: pair.to.address,
  ok: reaches(pair),
  ...echoDocument(pair.small),
  /** The first fault: of the small packets, else of the full-size ones, the name, the port. */
  error: reaches(pair) ? null : verdictWords(pair),
  full: fullDocument(pair.full),
  name: {
    state: pair.name.state,
    addresses:
      pair.name.state === "elsewhere" ? pair.name.addresses : pair.name.state === "right" ? [pair.to.address] : [],
  },
  tcp: pair.port?.state ?? null,
  paused: pair.from.life === "paused" || pair.to.life === "paused",
});

/** What `ping --json` prints of each direction between two nodes, on the network that carries the overlay. */
export const wireDocument = ({ from, to, address, small, full }: Wire) => ({
  fromNode: from,
  toNode: to,
  address,
  ok: small.state === "ok",
  ...echoDocument(small),
  error: small.state === "ok" ? null : echoWords(small),
  full: fullDocument(full),
});

/** Of two nodes between which nothing passes: whether what the one sends still arrives at the other. */
export const oneWayDocument = ({ from, to, arrives }: OneWay) => ({ fromNode: from, toNode: to, arrives });

const echoDocument = (echo: Echo) => ({
  lossPct: echo.state === "ok" ? echo.lossPercent : echo.state === "not tried" ? null : 100,
  rttMs: echo.state === "ok" ? { min: echo.minMs, avg: echo.averageMs, max: echo.maxMs } : null,
});

const fullDocument = ({ bytes, echo }: FullSize) => ({
  bytes: bytes ?? null,
  ok: echo.state === "not tried" ? null : echo.state === "ok",
  lossPct: echoDocument(echo).lossPct,
  error: echo.state === "ok" ? null : echoWords(echo),
});
