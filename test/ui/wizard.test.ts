import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { text } from "../../src/domain/text.ts";
import { WizardDriver } from "./wizard-driver.ts";

const small = { columns: 80, rows: 24 };
const large = { columns: 200, rows: 50 };
const hosts = ["root@192.168.44.103", "root@192.168.44.104"];

/** A set-up with two hosts that have answered. */
async function withHosts(size = small, options: ConstructorParameters<typeof WizardDriver>[1] = {}, version?: string) {
  const driver = new WizardDriver(size, options);
  await driver.paste(hosts.join("\n"));
  driver.answer(hosts, version);
  return driver;
}

/** The same, at its review. */
async function atReview(size = small, options: ConstructorParameters<typeof WizardDriver>[1] = {}) {
  const driver = await withHosts(size, options);
  await driver.press("ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n");
  expect(await driver.text()).toMatch(/ Review ─/);
  return driver;
}

describe("hosts", () => {
  test("pasted as a list are hosts each, looked at at once, and told with what they answered", async () => {
    const driver = new WizardDriver(small);
    await driver.paste("root@192.168.44.103, root@192.168.44.104\n# a comment\nroot@192.168.44.103");
    expect(driver.followed.at(-1)).toEqual(hosts);
    driver.answer(hosts);
    expect(await driver.text()).toMatch(/host 1 +root@192\.168\.44\.103 .*Docker 20\.10\.5, node103/);
    expect(await driver.text()).not.toContain("host 3");
  });

  test("are asked for before one goes on", async () => {
    const driver = new WizardDriver(small);
    await driver.press("ctrl-n");
    expect(await driver.text()).toMatch(/ Hosts ─[\s\S]*first: at least one host/);
  });

  test("can be picked from those that ssh knows", async () => {
    const driver = new WizardDriver(small);
    await driver.press("ctrl-o");
    expect(await driver.text()).toMatch(/Known hosts[\s\S]*node103[\s\S]*backup\.example/);
    await driver.press("down", "enter", "esc");
    expect(driver.followed.at(-1)).toEqual(["node104"]);
    expect(await driver.text()).toMatch(/host 1 +node104/);
  });

  test("that cannot be reached say why, and hold up nobody", async () => {
    const driver = await withHosts();
    driver.checks.set(
      new Map(driver.checks.get()).set("root@192.168.44.104", {
        state: "trouble",
        what: text`connection refused on port 22`,
        remedy: text`start sshd`,
      }),
    );
    expect(await driver.text()).toMatch(/host 2 .*connection refused on port 22/);
    await driver.press("ctrl-n");
    expect(await driver.text()).toMatch(/ Mode ─/);
  });

  test("offer their interfaces, the one of the cluster's traffic first", async () => {
    const driver = await withHosts();
    await driver.press("up", "up");
    expect(await driver.text()).toMatch(/traffic +\(•\) ens33 192\.168\.44\.103/);
  });
});

describe("pages", () => {
  test("keep what was typed while one goes back and forth", async () => {
    const driver = await withHosts();
    await driver.press("ctrl-n", "ctrl-n", "ctrl-n");
    await driver.press("down", "down", "1", "0", ".", "9", ".", "0", ".", "0", "/", "2", "4");
    await driver.press("esc", "esc", "esc");
    expect(await driver.text()).toMatch(/ Hosts ─[\s\S]*host 2/);
    await driver.press("ctrl-n", "ctrl-n", "ctrl-n");
    expect(await driver.text()).toMatch(/subnet +10\.9\.0\.0\/24/);
  });

  test("say what is wrong beside the field, and go on only when it is right", async () => {
    const driver = await withHosts();
    await driver.press("ctrl-n", "ctrl-n", "ctrl-n", "down", "down");
    await driver.press(..."192.168.44.0/25");
    expect(await driver.text()).toMatch(/overlaps 192\.168\.44\.0\/24/);
    await driver.press("ctrl-n");
    expect(await driver.text()).toMatch(/ Network ─/);
  });

  test("give the reason for the mode, and ask for no store where swarm mode needs none", async () => {
    const old = await withHosts();
    await old.press("ctrl-n");
    expect(await old.text()).toMatch(/cluster-store: engines up to 20\.10/);
    const late = await withHosts(small, {}, "26.1.5");
    await late.press("ctrl-n");
    expect(await late.text()).toMatch(/swarm: engines from 23\.0/);
    await late.press("ctrl-n");
    expect(await late.text()).toMatch(/ Network ─/);
  });

  test("fit 80 columns and 24 rows, whatever hosts are called", async () => {
    const driver = await withHosts();
    await driver.paste("漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字.example");
    await driver.press("\u001b[31mred", "down");
    for (let page = 0; page < 6; page++) {
      const rows = await driver.rows();
      expect(rows).toHaveLength(24);
      for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(80);
      await driver.press("ctrl-n");
    }
  });
});

