import { expect, test } from "vitest";
import { onceDecided } from "../../src/adapters/store/once-decided.ts";
import type { LinkState } from "../../src/domain/link.ts";
import { text } from "../../src/domain/text.ts";
import { bad, type Trouble } from "../../src/domain/trouble.ts";
import type { Link } from "../../src/ports/link.ts";
import { node103 } from "../snapshots.ts";

const lost: Trouble = { kind: "connection-lost", detail: text`closed by the other side` };
const states = {
  opening: { state: "connecting", since: 0, attempt: 1 },
  again: { state: "connecting", since: 0, attempt: 2, after: lost },
  live: { state: "live", since: 0, roundTripMs: 1 },
  lost: { state: "lost", since: 0, trouble: lost, retryAt: 1 },
} as const satisfies Record<string, LinkState>;

/** A link in the test's hands. */
class HeldLink implements Link {
  readonly node = node103;
  readonly listeners = new Set<(state: LinkState) => void>();
  state: LinkState = states.opening;

  onState(listener: (state: LinkState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  become(state: LinkState): void {
    this.state = state;
    for (const listener of [...this.listeners]) listener(state);
  }

  retryNow(): void {}

  async close(): Promise<void> {}
}

function watched(...links: HeldLink[]) {
  const inner = { begun: 0, closed: 0, asked: 0 };
  const watch = onceDecided(
    {
      watch: () => {
        inner.begun++;
        return { close: () => inner.closed++ };
      },
      ask: async () => {
        inner.asked++;
        return bad(lost);
      },
    },
    links,
  );
  return { inner, watch, subscription: watch.watch(() => {}) };
}

test("a store is asked once the first of its nodes is connected to, and once only", () => {
  const [first, second] = [new HeldLink(), new HeldLink()];
  const { inner } = watched(first, second);
  expect(inner.begun).toBe(0);
  second.become(states.live);
  expect(inner.begun).toBe(1);
  second.become(states.lost);
  first.become(states.live);
  expect(inner.begun).toBe(1);
  expect(first.listeners.size + second.listeners.size).toBe(0);
});

test("a store none of whose nodes can be reached is asked all the same, so that it can say so", () => {
  const [first, second] = [new HeldLink(), new HeldLink()];
  const { inner } = watched(first, second);
  first.become(states.lost);
  first.become(states.again);
  expect(inner.begun).toBe(0);
  second.become(states.lost);
  expect(inner.begun).toBe(1);
});

test("a store without a node is asked at once", () => {
  expect(watched().inner.begun).toBe(1);
});

test("a watch that is closed before its time never begins, and one that began is closed", () => {
  const early = new HeldLink();
  const before = watched(early);
  before.subscription.close();
  early.become(states.live);
  expect(before.inner).toMatchObject({ begun: 0, closed: 0 });
  const link = new HeldLink();
  const after = watched(link);
  link.become(states.live);
  after.subscription.close();
  expect(after.inner).toMatchObject({ begun: 1, closed: 1 });
});

test("one question goes to the store at once, with its nodes still being connected to", async () => {
  const { inner, watch } = watched(new HeldLink());
  expect(await watch.ask({ ms: 1000 })).toEqual(bad(lost));
  expect(inner).toMatchObject({ begun: 0, asked: 1 });
});
