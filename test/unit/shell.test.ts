import { describe, expect, test } from "vitest";
import { createDemo, type Demo } from "../../src/demo/demo.ts";
import type { ContainerId, NodeName } from "../../src/domain/ids.ts";
import { isUp } from "../../src/domain/link.ts";
import { clean, text } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { EngineControl } from "../../src/ports/engine-control.ts";
import type { JournalEntry } from "../../src/ports/journal.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { Audit } from "../../src/services/audit.ts";
import { refuseAll } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { findContainer } from "../../src/services/shell/find-container.ts";
import { type OpenShell, prepareShell, type ShellContext } from "../../src/services/shell/open-shell.ts";
import { ManualClock } from "../manual-clock.ts";

const start = Date.UTC(2026, 0, 1);
const size = { columns: 80, rows: 24 };

/** The demo's cluster, connected, with a journal that can be read. */
class Operator {
  readonly clock = new ManualClock(start);
  readonly demo: Demo;
  readonly access: ReadonlyMap<NodeName, NodeAccess>;
  readonly readOnly = new ReadOnly(false);
  readonly journal: JournalEntry[] = [];
  printed = "";

  private constructor() {
    this.demo = createDemo({ nodes: 2, containersPerNode: 4, seed: 1, clock: this.clock });
    this.access = new Map(
      this.demo.spec.nodes.map((node) => [node.name, this.demo.node(node, this.demo.spec, refuseAll)]),
    );
  }

  static async connected(): Promise<Operator> {
    const operator = new Operator();
    await operator.until(() => [...operator.access.values()].every((one) => isUp(one.link.state)));
    return operator;
  }

  get context(): ShellContext {
    const journal = { append: async (entry: JournalEntry) => void this.journal.push(entry), path: "" };
    const identity = { operator: text`somebody`, cluster: text`bigcomputing`, run: "1" };
    return {
      access: this.access,
      readOnly: this.readOnly,
      audit: new Audit(journal, this.clock, identity),
      clock: this.clock,
    };
  }

  async id(name: string): Promise<{ node: NodeName; id: ContainerId }> {
    const found = await this.passing(findContainer(name, this.access, this.clock, 5000));
    if (found.state !== "found") throw new Error(`${name} is ${found.state}`);
    return found.container;
  }

  async place(name: string) {
    const { node, id } = await this.id(name);
    return { at: "container", node, container: id, name: clean(name) } as const;
  }

  /** A shell on a terminal in that container. */
  async shell(name: string): Promise<OpenShell> {
    const prepared = await this.passing(prepareShell(await this.place(name), undefined, this.context));
    if (prepared.state !== "ready") throw new Error(`${name}: ${prepared.state}`);
    const opened = await this.passing(
      prepared.ready.start(size, "xterm", (bytes) => {
        this.printed += Buffer.from(bytes).toString();
      }),
    );
    if (!opened.ok) throw new Error(JSON.stringify(opened.trouble));
    return opened.value;
  }

  async change(node: NodeName, make: (engine: EngineControl) => Promise<Outcome<unknown>>): Promise<void> {
    const engine = this.access.get(node)?.control?.engine;
    if (engine === undefined) throw new Error(`no engine on ${node}`);
    expect(await this.passing(make(engine))).toMatchObject({ ok: true });
  }

  /** Lets time pass until the promise has settled. */
  async passing<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    await this.until(() => settled);
    return done;
  }

  async until(holds: () => boolean): Promise<void> {
    for (let step = 0; step < 6000 && !holds(); step++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!holds()) this.clock.advance(10);
    }
    if (!holds()) throw new Error(`not within 60 s; printed so far: ${this.printed}`);
  }
}

