import { describe, expect, test } from "vitest";
import { retryWaitMs } from "../../src/adapters/ssh/retry.ts";
import { type Held, SshLink } from "../../src/adapters/ssh/ssh-link.ts";
import { asNodeName, type NodeName } from "../../src/domain/ids.ts";
import type { LinkState } from "../../src/domain/link.ts";
import { text } from "../../src/domain/text.ts";
import type { Outcome, Trouble } from "../../src/domain/trouble.ts";
import { ManualClock } from "../manual-clock.ts";

const node: NodeName = asNodeName("node103") ?? expect.fail();
const lost: Trouble = { kind: "connection-lost", detail: text`closed by the other side` };
const refusal: Trouble = { kind: "authentication-failed", user: text`root`, tried: [], hint: text`` };

/** A login whose other side a test plays. */
class Login implements Held {
  readonly gone: Promise<Trouble>;
  /** How long a round trip takes, ms; undefined: nobody answers. */
  delay: number | undefined = 1;
  ended = false;
  destroyed = false;
  forgiven = 0;
  readonly #clock: ManualClock;
  #lose: (trouble: Trouble) => void = () => {};

  constructor(clock: ManualClock) {
    this.#clock = clock;
    this.gone = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      if (this.delay !== undefined) this.#clock.after(this.delay, resolve);
    });
  }

  again(): void {
    this.forgiven++;
  }

  breaks(trouble: Trouble = lost): void {
    this.#lose(trouble);
  }

  async end(): Promise<void> {
    this.ended = true;
    this.breaks();
  }

  destroy(): void {
    this.destroyed = true;
  }
}

/** A link to a host that a test answers for. */
function linked(
  answers: (attempt: number, login: Login) => Outcome<Login> | "never" = (_, login) => ({ ok: true, value: login }),
) {
  const clock = new ManualClock();
  const logins: Login[] = [];
  const states: LinkState[] = [];
  let signal: AbortSignal | undefined;
  const link = new SshLink(node, clock, (aborted) => {
    signal = aborted;
    const login = new Login(clock);
    logins.push(login);
    const answer = answers(logins.length, login);
    if (answer !== "never") return Promise.resolve(answer);
    return new Promise((resolve) => {
      aborted.addEventListener("abort", () => resolve({ ok: false, trouble: { kind: "cancelled" } }));
    });
  });
  link.onState((state) => states.push(state));
  const login = () => logins.at(-1) ?? expect.fail("no login");
  return { link, clock, logins, login, states, names: () => states.map((state) => state.state), signal: () => signal };
}

