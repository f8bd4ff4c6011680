import { z } from "zod";

/** What the process with the connections tells at its end. */
export const transportReport = z.object({
  /** From the first attempt to the last link that is live, and to the last engine that answered through its own. */
  allLiveMs: z.number(),
  allAnsweredMs: z.number(),
  /** Processor time of that, of one core. */
  connectCpuMs: z.number(),
  /** Of the event loop while all of them connect, and while nothing happens. */
  connectDelayMs: z.object({ p99: z.number(), most: z.number() }),
  idleDelayMs: z.object({ p99: z.number(), most: z.number() }),
  /** A connection with its forwarded event stream: resident memory, and what of it JavaScript holds after a collection. */
  residentEach: z.number(),
  heapEach: z.number(),
  residentBytes: z.number(),
  idlePercent: z.number(),
  /** Connections that were live all the time, and whose event stream never ended. */
  held: z.number(),
});
export type TransportReport = z.infer<typeof transportReport>;
