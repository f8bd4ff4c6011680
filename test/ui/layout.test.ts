import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "../../src/domain/text.ts";
import { lineWidth } from "../../src/ui/draw/line.ts";
import type { StageName } from "../../src/ui/opening.ts";
import { paneIds } from "../../src/ui/panes/pane.ts";
import { Contents } from "../../src/ui/screen/contents.ts";
import { headerLine } from "../../src/ui/screen/header.ts";
import { layoutOf } from "../../src/ui/screen/layout.ts";
import { node104, start } from "../snapshots.ts";
import { clusterAfter, lost } from "./clusters.ts";

const wanted = fc.record({ nodes: fc.nat(80), membership: fc.nat(80), networks: fc.nat(80), containers: fc.nat(500) });
const size = fc.record({ columns: fc.integer({ min: 80, max: 300 }), rows: fc.integer({ min: 24, max: 120 }) });

describe("the layout", () => {
  test("uses every row and column between header and footer, whatever the panes want", () => {
    fc.assert(
      fc.property(size, wanted, fc.constantFrom(...paneIds), fc.boolean(), ({ columns, rows }, want, focus, zoomed) => {
        const { strip, bands } = layoutOf({ columns, rows }, focus, zoomed, want);
        for (const band of bands) {
          expect(band.reduce((sum, pane) => sum + pane.width, 0)).toBe(columns);
          // Frame, titles and three rows: less shows nothing.
          for (const pane of band) expect(pane.height).toBeGreaterThanOrEqual(6);
        }
        const height = bands.reduce((sum, band) => sum + (band[0]?.height ?? 0), 0);
        expect(height + (strip ? 1 : 0)).toBe(rows - 3);
        if (strip) expect(bands.flat().map((pane) => pane.id)).toEqual([focus]);
        else expect(bands.flat().map((pane) => pane.id)).toEqual([...paneIds]);
      }),
    );
  });

  test("gives the lower panes what the upper ones do not need, and never less than half when they need it", () => {
    const of = (nodes: number, containers: number) =>
      layoutOf({ columns: 160, rows: 43 }, "nodes", false, { nodes, membership: 0, networks: 0, containers }).bands.map(
        (band) => band[0]?.height,
      );
    expect(of(2, 100)).toEqual([6, 34]);
    expect(of(50, 100)).toEqual([20, 20]);
    expect(of(50, 4)).toEqual([33, 7]);
  });
});

describe("the header", () => {
  const seen = {
    snapshot: clusterAfter(lost(node104)),
    findings: [],
    counted: clusterAfter(lost(node104)),
    now: start,
    storeKind: undefined,
    specFile: undefined,
    readOnly: true,
    demo: true,
    stages: new Set<StageName>(),
  };
  const header = (columns: number, cluster = seen.snapshot.cluster) =>
    headerLine(new Contents({ ...seen, snapshot: { ...seen.snapshot, cluster } }), columns);
  const words = (columns: number): string =>
    header(columns)
      .map((one) => one.text)
      .join("");

  test("fits every width and keeps cluster, nodes, findings, DEMO, RO and the clock", () => {
    for (let columns = 80; columns <= 220; columns++) {
      expect(lineWidth(header(columns))).toBe(columns);
      for (const one of ["bigcomputing", "1/2 nodes live", "0 findings", "DEMO", "RO", ":00"]) {
        expect(words(columns)).toContain(one);
      }
    }
    const long = header(80, clean("漢字".repeat(100)));
    expect(lineWidth(long)).toBe(80);
    expect(long.map((one) => one.text).join("")).toContain("1/2 nodes live");
    expect(words(140)).toMatch(
      /^ ovl-tui {2}bigcomputing {3}1\/2 nodes live {3}consul leader node103 {3}1 overlay {3}2 containers {3}0 findings +DEMO {2}RO {2}/,
    );
  });
});
