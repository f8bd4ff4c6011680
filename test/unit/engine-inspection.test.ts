import { afterEach, expect, test } from "vitest";
import { createEngineControl } from "../../src/adapters/engine/engine-control.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { clean } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { nodeNamed } from "../snapshots.ts";
import { type FakeEngine, fakeEngine } from "./fake-engine.ts";

let engine: FakeEngine | undefined;

afterEach(() => engine?.stop());

/** What comes of asking an engine of that API for an image of a registry, when it answers so. */
async function asked(version: string, status: number, body: string) {
  engine = await fakeEngine((_path, response) => {
    response.statusCode = status;
    response.end(body);
  }, version);
  const api = () => Promise.resolve(good(clean(version)));
  const control = createEngineControl(engine.transport, nodeNamed("node103"), systemClock, api);
  return control.inspection.registryHas("nginx:1.27", { ms: 5000 });
}

test.each([
  ["1.24", "page not found\n"],
  ["1.29", '{"message":"page not found"}'],
])("an engine of API %s cannot be asked what a registry has, which is no refusal", async (version, body) => {
  expect(await asked(version, 404, body)).toEqual(good(undefined));
});

test("an image that its registry does not have is refused in its words", async () => {
  const body = '{"message":"manifest for nginx:1.27 not found: manifest unknown"}';
  expect(await asked("1.41", 404, body)).toMatchObject({
    ok: false,
    trouble: { kind: "engine-refused", status: 404, detail: expect.stringContaining("manifest unknown") },
  });
});

test("and one that it has is there", async () => {
  expect(await asked("1.41", 200, "{}")).toEqual(good(undefined));
});
