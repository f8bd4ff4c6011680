import { describe, expect, test } from "vitest";
import { Limit } from "../../src/adapters/ssh/limit.ts";
import { SharedWork } from "../../src/adapters/ssh/shared-work.ts";

/** Lets every promise settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when a test says so. */
function work() {
  const begun: AbortSignal[] = [];
  const ends: ((value: string) => void)[] = [];
  return {
    begun,
    end: (value: string) => ends.shift()?.(value),
    run: (signal: AbortSignal) =>
      new Promise<string>((resolve) => {
        begun.push(signal);
        ends.push(resolve);
      }),
  };
}

describe("a question that several connections have", () => {
  test("is asked once, and answered for all", async () => {
    const shared = new SharedWork();
    const question = work();
    const { signal } = new AbortController();
    const both = Promise.all([shared.join("key", signal, question.run), shared.join("key", signal, question.run)]);
    question.end("answer");
    expect(await both).toEqual(["answer", "answer"]);
    expect(question.begun).toHaveLength(1);
  });

  test("is asked anew when it comes up again", async () => {
    const shared = new SharedWork();
    const question = work();
    const { signal } = new AbortController();
    const first = shared.join("key", signal, question.run);
    question.end("one");
    await first;
    const second = shared.join("key", signal, question.run);
    question.end("two");
    expect([await first, await second]).toEqual(["one", "two"]);
  });

  test("stays open while anybody waits, and is withdrawn with the last", async () => {
    const shared = new SharedWork();
    const question = work();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = shared.join("key", one.signal, question.run);
    const second = shared.join("key", two.signal, question.run);
    one.abort();
    expect(await first).toBeUndefined();
    expect(question.begun[0]?.aborted).toBe(false);
    two.abort();
    expect(await second).toBeUndefined();
    expect(question.begun[0]?.aborted).toBe(true);
    void shared.join("key", new AbortController().signal, question.run);
    expect(question.begun).toHaveLength(2);
  });

  test("that fails fails for all, and is no hindrance to the next", async () => {
    const shared = new SharedWork();
    const { signal } = new AbortController();
    const broken = () => Promise.reject(new Error("broken"));
    const both = await Promise.allSettled([shared.join("key", signal, broken), shared.join("key", signal, broken)]);
    expect(both.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    expect(await shared.join("key", signal, async () => "fine")).toBe("fine");
  });

  test("can be waited for by those who would only come with the same", async () => {
    const shared = new SharedWork();
    const question = work();
    const { signal } = new AbortController();
    void shared.join("key", signal, question.run);
    let quiet = false;
    const waited = shared.quiet(["key", "another"], signal).then(() => {
      quiet = true;
    });
    await settled();
    expect(quiet).toBe(false);
    question.end("answer");
    await waited;
    expect(quiet).toBe(true);
    await shared.quiet(["key"], signal);
  });
});

describe("a limit", () => {
  test("lets no more in than it says, and the others in order", async () => {
    const limit = new Limit(2);
    const { signal } = new AbortController();
    const entered: number[] = [];
    const leaves = new Map<number, () => void>();
    for (let index = 0; index < 4; index++) {
      void limit.enter(signal).then((leave) => {
        entered.push(index);
        leaves.set(index, leave ?? expect.fail());
      });
    }
    await settled();
    expect(entered).toEqual([0, 1]);
    leaves.get(1)?.();
    leaves.get(1)?.();
    await settled();
    expect(entered).toEqual([0, 1, 2]);
    leaves.get(0)?.();
    await settled();
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  test("keeps no place for those who went away", async () => {
    const limit = new Limit(1);
    const leave = (await limit.enter(new AbortController().signal)) ?? expect.fail();
    const impatient = new AbortController();
    const gone = limit.enter(impatient.signal);
    const next = limit.enter(new AbortController().signal);
    impatient.abort();
    expect(await gone).toBeUndefined();
    leave();
    expect(await next).toBeTypeOf("function");
    expect(await limit.enter(AbortSignal.abort())).toBeUndefined();
  });
});
