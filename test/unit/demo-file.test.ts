import { expect, test } from "vitest";
import { demoFile } from "../../src/demo/file.ts";
import { demoSpec } from "../../src/demo/spec.ts";
import { parseSpec } from "../../src/domain/spec/parse.ts";

const around = { file: "ovl.yaml", home: "/root", resolve: (...parts: string[]) => parts.at(-1) ?? "" };

test.each([
  [2, 8, "classic"],
  [40, 20, "classic"],
  [3, 0, "classic"],
  [3, 2, "swarm"],
] as const)(
  "the file of the demo with %i nodes, %i containers on each, %s, means its cluster",
  (nodes, containers, flavour) => {
    const spec = demoSpec(nodes, containers, flavour);
    const parsed = parseSpec(demoFile(spec), around);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect({ ...parsed.spec, file: undefined }).toEqual(spec);
  },
);
