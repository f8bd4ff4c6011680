import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unitCommand } from "../../src/domain/flags/unit.ts";
import type { DaemonSources } from "../../src/domain/host.ts";
import { dropInEdit, dropInPath } from "../../src/domain/plan/drop-in.ts";

const unit = (line: string, more = "") => ({
  path: "/lib/systemd/system/docker.service",
  content: `[Service]\n${more}ExecStart=${line}\n`,
});
const sourcesOf = (changes: Partial<DaemonSources>): DaemonSources => ({
  ...{ unitFiles: [], environmentFiles: [], daemonJson: undefined, process: undefined },
  ...changes,
});
const store = ["cluster-store", "cluster-advertise"];
const flags = [{ name: "cluster-store", value: "consul://a:8500" }];

/** The command line that dockerd gets once the edit is made, and the line that the drop-in holds. */
function startedBy(sources: DaemonSources, drop = store, added = flags): { argv: string[]; line: string } {
  const made = dropInEdit(sources, drop, added);
  if (!made.ok) throw new Error(made.problem);
  const files = [
    ...sources.unitFiles.filter((one) => one.path !== dropInPath),
    { path: dropInPath, content: made.edit.content },
  ];
  const line = /^ExecStart=(.+)$/m.exec(made.edit.content)?.[1] ?? "";
  return { argv: unitCommand(files, sources.environmentFiles).map((one) => one.text), line };
}

describe("our drop-in", () => {
  test("starts dockerd as before, with the flags that are wanted and without those they replace", () => {
    const line = "/usr/sbin/dockerd -H fd:// --cluster-store=etcd://x:2379 --cluster-advertise eth9:2376 --debug";
    expect(startedBy(sourcesOf({ unitFiles: [unit(line)] })).argv).toEqual([
      ...["/usr/sbin/dockerd", "-H", "fd://", "--debug"],
      "--cluster-store=consul://a:8500",
    ]);
  });

  test("keeps a variable as a variable, so that its file goes on counting", () => {
    const sources = sourcesOf({
      unitFiles: [unit("/usr/sbin/dockerd -H fd:// $DOCKER_OPTS --cluster-store=x")],
      environmentFiles: [{ path: "/etc/default/docker", content: 'DOCKER_OPTS="--mtu 1400 --label=a"\n' }],
    });
    const { argv, line } = startedBy(sources);
    expect(line).toContain("$DOCKER_OPTS");
    expect(argv).toEqual([
      ...["/usr/sbin/dockerd", "-H", "fd://", "--mtu", "1400", "--label=a"],
      "--cluster-store=consul://a:8500",
    ]);
  });

  test("writes out a variable that brings one of the flags, without them", () => {
    const sources = sourcesOf({
      unitFiles: [unit("/usr/sbin/dockerd $DOCKER_OPTS")],
      environmentFiles: [
        { path: "/etc/default/docker", content: 'DOCKER_OPTS="--mtu 1400 --cluster-store x --debug"\n' },
      ],
    });
    const { argv, line } = startedBy(sources);
    expect(line).not.toContain("$DOCKER_OPTS");
    expect(argv).toEqual(["/usr/sbin/dockerd", "--mtu", "1400", "--debug", "--cluster-store=consul://a:8500"]);
  });

  test("keeps what stands before the program, and quotes what needs it", () => {
    const { argv, line } = startedBy(
      sourcesOf({ unitFiles: [unit('-/usr/sbin/dockerd --label "two words" --label=100%%')] }),
    );
    expect(line.startsWith("-/usr/sbin/dockerd")).toBe(true);
    expect(argv.slice(1, 4)).toEqual(["--label", "two words", "--label=100%"]);
  });

  test("passes any value on as it is, whatever systemd makes of its characters", () => {
    const nasty = fc.string({ unit: fc.constantFrom("a", " ", '"', "'", "\\", "$", "%", "{", "}", "H", ";", "\t") });
    fc.assert(
      fc.property(nasty, (value) => {
        const { argv } = startedBy(
          sourcesOf({ unitFiles: [unit("/usr/sbin/dockerd")] }),
          [],
          [{ name: "label", value }],
        );
        expect(argv).toEqual(["/usr/sbin/dockerd", `--label=${value}`]);
      }),
    );
  });

  test("is made of itself again when it is there already, and replaces only what was read", () => {
    const first = dropInEdit(sourcesOf({ unitFiles: [unit("/usr/sbin/dockerd --cluster-store=x")] }), store, flags);
    if (!first.ok) throw new Error(first.problem);
    expect(first.edit.replaces).toBe("absent");
    const present = { path: dropInPath, content: String(first.edit.content) };
    const again = dropInEdit(
      sourcesOf({ unitFiles: [unit("/usr/sbin/dockerd --cluster-store=x"), present] }),
      store,
      flags,
    );
    expect(again).toMatchObject({
      ok: true,
      edit: {
        content: present.content,
        replaces: { content: present.content, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    });
  });

  test("is refused where a drop-in read later starts dockerd its own way, or no systemd does", () => {
    const later = {
      path: "/etc/systemd/system/docker.service.d/zz.conf",
      content: "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd\n",
    };
    expect(dropInEdit(sourcesOf({ unitFiles: [unit("/usr/sbin/dockerd"), later] }), store, flags)).toMatchObject({
      ok: false,
      problem: expect.stringContaining("zz.conf sets ExecStart after"),
    });
    expect(dropInEdit(sourcesOf({}), store, flags)).toMatchObject({ ok: false });
  });
});
