import { afterAll, beforeAll, expect, test } from "vitest";
import { node2, Program } from "./applied.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

const ours = "/etc/condor/config.d/50-ovl-tui.conf";
const foreign = "/etc/condor/config.d/99-somebody.conf";
const condor = { manager: "node2", execute: ["node1"], security: "password" };

onRealHosts("what is wrong with a pool", () => {
  let lab: Lab;
  let program: Program;
  const inside = (name: "node2" | "node1", script: string) =>
    lab.node(name === "node2" ? "node103" : "node104").must('docker exec "$1" /bin/sh -c "$2"', name, script);
  /** In the network of node1, with the host's own tools. */
  const filter = (...rule: string[]) =>
    lab.node("node104").must('nsenter -t "$(docker inspect -f "{{.State.Pid}}" node1)" -n iptables "$@"', ...rule);
  const restart = "systemctl restart condor";

  /** Waits until the program says that just this is wrong, `id` of that container among it. */
  const named = async (id: string, findings: unknown, about = "node1 on node104") => {
    const told = async () => {
      const answer = await program.condor();
      return {
        code: answer.code,
        ids: answer.findings.filter(({ title }) => title.includes(about)).map((one) => one.id),
        findings: answer.findings.map(({ id, title, evidence, remedy }) => ({
          ...{ id, remedy },
          told: [title, ...evidence].join("\n"),
        })),
      };
    };
    await expect
      .poll(told, { timeout: 240_000 })
      .toMatchObject({ code: 1, ids: expect.arrayContaining([id]), findings });
  };
  const isWell = () =>
    until("a pool without findings", 180, async () => {
      const { code, findings } = await program.condor();
      return code === 0 && findings.length === 0;
    });
  const mended = async () => {
    const answer = await program.apply();
    expect(answer, answer.said).toMatchObject({ code: 0, ok: true });
    expect(answer.steps.length).toBeGreaterThan(0);
    await isWell();
  };

  beforeAll(async () => {
    lab = await Lab.up({ name: "condor-faults" });
    program = new Program(lab);
    program.wants({ condor });
    await mended();
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  test("another secret: the member is not believed, and apply gives it the pool's", async () => {
    await inside(
      "node1",
      `head -c 43 /dev/urandom >/etc/condor/passwords.d/ovl-tui; rm -f /etc/condor/tokens.d/*; ${restart}`,
    );
    await named("condor-authentication", [
      {
        told: expect.stringMatching(
          /node1 on node104 is not in the pool: node2 does not believe it[\s\S]*AUTHENTICATE:1003/,
        ),
      },
    ]);
    await mended();
  });

  test("another manager in the file of ours: apply writes the right one", async () => {
    await inside("node1", `sed -i 's/^CONDOR_HOST.*/CONDOR_HOST = node1/' ${ours}; ${restart}`);
    await named("condor-host-wrong", [
      {
        told: expect.stringContaining("CONDOR_HOST = node1"),
        remedy: expect.stringContaining(`apply" writes node2 into`),
      },
    ]);
    await mended();
  });

  test("another manager in a file of somebody else's: the line is named, and no step tries what it would undo", async () => {
    await inside("node1", `echo 'CONDOR_HOST = node1' >${foreign}; ${restart}`);
    await named("condor-host-wrong", [
      {
        told: expect.stringContaining(`CONDOR_HOST = node1, from ${foreign}, line 1`),
        remedy: expect.stringMatching(/^Take that line out/),
      },
    ]);
    expect(await program.plan()).toMatchObject({
      steps: [],
      obstacles: [{ id: "condor-host-wrong", severity: "warning" }],
    });
    await inside("node1", `rm ${foreign}; ${restart}`);
    await isWell();
  });

  test("the address of docker_gwbridge, which every node has: apply pins the overlay's", async () => {
    await inside("node1", `sed -i 's/^NETWORK_INTERFACE.*/NETWORK_INTERFACE = 172.*/' ${ours}; ${restart}`);
    await named("condor-address-stray", [
      { told: expect.stringMatching(/tells the pool an address that nobody reaches[\s\S]*advertises 172\./) },
    ]);
    await mended();
  });

  test("a collector that cannot be reached: TCP 9618 is named, for as long as it lasts", async () => {
    // It takes its leave as long as it can: otherwise the collector would not miss it for half a minute.
    await inside("node1", "systemctl stop condor");
    await filter("-A", "OUTPUT", "-p", "tcp", "--dport", "9618", "-d", "10.10.10.0/24", "-j", "DROP");
    await inside("node1", "systemctl start --no-block condor");
    await named("condor-collector-unreachable", [
      {
        told: expect.stringContaining("does not reach the collector of node2"),
        remedy: expect.stringContaining("TCP 9618"),
      },
    ]);
    await filter("-F", "OUTPUT");
    await inside("node1", restart);
    await isWell();
  });

  test("a manager's name that does not resolve: the name server of the container is named", async () => {
    await inside(
      "node1",
      `cp /etc/resolv.conf /tmp/resolv; echo 'nameserver 10.10.10.250' >/etc/resolv.conf; ${restart}`,
    );
    await named("condor-name-unresolved", [
      { told: expect.stringContaining("node2 does not resolve in it"), remedy: expect.stringContaining("127.0.0.11") },
    ]);
    await inside("node1", `cat /tmp/resolv >/etc/resolv.conf; ${restart}`);
    await isWell();
  });

  /** From now on programs that start in the container are told another time. */
  const clock = (offset: string) =>
    `echo ${offset} >/etc/faketimerc; find / -xdev -name libfaketime.so.1 >/etc/ld.so.preload`;

  test("a clock that is not the manager's, which HTCondor of today joins with", async () => {
    await inside("node1", `${clock("+20m")}; ${restart}`);
    await until("the finding on the clock of a member", 180, async () => {
      const { code, findings } = await program.condor();
      const [first] = findings;
      const told = /^The clock of node1 on node104 is (20|19)m ahead of that of node2$/.test(first?.title ?? "");
      return told && first?.severity === "warning" && code === 0;
    });
    await inside("node1", `rm /etc/ld.so.preload; ${restart}`);
    await isWell();
  });

  test("a member that the collector has not heard of for more than ten minutes, and that has not left", async () => {
    // Its last message ages by as much as the clocks go on; they do so together.
    await inside("node1", `pkill -STOP condor_startd; ${clock("+11m")}`);
    await inside("node2", clock("+11m"));
    const silent = {
      id: "condor-silent",
      told: expect.stringMatching(/The pool has not heard of node1 on node104 for 1\dm/),
      remedy: expect.stringContaining("restarts HTCondor in node1"),
    };
    await named("condor-silent", expect.arrayContaining([expect.objectContaining(silent)]));
    await inside("node2", "rm /etc/ld.so.preload");
    await inside("node1", "rm /etc/ld.so.preload; pkill -CONT condor_startd");
    await isWell();
  });

  test("HTCondor that does not run in a member, and then in the manager: apply starts both", async () => {
    await inside("node1", "systemctl stop condor");
    await named("condor-stopped", [{ told: expect.stringContaining("HTCondor does not run in it") }]);
    await inside("node2", "systemctl stop condor");
    await named(
      "condor-manager-down",
      [
        {
          told: expect.stringMatching(/The manager of the pool, node2 on node103, is down[\s\S]*no condor_master runs/),
        },
      ],
      "node2",
    );
    await mended();
  });

  test("a collector that hangs: the manager is down though it runs", async () => {
    await inside("node2", "pkill -STOP condor_collecto");
    await named(
      "condor-manager-down",
      [{ told: expect.stringContaining("condor_master runs, and its collector does not answer") }],
      "node2",
    );
    await inside("node2", "pkill -CONT condor_collecto");
    await isWell();
  });

  test("a manager that began anew and has not heard of its members: apply has them report, and ends none of their jobs", async () => {
    const startd = () => inside("node1", "pgrep -x condor_startd");
    // One that began just now would be waited for.
    await until("a member that has run for a while", 180, async () => {
      const [age] = (await inside("node1", "ps -o etimes= -C condor_master")).trim().split(/\s+/);
      return Number(age) > 35;
    });
    const before = await startd();
    await inside("node2", restart);
    await named("condor-unheard", [
      { told: expect.stringContaining("node1 on node104 is not in the pool: HTCondor in node2 began anew") },
    ]);
    expect((await program.plan()).steps).toMatchObject([
      { title: "reload HTCondor in node1 on node104", disruptive: false },
    ]);
    await mended();
    expect(await startd()).toBe(before);
  });

  test("an ad whose container is gone, and a role that nobody configured yet: apply does both", async () => {
    await lab.node("node104").docker("rm", "-f", "node1");
    program.wants({ containers: [node2], condor: { ...condor, execute: ["node2"] } });
    await named(
      "condor-left-behind",
      [
        {
          id: "condor-role-missing",
          told: expect.stringContaining("DAEMON_LIST = MASTER COLLECTOR NEGOTIATOR SCHEDD"),
        },
        {
          id: "condor-left-behind",
          told: expect.stringMatching(/The pool still lists node1 at 10\.10\.10\.\d+, whose container is gone/),
          remedy: expect.stringContaining("lets the collector in node2 forget it"),
        },
      ],
      "node1",
    );
    await mended();
  });
});