describe("images", () => {
  test("can be picked from those that the hosts have", async () => {
    const driver = await withHosts();
    await driver.press("ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n", "down", "down");
    expect(await driver.text()).toMatch(/▸ {3}image +big_computing[\s\S]*ctrl-o pick/);
    await driver.press("ctrl-o");
    expect(await driver.text()).toMatch(/Pick the image[\s\S]*big_computing:latest[\s\S]*consul:1\.8\.7/);
    await driver.press("down", "enter");
    expect(await driver.text()).toMatch(/▸ {3}image +consul:1\.8\.7/);
    await driver.press("down");
    expect(await driver.text()).not.toContain("ctrl-o pick");
  });

  test("of the store are offered on its page", async () => {
    const driver = await withHosts();
    await driver.press("ctrl-n", "ctrl-n", "down", "down", "down", "ctrl-o", "enter");
    expect(await driver.text()).toMatch(/image +consul:1\.8\.7/);
  });
});

describe("the review", () => {
  test.each([small, large])(
    "shows every step, unfolds its diff, and says that nobody is disturbed (%o)",
    async (size) => {
      const driver = await atReview(size);
      expect(await driver.text()).toMatch(/run consul on node103[\s\S]*no running container is disturbed/);
      const rows = await driver.rows();
      const at = rows.findIndex((row) => /merge cluster-store .*node103/.test(row)) - 2;
      await driver.press(...Array.from({ length: at }, () => "down"), "enter");
      expect(await driver.text()).toMatch(/\+ .*"cluster-store": "consul:\/\/192\.168\.44\.103:8500"/);
      await driver.press("enter");
      expect(await driver.text()).not.toMatch(/\+ .*"cluster-store"/);
    },
  );

  test("asks before it applies, names the nodes, and does nothing on enter or escape", async () => {
    const driver = await atReview();
    await driver.press("a");
    expect(await driver.text()).toMatch(/Apply this plan\?[\s\S]*node103, node104[\s\S]*ovl\.yaml/);
    await driver.press("enter");
    await driver.press("a", "esc");
    expect(driver.run).toBeUndefined();
    expect(driver.saved).toBeUndefined();
    await driver.press("a", "y");
    expect(driver.run).toBeDefined();
    expect(driver.saved).toContain("ssh: root@192.168.44.103");
  });

  test("applies nothing in read-only, and nothing while something stands in the way", async () => {
    const locked = await atReview(small, { readOnly: true });
    await locked.press("a");
    expect(await locked.text()).toMatch(/read-only: every change is refused/);
    const blocked = await atReview(small, { changes: { node104: { survey: { storeDrivers: ["etcd"] } } } });
    expect(await blocked.text()).toMatch(/error +dockerd on node104 was built without a driver for consul/);
    await blocked.press("a");
    expect(await blocked.text()).toMatch(/something stands in the way/);
    expect(blocked.run).toBeUndefined();
  });

  test("opens a port without TLS only for who types the word", async () => {
    const driver = await withHosts();
    await driver.press("ctrl-n", "down", "right", "right");
    expect(await driver.text()).toMatch(/\(•\) insecure/);
    await driver.press("ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n", "ctrl-n", "a");
    expect(await driver.text()).toMatch(/Type the word insecure/);
    await driver.press("y", "e", "s", "enter");
    expect(driver.run).toBeUndefined();
    await driver.press("esc", "a", ..."insecure", "enter");
    expect(driver.run).toBeDefined();
  });
});