describe("a link", () => {
  test("that this machine could not open for a moment is tried again by itself", async () => {
    const hiccup: Trouble = { kind: "trouble-here", detail: text`ssh cannot be run (EAGAIN)`, remedy: text`look` };
    const { link, clock } = linked((attempt, login) =>
      attempt === 1 ? { ok: false, trouble: hiccup } : { ok: true, value: login },
    );
    await clock.advance(0);
    expect(link.state).toMatchObject({ state: "lost", trouble: hiccup });
    await clock.advance(10_000);
    expect(link.state).toMatchObject({ state: "live" });
  });

  test("is live after one round trip, and says how long it took", async () => {
    const { link, clock, names } = linked((_, login) => {
      login.delay = 40;
      return { ok: true, value: login };
    });
    expect(link.state).toMatchObject({ state: "connecting", attempt: 1 });
    await clock.advance(40);
    expect(link.state).toEqual({ state: "live", since: clock.now(), roundTripMs: 40 });
    expect(names()).toEqual(["live"]);
  });

  test("tells a round trip that changed much, and keeps small changes to itself", async () => {
    const { link, clock, login, names } = linked();
    await clock.advance(100);
    login().delay = 6;
    await clock.advance(10_100);
    expect(names()).toEqual(["live"]);
    login().delay = 300;
    await clock.advance(10_400);
    expect(link.state).toMatchObject({ state: "live", roundTripMs: 300 });
    expect(names()).toEqual(["live", "live"]);
  });

  test("is slow when an answer is overdue, and live again when answers are quick", async () => {
    const { link, clock, login } = linked();
    await clock.advance(100);
    login().delay = 4000;
    await clock.advance(11_500);
    expect(link.state).toMatchObject({ state: "slow" });
    await clock.advance(3000);
    expect(link.state).toMatchObject({ state: "slow", roundTripMs: 4000 });
    login().delay = 2;
    await clock.advance(10_500);
    expect(link.state).toMatchObject({ state: "live", roundTripMs: 2 });
  });

  test("to a peer that is dead is lost within a minute, and connects anew", async () => {
    const { link, clock, login, logins, states } = linked();
    await clock.advance(100);
    login().delay = undefined;
    const from = clock.now();
    while (link.state.state !== "lost" && clock.now() < from + 60_000) await clock.advance(1000);
    expect(link.state).toMatchObject({ state: "lost", trouble: { kind: "timed-out" } });
    expect(logins[0]?.destroyed).toBe(true);
    await clock.advance(1100);
    expect(link.state.state).toBe("live");
    expect(states.find((state) => state.state === "connecting")).toMatchObject({
      attempt: 2,
      after: { kind: "timed-out" },
    });
  });

  test("after this machine slept finds a dead peer out in seconds", async () => {
    const { link, clock, login } = linked();
    await clock.advance(100);
    login().delay = undefined;
    clock.sleep(3_600_000);
    await clock.advance(4900);
    expect(link.state.state).toBe("slow");
    await clock.advance(150);
    expect(link.state).toMatchObject({ state: "lost", trouble: { kind: "timed-out", afterMs: 5000 } });
  });

  test("says what broke it", async () => {
    const { link, clock, login } = linked();
    await clock.advance(100);
    login().breaks({ kind: "bastion-down", bastion: text`gate`, detail: text`the connection was lost` });
    await clock.advance(0);
    expect(link.state).toMatchObject({ state: "lost", trouble: { kind: "bastion-down" } });
    expect(link.held).toBeUndefined();
  });

  test("waits longer after each failure, up to a minute, and begins anew after a healthy minute", async () => {
    let up = false;
    const { link, clock, states } = linked((_, login) =>
      up ? { ok: true, value: login } : { ok: false, trouble: lost },
    );
    await clock.advance(3_600_000);
    const waits = () => states.flatMap((state) => (state.state === "lost" ? state.retryAt - state.since : []));
    expect(Math.max(...waits().slice(0, 3))).toBeLessThanOrEqual(4000);
    expect(Math.max(...waits())).toBeGreaterThan(20_000);
    expect(Math.max(...waits())).toBeLessThanOrEqual(60_000);
    up = true;
    await clock.advance(60_100);
    expect(link.state.state).toBe("live");
    await clock.advance(61_000);
    up = false;
    const before = waits().length;
    link.held?.breaks();
    await clock.advance(0);
    expect(waits()[before]).toBeLessThanOrEqual(1000);
  });

  test("that falls again and again within the minute does not begin anew", async () => {
    const { clock, login, link, states } = linked();
    for (let fall = 0; fall < 12; fall++) {
      while (link.state.state !== "live") await clock.advance(500);
      login().breaks();
      await clock.advance(0);
    }
    const waits = states.flatMap((state) => (state.state === "lost" ? state.retryAt - state.since : []));
    expect(Math.max(...waits)).toBeGreaterThan(5000);
  });

  test.each<Trouble>([
    refusal,
    { kind: "host-key-unknown", host: text`a`, keyType: text`b`, fingerprint: text`c`, line: text`d` },
    { kind: "host-key-changed", host: text`a`, keyType: text`b`, fingerprint: text`c`, knownIn: text`d` },
    { kind: "host-key-revoked", host: text`a`, fingerprint: text`c`, knownIn: text`d` },
    { kind: "misconfigured", detail: text`a`, remedy: text`b` },
  ])("that ends with $kind waits for a person", async (trouble) => {
    const { link, clock, logins } = linked((attempt, login) =>
      attempt === 1 ? { ok: false, trouble } : { ok: true, value: login },
    );
    await clock.advance(3_600_000);
    expect(link.state).toMatchObject({ state: "refused", trouble });
    expect(logins).toHaveLength(1);
    link.retryNow();
    expect(link.state).toMatchObject({ state: "connecting", attempt: 2, after: trouble });
    await clock.advance(10);
    expect(link.state.state).toBe("live");
  });

  test("that waits tries at once when it is told to, and only then", async () => {
    const { link, clock, logins } = linked((attempt, login) =>
      attempt < 6 ? { ok: false, trouble: lost } : { ok: true, value: login },
    );
    while (logins.length < 5) await clock.advance(100);
    expect(link.state.state).toBe("lost");
    link.retryNow();
    link.retryNow();
    await clock.advance(10);
    expect(logins).toHaveLength(6);
    expect(link.state.state).toBe("live");
    const before = link.state;
    link.retryNow();
    expect(link.state).toBe(before);
    expect(logins[5]?.forgiven).toBe(1);
    await clock.advance(120_000);
    expect(logins).toHaveLength(6);
  });

  test("that is closed stays closed, whatever was under way", async () => {
    const connecting = linked(() => "never");
    const live = linked();
    const waiting = linked(() => ({ ok: false, trouble: lost }));
    for (const { link, clock, logins, signal } of [connecting, live, waiting]) {
      await clock.advance(100);
      await link.close();
      expect(link.state.state).toBe("closed");
      expect(signal()?.aborted).toBe(true);
      const count = logins.length;
      link.retryNow();
      await clock.advance(600_000);
      expect(link.state.state).toBe("closed");
      expect(logins).toHaveLength(count);
      expect(clock.waiting).toBe(0);
    }
    expect(live.login().ended).toBe(true);
  });
});

describe("the wait before the next attempt", () => {
  test("is spread over all of a time that doubles", () => {
    for (let failures = 0; failures < 40; failures++) {
      const ceiling = Math.min(60_000, 1000 * 2 ** failures);
      expect(retryWaitMs(failures, 0)).toBe(250);
      expect(retryWaitMs(failures, 0.5)).toBe(Math.max(250, ceiling / 2));
      expect(retryWaitMs(failures, 0.9999999)).toBeLessThanOrEqual(ceiling);
    }
  });
});