describe("a shell in a container", () => {
  test("answers what is typed, and ends with its exit code, in the journal as well", async () => {
    const operator = await Operator.connected();
    const shell = await operator.shell("node2");
    await shell.write(Buffer.from("hostname\r"));
    await operator.until(() => /node2:\/# hostname\r\nnode2\r\n/.test(operator.printed));
    await shell.write(Buffer.from("exit 3\r"));
    expect(await operator.passing(shell.ended)).toEqual({ end: "exited", code: 3 });
    expect(operator.journal.map(({ event, error }) => [event, error])).toEqual([
      ["begun", undefined],
      ["done", "exit code 3"],
    ]);
    expect(operator.journal[0]).toMatchObject({
      node: "node103",
      step: "exec",
      title: expect.stringMatching(/^bash in node2 \(\w{12}\) on node103$/),
    });
  });

  test("is sh where there is no bash", async () => {
    const operator = await Operator.connected();
    const consul = await operator.shell("consul");
    await consul.write(Buffer.from("nonsense\r"));
    await operator.until(() => operator.printed.includes("sh: nonsense: command not found"));
    expect(operator.printed).not.toContain("bash:");
  });

  test("that is left idle is ended; one in which something runs goes on", async () => {
    const operator = await Operator.connected();
    const idle = await operator.shell("node2");
    expect(await operator.passing(idle.leave(false))).toBe("left, and ended");
    const busy = await operator.shell("node2");
    await busy.write(Buffer.from("sleep 1000\r"));
    expect(await operator.passing(busy.leave(false))).toBe("left; what runs in it goes on");
    expect(operator.journal.map((one) => one.event)).toEqual(["begun", "cancelled", "begun", "cancelled"]);
  });

  test("is refused by read-only, before and after it was prepared, and nothing was run", async () => {
    const operator = await Operator.connected();
    const place = await operator.place("node2");
    const prepared = await operator.passing(prepareShell(place, undefined, operator.context));
    operator.readOnly.toggle();
    expect(await prepareShell(place, undefined, operator.context)).toMatchObject({ state: "refused" });
    expect(await prepareShell({ at: "node", node: place.node }, undefined, operator.context)).toMatchObject({
      state: "refused",
    });
    if (prepared.state !== "ready") throw new Error(prepared.state);
    expect(await prepared.ready.start(size, "xterm", () => undefined)).toMatchObject({ ok: false });
    expect(operator.journal).toEqual([]);
  });

  test("whose node is cut off is lost, and the journal says so", async () => {
    const operator = await Operator.connected();
    const shell = await operator.shell("node2");
    operator.demo.breakNode("node103", "link-down");
    expect(await operator.passing(shell.ended)).toMatchObject({ end: "lost" });
    await operator.until(() => operator.journal.length === 2);
    expect(operator.journal[1]).toMatchObject({ event: "failed", error: expect.stringContaining("connection") });
  });

  test("says what the engine says of a container that is paused", async () => {
    const operator = await Operator.connected();
    const place = await operator.place("node2");
    await operator.change(place.node, (engine) => engine.pauseContainer(place.container, { ms: 5000 }));
    expect(await operator.passing(prepareShell(place, undefined, operator.context))).toMatchObject({
      state: "refused",
      error: expect.stringContaining("is paused, unpause the container before exec"),
    });
  });

  test("a command's arguments stay out of the journal", async () => {
    const operator = await Operator.connected();
    const place = await operator.place("node2");
    const prepared = await prepareShell(place, ["echo", "secret"], operator.context);
    if (prepared.state !== "ready") throw new Error(prepared.state);
    await operator.passing(prepared.ready.start(undefined, "", () => undefined));
    expect(operator.journal[0]?.title).toMatch(/^echo and its arguments in node2 /);
    expect(JSON.stringify(operator.journal)).not.toContain("secret");
  });
});

describe("a container that is looked for", () => {
  test("is found by name, by id and by the beginning of its id, wherever it runs", async () => {
    const operator = await Operator.connected();
    const { node, id } = await operator.id("node1");
    expect(node).toBe("node104");
    expect(await operator.id(id)).toMatchObject({ node, id });
    expect(await operator.id(id.slice(0, 12))).toMatchObject({ node, id });
  });

  test("is not chosen between two of one name, and both are told with their nodes", async () => {
    const operator = await Operator.connected();
    for (const name of ["node1", "node2"]) {
      const { node, id } = await operator.id(name);
      await operator.change(node, (engine) => engine.renameContainer(id, "twin", { ms: 5000 }));
    }
    const found = await operator.passing(findContainer("twin", operator.access, operator.clock, 5000));
    expect(found.state === "ambiguous" && found.containers.map((one) => one.node)).toEqual(["node103", "node104"]);
    operator.demo.stopContainer("node103", "twin");
    expect(await operator.id("twin")).toMatchObject({ node: "node104" });
    operator.demo.stopContainer("node104", "twin");
    // Run with --rm, as the classic procedure has them: stopped is gone.
    expect(await operator.passing(findContainer("twin", operator.access, operator.clock, 5000))).toMatchObject({
      state: "none",
    });
  });

  test("that is there and does not run is told as such", async () => {
    const operator = await Operator.connected();
    operator.demo.stopStore();
    expect(await operator.passing(findContainer("consul", operator.access, operator.clock, 5000))).toMatchObject({
      state: "not-running",
      containers: [{ name: "consul", node: "node103" }],
    });
  });

  test("is found although another node is away, which is told", async () => {
    const operator = await Operator.connected();
    operator.demo.breakNode("node103", "power-off");
    await operator.until(() => [...operator.access.values()].some((one) => !isUp(one.link.state)));
    const found = await operator.passing(findContainer("node1", operator.access, operator.clock, 5000));
    expect(found).toMatchObject({ state: "found", unheard: [{ node: "node103" }] });
    expect(await operator.passing(findContainer("nobody", operator.access, operator.clock, 5000))).toMatchObject({
      state: "none",
    });
  });
});
