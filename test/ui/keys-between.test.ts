import { expect, test } from "vitest";
import type { Finding } from "../../src/domain/finding.ts";
import type { Pieces } from "../../src/domain/pieces.ts";
import { unseen } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { Screen } from "../../src/ui/screen/screen.ts";
import { nodeNamed, start } from "../snapshots.ts";
import { FakeServices } from "./screen-driver.tsx";

test("of many nodes, a key is served while what is wrong with them is worked out", async () => {
  const nodes = Array.from({ length: 20 }, (_, index) => ({
    name: nodeNamed(`node${index + 1}`),
    address: clean(`192.168.44.${index + 1}`),
    advertise: undefined,
  }));
  const services = new FakeServices({ snapshot: unseen(clean("many"), nodes, false, start) });
  const order: string[] = [];
  let isOpen = false;
  function* findings(): Pieces<readonly Finding[]> {
    for (const check of ["a check", "another check"]) {
      order.push(check);
      // Longer than a key may wait; one arrives meanwhile.
      services.clock.sleep(50);
      if (isOpen && check === "a check") services.clock.after(0, () => screen.press(["?"]));
      yield;
    }
    return [];
  }
  const screen: Screen = new Screen({ ...services, findings }, painter(false), { columns: 80, rows: 24 }, () => {});
  const stop = screen.start();
  screen.listen(() => {
    if (screen.view().dialog !== undefined && !order.includes("help")) order.push("help");
  });
  order.length = 0;
  isOpen = true;
  await services.clock.advance(5100);
  stop();
  expect(order).toEqual(["a check", "help", "another check"]);
});
