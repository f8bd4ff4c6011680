import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configText } from "../../src/domain/condor/config.ts";
import { text } from "../../src/domain/text.ts";
import { type Answer, node1, node2, Program } from "./applied.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

/** The containers of the procedure, without systemd. */
const plain = (one: typeof node1, name: string) => ({
  ...one,
  ...{ name, hostname: name, privileged: false, command: ["sleep", "infinity"] },
});

const stop =
  "condor_off -fast -master; while pgrep --runstates R,S,D --exact condor_master >/dev/null; do sleep 0.1; done";

onRealHosts("HTCondor in containers as images come", () => {
  let lab: Lab;
  let program: Program;
  const manager = plain(node2, "boss");
  const worker = plain(node1, "worker");
  const helper = plain(node2, "helper");
  const wants = (condor: object, containers: readonly object[] = [manager, worker]) =>
    program.wants({ containers, condor: { manager: "boss", security: "password", ...condor } });
  const inside = (container: string, script: string) =>
    lab
      .node(container === "worker" ? "node104" : "node103")
      .must(`docker exec -i "$1" /bin/sh -c "$2"`, container, script);
  const slots = async () => (await program.condor()).slots.map(({ container }) => container).sort();
  const applied = async (): Promise<Answer> => {
    const answer = await program.apply();
    expect(answer, answer.said).toMatchObject({ code: 0, ok: true });
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
    return answer;
  };

  beforeAll(async () => {
    lab = await Lab.up({ name: "condor-setup", flavour: "classic", nodes: 2, joined: false });
    program = new Program(lab);
    wants({ execute: ["worker"] });
    await applied();
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  test("is installed by its distribution's own command where an image has none, and then in the pool", async () => {
    // The packages that the image was made of become the repository that its distribution would be.
    await inside("worker", readFileSync(path.join(import.meta.dirname, "packed-again.sh"), "utf8"));
    expect(await slots()).toEqual([]);
    const planned = await program.plan();
    expect(planned.steps.map((step) => step.title)).toEqual([
      expect.stringMatching(/^install HTCondor in worker on node104 \(Debian GNU\/Linux/),
      expect.stringContaining("the pool's secret and startd; start it"),
    ]);
    expect(planned.obstacles).toMatchObject([{ id: "condor-missing", severity: "warning" }]);
    await applied();
    expect(await slots()).toEqual(["worker"]);
  });

  test("says what the packages' command said where it cannot be installed, and touches nothing else", async () => {
    await inside("worker", `${stop}; dpkg --purge --force-depends condor htcondor; mv /repo /away`);
    const answer = await program.apply();
    expect(answer).toMatchObject({ code: 1, ok: false });
    const [install, configure] = answer.steps;
    expect(install?.error).toMatch(/apt-get/);
    expect(configure?.result).toBe("skipped");
    await inside("worker", "mv /away /repo");
    await applied();
  });

  test("without a config.d has a marked block in condor_config, which goes to the end of what is there", async () => {
    const main = "/etc/condor/condor_config";
    await inside("worker", `rm -r /etc/condor/config.d; echo 'LOCAL_CONFIG_DIR =' >>${main}`);
    const before = await inside("worker", `cat ${main}`);
    const { steps } = await applied();
    expect(steps).toMatchObject([{ preview: expect.stringContaining(`worker:${main}`) }]);
    const after = await inside("worker", `cat ${main}`);
    expect(after.startsWith(before)).toBe(true);
    expect(after.slice(before.length)).toMatch(/^# BEGIN ovl-tui\n[\s\S]*\n# END ovl-tui\n$/);
    expect(await slots()).toEqual(["worker"]);
  });

  test("is in the pool at the address that its container has now, and what it said at another one is forgotten", async () => {
    const host = lab.node("node104");
    const address = async () =>
      (await host.docker("inspect", "-f", "{{.NetworkSettings.Networks.ov_net1.IPAddress}}", "worker")).trim();
    const before = await address();
    // As after a loss of power: nobody took back what the collector was told.
    await host.docker("kill", "worker");
    await host.docker(
      "run",
      "-d",
      "--name",
      "stranger",
      "--network",
      "ov_net1",
      "--ip",
      before,
      "busybox",
      "sleep",
      "999",
    );
    await host.docker("start", "worker");
    expect(await address()).not.toBe(before);
    const { findings } = await program.condor();
    expect(findings.map(({ id, title }) => `${id}: ${title}`)).toEqual([
      expect.stringMatching(/^condor-stopped: worker on node104 is not in the pool/),
      `condor-left-behind: The pool still lists worker at ${before}, whose container is gone or was started anew`,
    ]);
    await applied();
    expect(await slots()).toEqual(["worker"]);
    expect((await program.condor()).findings).toEqual([]);
    await host.docker("rm", "-f", "stranger");
  });

  test("that is a container's own process begins anew as that process, and its container runs on", async () => {
    const own = { ...plain(node2, "own"), command: ["condor_master", "-f"] };
    wants({ execute: ["worker", "own"] }, [manager, worker, own]);
    await applied();
    expect(await slots()).toEqual(["own", "worker"]);
    const began = () => inside("own", "cat /proc/1/comm; cut -d' ' -f22 /proc/1/stat");
    const before = await began();
    expect(before).toMatch(/^condor_master\n/);
    wants({ execute: ["worker", "own"], domain: "elsewhere" }, [manager, worker, own]);
    await applied();
    expect(await inside("own", "condor_config_val UID_DOMAIN")).toBe("elsewhere\n");
    expect(await slots()).toEqual(["own", "worker"]);
    expect(await began()).toBe(before);
    await lab.node("node103").docker("rm", "-f", "own");
  });

  test("lets in a member that knows the pool password only, as those before 9.0 do", async () => {
    wants({ execute: ["worker", "helper"] }, [manager, worker, helper]);
    await applied();
    const settings = {
      manager: text`boss`,
      domain: text`bigcomputing`,
      daemons: ["startd"],
      security: "password",
    } as const;
    const old = configText(settings, { major: 8, minor: 8, patch: 13 }, "10.10.10.*");
    await inside(
      "helper",
      `${stop}; rm -rf /etc/condor/config.d/00-* /etc/condor/tokens.d
       cat >/etc/condor/config.d/50-ovl-tui.conf <<'END'\n${old}END
       condor_master`,
    );
    const table = await inside("helper", "condor_ping -table -type COLLECTOR ADVERTISE_STARTD");
    expect(table).toMatch(/ADVERTISE_STARTD +PASSWORD .*ALLOW/);
    // What is written for the version that it really has brings it back.
    await applied();
    expect(await inside("helper", "condor_ping -table -type COLLECTOR ADVERTISE_STARTD")).toMatch(/IDTOKENS .*ALLOW/);
    expect(await slots()).toEqual(["helper", "worker"]);
  });

  test("moves to another manager when the file says so, with everybody's configuration and nobody's container touched", async () => {
    const running = () =>
      Promise.all(["boss", "worker", "helper"].map((one) => inside(one, "cut -d' ' -f22 /proc/1/stat")));
    const before = await running();
    wants({ manager: "helper", execute: ["worker", "boss"] }, [manager, worker, helper]);
    await applied();
    expect(await slots()).toEqual(["boss", "worker"]);
    expect(await running()).toEqual(before);
  });
});