describe("a run", () => {
  test("shows where each step is, and the bytes of an image on its way", async () => {
    const driver = await atReview();
    await driver.press("a", "y");
    driver.run?.step(0, { state: "done", ms: 800 });
    const transfer = { bytes: 120e6, total: 400e6, doing: undefined };
    driver.run?.step(1, { state: "running", since: driver.clock.now() - 2000, says: undefined, transfer });
    expect(await driver.text()).toMatch(/done +0\.8 s +run consul/);
    expect(await driver.text()).toMatch(/120\.0 MB of 400\.0 MB, 60\.0 MB\/s/);
  });

  test("that fails says the step, the reason and the way out, and the plan can be made again", async () => {
    const driver = await atReview();
    await driver.press("a", "y");
    const error = text`/etc/docker/daemon.json on node103 was changed by somebody else`;
    driver.run?.step(2, { state: "undone", ms: 100, error, remedy: text`Plan again.` });
    driver.run?.end({ kind: "failed", steps: [] });
    expect(await driver.text()).toMatch(
      / Not done ─[\s\S]*it failed[\s\S]*undone[\s\S]*changed by somebody else[\s\S]*Plan again/,
    );
    await driver.press("esc");
    expect(await driver.text()).toMatch(/ Review ─/);
  });

  test("is ended by escape after the running step", async () => {
    const driver = await atReview();
    await driver.press("a", "y", "esc");
    expect(driver.run?.cancelled).toBe(true);
    driver.run?.end({ kind: "cancelled" });
    expect(await driver.text()).toMatch(/ended as you asked; what is done stands/);
  });

  test("that succeeds ends on the pings, and enter opens the cluster", async () => {
    const driver = await atReview();
    await driver.press("a", "y");
    driver.run?.end({ kind: "done" });
    expect(await driver.text()).toMatch(
      /The cluster is as the file says[\s\S]*ok +node1 → node2 10\.10\.10\.2: 0\.20 ms/,
    );
    await driver.press("enter");
    expect(driver.finished?.nodes.map((node) => node.name)).toEqual(["node103", "node104"]);
  });

  test("says beside its steps that the journal cannot be written, while it runs and at its end", async () => {
    const driver = await atReview();
    await driver.press("a", "y");
    driver.tell(text`the journal cannot be written: ENOSPC: no space left on device`);
    expect(await driver.text()).toMatch(/ Applying ─[\s\S]*the journal cannot be written: ENOSPC/);
    driver.run?.end({ kind: "done" });
    expect(await driver.text()).toMatch(/The cluster is as the file says[\s\S]*the journal cannot be written: ENOSPC/);
  });
});

describe("a program that has to end", () => {
  test("lets the running step end before it closes the connections", async () => {
    const driver = await atReview();
    await driver.press("a", "y");
    expect(driver.wizard.isApplying).toBe(true);
    const stopped = driver.wizard.stop();
    await driver.press();
    expect(driver.run?.cancelled).toBe(true);
    expect(driver.closed).not.toContain("session");
    driver.run?.end({ kind: "cancelled" });
    await stopped;
    expect(driver.closed).toEqual(expect.arrayContaining(["hosts", "session"]));
    expect(driver.wizard.isApplying).toBe(false);
  });

  test("lets go of hosts that are only looked at", async () => {
    const driver = await withHosts();
    await driver.wizard.stop();
    expect(driver.closed).toEqual(["hosts"]);
  });

  test("begins no run that was not begun yet", async () => {
    const driver = await atReview();
    driver.saving = Promise.withResolvers();
    await driver.press("a", "y");
    const stopped = driver.wizard.stop();
    driver.saving.resolve();
    await stopped;
    await driver.press();
    expect(driver.run).toBeUndefined();
  });
});
