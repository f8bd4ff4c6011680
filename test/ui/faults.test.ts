import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diagnosis } from "../../src/domain/ping/diagnosis.ts";
import { placesOn } from "../../src/domain/ping/place.ts";
import { allWays } from "../../src/domain/ping/sample.ts";
import { text } from "../../src/domain/text.ts";
import { pingMatrix } from "../../src/services/ping/ping-matrix.ts";
import { DemoDriver } from "./demo-driver.ts";

describe("the demo's faults, switched from the palette", () => {
  let at: DemoDriver;
  beforeEach(async () => {
    at = new DemoDriver();
    await at.shows(/3\/3 nodes live[^\n]*0 findings[^\n]*DEMO/);
    await at.shows(/consul leader/);
  });
  afterEach(() => at.close());

  /** The screen with every finding in words. */
  const withFindings = async (pattern: RegExp, seconds = 180): Promise<string> => {
    await at.keys.press("f");
    const shown = await at.shows(pattern, seconds);
    await at.keys.press("esc");
    return shown;
  };

  /** What the pings between all containers of the overlay come to. */
  const pinged = async (): Promise<readonly string[]> => {
    const seen = at.watch.state.get();
    const network = text`ov_net1`;
    const asked = { network, ways: allWays(placesOn(network, seen)) };
    const matrix = pingMatrix(asked, seen, at.watch.access, { ms: 30_000 });
    await at.clock.advance(20_000);
    return diagnosis(await matrix);
  };

  test("node down: it is lost with the reason, its rows stay; mended it boots and is live", async () => {
    await at.toggle("node down", "node104");
    expect(at.isOn("node-down", "node104")).toBe(true);
    await at.shows(/2\/3 nodes live[\s\S]*│ node104 down /);
    await withFindings(/error +node104 cannot be reached[\s\S]*no route to host/);
    await at.shows(/node1 +node104 +big_comp.* seen \d+/);
    await at.toggle("node down", "node104");
    await at.shows(/3\/3 nodes live/, 120);
  });

  test("slow node: it is slow, and live again when it is mended", async () => {
    await at.toggle("slow node", "node105");
    await at.shows(/node105 +slow/);
    await at.toggle("slow node", "node105");
    await at.shows(/3\/3 nodes live/);
  });

  test("host key changed: the connection is refused, and R tries it again once it is mended", async () => {
    await at.toggle("host key changed", "node104");
    await at.shows(/node104 +host key changed/);
    await withFindings(/error +node104 cannot be reached\s*│\s*│ +host key changed/);
    await at.toggle("host key changed", "node104");
    await at.keys.press("R");
    await at.shows(/3\/3 nodes live/);
  });

  test("store without leader: the header and a finding say so, until it elects one", async () => {
    await at.toggle("leader", "node103");
    await at.shows(/consul not answering/);
    await withFindings(/error +consul does not answer at 192\.168\.44\.103:8500\s*│\s*│[^\n]*no cluster leader/);
    await at.toggle("leader", "node103");
    await at.shows(/consul leader/);
  });

  test("small MTU: a finding says whose interface takes less", async () => {
    await at.toggle("small mtu", "node105");
    await withFindings(/MTU differs between nodes: 1400 on node105, more on others/);
    expect(await pinged()).toMatchObject([
      expect.stringMatching(/1450 bytes do not pass .*small ones do.* need 1500 bytes .*node105 has an MTU of 1400/),
      expect.stringMatching(/node105 has an MTU of 1400/),
    ]);
    await at.toggle("small mtu", "node105");
    await at.shows(/0 findings/, 180);
  });

  test("4789 blocked one way: nobody is red, and the pings say which way is shut", async () => {
    expect(await pinged()).toEqual([]);
    await at.toggle("4789", "node104");
    expect(await pinged()).toMatchObject([
      expect.stringMatching(
        /nothing passes node103 ↔ node104, .*what is sent node103 → node104 never arrives, the other way does/,
      ),
      expect.stringMatching(/what is sent node105 → node104 never arrives, the other way does/),
    ]);
    await at.toggle("4789", "node104");
    expect(await pinged()).toEqual([]);
  });

  test("flag drift: findings say that the file says something else than the others and than dockerd does", async () => {
    await at.toggle("flag drift", "node104");
    const shown = await withFindings(/warning +node104 has another cluster-store than the other nodes/);
    expect(shown).toMatch(/warning +dockerd on node104 has not loaded its cluster-store yet/);
    await at.toggle("flag drift", "node104");
    await at.shows(/0 findings/, 180);
  });

  test("stale endpoint: the network holds an address whose container is nowhere, until it is mended", async () => {
    await at.toggle("stale endpoint", "node104");
    await at.keys.press("3", "/", ..."ov_net1", "enter", "enter");
    await at.shows(/gone-from-node104/);
    await at.keys.press("esc", "esc");
    await at.toggle("stale endpoint", "node104");
    expect(at.isOn("stale-endpoint", "node104")).toBe(false);
  });

  test("are told by the dialog on which nodes they are, and switched on others by the arrows", async () => {
    await at.keys.press("1", "g", ":", ..."fault slow", "enter");
    await at.shows(/Faults of the demo[\s\S]*‹ node103 ›[\s\S]*\[ {2}\] slow node/);
    await at.keys.press("enter", "right", "enter");
    const shown = await at.shows(/\[on\] slow node +node103, node104/);
    expect(shown).toMatch(/‹ node104 ›/);
    expect(shown).toMatch(/mend it on node104/);
    await at.keys.press("esc");
    await at.hides(/Faults of the demo/);
  });
});

test("faults are commands of the demo's palette alone", async () => {
  const at = new DemoDriver({ columns: 80, rows: 24 });
  await at.shows(/3\/3 nodes live/);
  await at.keys.press(":", ..."fault");
  expect(await at.keys.text()).toMatch(/fault: node down[\s\S]*fault: stale endpoint/);
  await at.close();
});
