import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { WizardDriver } from "./wizard-driver.ts";

const small = { columns: 80, rows: 24 };
const large = { columns: 200, rows: 50 };
const sizes = [small, large];
const hosts = ["root@192.168.44.103", "root@192.168.44.104"];

/** A set-up at the page of the pool, with the procedure's two containers. */
async function atPool(size = small): Promise<WizardDriver> {
  const driver = new WizardDriver(size);
  await driver.paste(hosts.join("\n"));
  driver.answer(hosts);
  await driver.press("ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n");
  expect(await driver.text()).toMatch(/ Pool ─/);
  return driver;
}

/** What the file says of the pool once the plan is applied. */
async function written(driver: WizardDriver): Promise<string | undefined> {
  await driver.press("ctrl-n", "a", "y");
  return driver.saved;
}

describe.each(sizes)("the page of the pool (%o)", (size) => {
  test("asks for nothing where there is none, and the file has none then", async () => {
    const driver = await atPool(size);
    expect(await driver.text()).toMatch(/HTCondor pool +\(•\) none +\( \) password +\( \) open/);
    expect(await driver.text()).not.toContain("a member");
    expect(await written(driver)).not.toContain("condor:");
  });

  test("begins with the procedure's pool: the first container manages, all run jobs", async () => {
    const driver = await atPool(size);
    await driver.press("right");
    const text = await driver.text();
    expect(text).toMatch(/node2 +\( \) not in it +\(•\) a member +manager, submit, execute/);
    expect(text).toMatch(/node1 +\( \) not in it +\(•\) a member +execute/);
    expect(await written(driver)).toMatch(
      /condor:\n {2}manager: node2\n {2}execute: \[ ?node2, node1 ?\]\n {2}security: password\n/,
    );
  });

  test("says in full what open means", async () => {
    const driver = await atPool(size);
    await driver.press("right", "right");
    const words = (await driver.text()).replaceAll(/[│\s]+/g, " ");
    expect(words).toContain("whoever reaches the network may run jobs on every member, take jobs, and change the pool");
    expect(words).toContain("For isolated networks only.");
    expect(await written(driver)).toContain("security: open");
  });

  test("fits the terminal with every role of a container unfolded", async () => {
    const driver = await atPool(size);
    await driver.press("right", "down", "down");
    const rows = await driver.rows();
    expect(rows.join("\n")).toMatch(/▸ node2 [\s\S]* manager [\s\S]* submit [\s\S]* execute /);
    expect(rows).toHaveLength(size.rows);
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(size.columns);
  });

  test("is followed by a plan with a step for each member, the manager first", async () => {
    const driver = await atPool(size);
    await driver.press("right", "ctrl-n", "end");
    const text = await driver.text();
    expect(text).toMatch(
      /HTCondor in node2 on node103 the pool's secret[\s\S]*HTCondor in node1 on node104 the pool's secret/,
    );
  });
});

describe("roles", () => {
  test("can be any together, and the manager's goes from one to the other", async () => {
    const driver = await atPool();
    // Past the domain to node2, and through its roles to node1.
    await driver.press("right", "down", "down", "down", "down", "down", "right", "down", "down", "right");
    const text = await driver.text();
    expect(text).toMatch(/node2 .* submit\b/);
    expect(text).toMatch(/node1 .* manager, execute/);
    expect(await written(driver)).toMatch(
      /manager: node1\n {2}execute: \[ ?node1 ?\]\n {2}submit: \[ ?node2 ?\]\n {2}security: password/,
    );
  });

  test("are missed by name while nobody manages or nobody takes jobs", async () => {
    const driver = await atPool();
    await driver.press("right", "down", "down", "right");
    await driver.press("ctrl-n");
    expect(await driver.text()).toMatch(/first: no member manages it/);
    // The cursor is on the pool; out and in again, node2 runs jobs and nothing else.
    await driver.press("down", "down", "right", "down", "right", "ctrl-n");
    expect(await driver.text()).toMatch(/first: no member takes jobs/);
  });

  test("stay with their containers while one goes back and forth", async () => {
    const driver = await atPool();
    await driver.press("right", "esc", "esc", "ctrl-n", "ctrl-n");
    expect(await driver.text()).toMatch(/node2 .*manager, submit, execute/);
  });

  test("are refused to a container that the manager cannot reach", async () => {
    const driver = await atPool();
    await driver.press("right", "esc");
    // Past node and image of node2 to its network: none.
    await driver.press("down", "down", "down", "right", "ctrl-n");
    expect(await driver.text()).toMatch(/node2 .* on no network/);
    expect(await driver.text()).toMatch(/node1 .* not on the manager's network/);
    await driver.press("ctrl-n");
    expect(await driver.text()).toMatch(/ Pool ─[\s\S]*first: on no network/);
  });
});

test("a domain of its own stands in the file and in a member's configuration", async () => {
  const driver = await atPool();
  await driver.press("right", "down", ..."pool.example");
  await driver.press("ctrl-n");
  const rows = await driver.rows();
  const at = rows.findIndex((row) => /HTCondor in node1/.test(row)) - 2;
  await driver.press(...Array.from({ length: at }, () => "down"), "enter");
  expect(await driver.text()).toMatch(/\+TRUST_DOMAIN = pool\.example/);
  await driver.press("a", "y");
  expect(driver.saved).toContain("domain: pool.example");
});
