import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ContainerDefinition } from "../../src/domain/plan/change.ts";
import { dockerNetworkCreate, dockerRun } from "../../src/domain/plan/command.ts";
import { shellCommand } from "../../src/domain/plan/sh.ts";
import { clean } from "../../src/domain/text.ts";

/** What a real sh makes of the command: its arguments, each ended by a NUL. */
function argvOf(lines: readonly string[]): string[] {
  const script = `show() { for one; do printf '%s\\0' "$one"; done; }\nshow ${lines.join("\n")}\n`;
  return execFileSync("/bin/sh", ["-s"], { input: script }).toString("utf8").split("\0").slice(0, -1);
}

const word = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", "\r", "\u001b", "\u202e", " ", "a", "%", "!", "~", "*"),
  }),
);

describe("a command to copy", () => {
  test("is taken apart by a real sh into the very same words", () => {
    const words = fc.array(
      word.map((one) => one.toWellFormed().replaceAll("\0", "")),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(words, (argv) => {
        expect(argvOf(shellCommand(argv))).toEqual(argv);
      }),
      { numRuns: 150 },
    );
  });

  test("holds nothing that could move a cursor", () => {
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        for (const line of shellCommand(argv.map((one) => one.toWellFormed()))) expect(clean(line, 1e6)).toBe(line);
      }),
    );
  });

  test("quotes only what needs it", () => {
    expect(shellCommand(["docker", "run", "--ip=10.0.0.1", "a b", "it's", ""])).toEqual([
      "docker run --ip=10.0.0.1 'a b' 'it'\\''s' ''",
    ]);
  });
});

describe("docker run", () => {
  const plain: ContainerDefinition = {
    ...{ name: "node1", hostname: "node1", image: "big_computing", network: "ov_net1", address: undefined },
    ...{ privileged: true, remove: true, terminal: true, command: ["/usr/sbin/init"], environment: {}, mounts: [] },
    ...{ restart: undefined, stopSignal: "SIGRTMIN+3", labels: {} },
  };

  test("is the procedure's own command", () => {
    expect(dockerRun(plain).join(" ")).toBe(
      "docker run -itd --privileged --name node1 --hostname node1 --network ov_net1 --rm --stop-signal SIGRTMIN+3 big_computing /usr/sbin/init",
    );
  });

  test("names addresses of both families, mounts, restart policy and labels", () => {
    const words = dockerRun({
      ...plain,
      ...{ address: "fd00::5", remove: false, restart: "always", mounts: ["data:/data"], labels: { a: "b" } },
    });
    expect(words.join(" ")).toContain(
      "--ip6 fd00::5 --restart always --stop-signal SIGRTMIN+3 -v data:/data --label a=b",
    );
  });

  test("leaves the value of a secret variable to the environment of whoever types it", () => {
    const words = dockerRun({ ...plain, environment: { POOL_PASSWORD: "hunter2", TZ: "UTC" } });
    expect(words.join(" ")).toContain("-e POOL_PASSWORD -e TZ=UTC");
    expect(words.join(" ")).not.toContain("hunter2");
  });
});

test("docker network create takes every part of a network", () => {
  const words = dockerNetworkCreate({
    ...{ name: "flat", driver: "macvlan", subnet: "10.0.0.0/24", gateway: "10.0.0.1", range: "10.0.0.64/27" },
    ...{ parent: "ens33", mtu: 1400, attachable: true },
  });
  expect(words.join(" ")).toBe(
    "docker network create -d macvlan --attachable --subnet 10.0.0.0/24 --gateway 10.0.0.1 --ip-range 10.0.0.64/27 -o parent=ens33 -o com.docker.network.driver.mtu=1400 flat",
  );
});
