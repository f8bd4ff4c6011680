import { afterEach, expect, test } from "vitest";
import { createEngineControl } from "../../src/adapters/engine/engine-control.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { clean } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { containerId, node103 } from "../snapshots.ts";
import { type FakeEngine, fakeEngine } from "./fake-engine.ts";

let engine: FakeEngine | undefined;

afterEach(() => engine?.stop());

test("a container's volumes without a name go with it only where the call says so", async () => {
  engine = await fakeEngine((_path, response) => {
    response.statusCode = 204;
    response.end();
  }, "1.41");
  const version = () => Promise.resolve(good(clean("1.41")));
  const control = createEngineControl(engine.transport, node103, systemClock, version);
  for (const volumes of [false, true]) {
    const removed = await control.removeContainer(containerId("c"), { force: true, volumes }, { ms: 5000 });
    expect(removed.ok).toBe(true);
    expect(engine.asked.at(-1)).toMatch(new RegExp(`^/v1.41/containers/c0+\\?force=true&v=${volumes}$`));
  }
});
