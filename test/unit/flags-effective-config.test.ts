import { describe, expect, test } from "vitest";
import { effectiveConfig } from "../../src/domain/flags/effective-config.ts";
import type { DaemonSources } from "../../src/domain/host.ts";

const debianUnit = {
  path: "/lib/systemd/system/docker.service",
  content: `[Service]
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS
`,
};
const debianArgv = ["/usr/sbin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"];
const nothing: DaemonSources = { unitFiles: [], environmentFiles: [], daemonJson: undefined, process: undefined };
const daemonJson = (content: object) => ({ path: "/etc/docker/daemon.json", content: JSON.stringify(content) });
const running = (...argv: string[]) => ({ pid: 412, argv });

/** "name=value (origin, running)" for every flag. */
const told = (sources: Partial<DaemonSources>): string[] =>
  effectiveConfig({ ...nothing, ...sources }).flags.map(
    ({ name, value, origin, running }) =>
      `${name}=${value} (${origin.kind === "process" ? "process" : origin.path}, ${running})`,
  );

describe("where every value comes from", () => {
  test("a Debian host with its classic flags merged into daemon.json", () => {
    expect(
      told({
        unitFiles: [debianUnit],
        environmentFiles: [{ path: "/etc/default/docker", content: "# DOCKER_OPTS=\n" }],
        daemonJson: daemonJson({ "cluster-store": "consul://192.168.44.103:8500", "cluster-advertise": "ens33:2376" }),
        process: running(...debianArgv),
      }),
    ).toEqual([
      "host=fd:// (/lib/systemd/system/docker.service, same)",
      "containerd=/run/containerd/containerd.sock (/lib/systemd/system/docker.service, same)",
      "cluster-store=consul://192.168.44.103:8500 (/etc/docker/daemon.json, unknown)",
      "cluster-advertise=ens33:2376 (/etc/docker/daemon.json, unknown)",
    ]);
  });

  test("the classic drop-in, written but the engine not restarted since", () => {
    const dropIn = {
      path: "/etc/systemd/system/docker.service.d/override.conf",
      content: `[Service]
ExecStart=
ExecStart=/usr/sbin/dockerd -H tcp://0.0.0.0:2376 -H unix:///var/run/docker.sock \\
  --cluster-store=consul://192.168.44.103:8500 --cluster-advertise=ens33:2376
`,
    };
    expect(told({ unitFiles: [debianUnit, dropIn], process: running(...debianArgv) })).toEqual([
      `host=tcp://0.0.0.0:2376 (${dropIn.path}, differs)`,
      `host=unix:///var/run/docker.sock (${dropIn.path}, differs)`,
      `cluster-store=consul://192.168.44.103:8500 (${dropIn.path}, absent)`,
      `cluster-advertise=ens33:2376 (${dropIn.path}, absent)`,
      "host=fd:// (process, same)",
      "containerd=/run/containerd/containerd.sock (process, same)",
    ]);
  });

  test("Red Hat's 1.13 with its options in sysconfig", () => {
    const unit = {
      path: "/usr/lib/systemd/system/docker.service",
      content: `[Service]
Type=notify
EnvironmentFile=-/etc/sysconfig/docker
EnvironmentFile=-/etc/sysconfig/docker-network
Environment=GOTRACEBACK=crash
ExecStart=/usr/bin/dockerd-current \\
          --add-runtime docker-runc=/usr/libexec/docker/docker-runc-current \\
          --default-runtime=docker-runc \\
          $OPTIONS \\
          $DOCKER_NETWORK_OPTIONS
`,
    };
    const sysconfig = {
      path: "/etc/sysconfig/docker",
      content: `OPTIONS='--selinux-enabled --log-driver=journald --signature-verification=false'\n`,
    };
    const network = {
      path: "/etc/sysconfig/docker-network",
      content: "DOCKER_NETWORK_OPTIONS=--cluster-store=etcd://10.0.0.5:2379\n",
    };
    expect(told({ unitFiles: [unit], environmentFiles: [sysconfig, network] })).toEqual([
      "add-runtime=docker-runc=/usr/libexec/docker/docker-runc-current (/usr/lib/systemd/system/docker.service, unknown)",
      "default-runtime=docker-runc (/usr/lib/systemd/system/docker.service, unknown)",
      "selinux-enabled=true (/etc/sysconfig/docker, unknown)",
      "log-driver=journald (/etc/sysconfig/docker, unknown)",
      "signature-verification=false (/etc/sysconfig/docker, unknown)",
      "cluster-store=etcd://10.0.0.5:2379 (/etc/sysconfig/docker-network, unknown)",
    ]);
  });

  test("a host without systemd passes the variables of its service script", () => {
    expect(
      told({
        environmentFiles: [
          { path: "/etc/default/docker", content: `DOCKER_OPTS="-H tcp://0.0.0.0:2375 --dns 8.8.8.8"\n` },
        ],
        process: running(
          "/usr/bin/docker",
          "daemon",
          "-p",
          "/var/run/docker.pid",
          "-H",
          "tcp://0.0.0.0:2375",
          "--dns",
          "8.8.8.8",
        ),
      }),
    ).toEqual([
      "host=tcp://0.0.0.0:2375 (/etc/default/docker, same)",
      "dns=8.8.8.8 (/etc/default/docker, same)",
      "pidfile=/var/run/docker.pid (process, same)",
    ]);
  });

  test("an engine started by hand is explained by its process alone", () => {
    expect(told({ process: running("dockerd", "-D") })).toEqual(["debug=true (process, same)"]);
  });

  test("credentials in values are covered", () => {
    expect(
      told({
        daemonJson: daemonJson({
          "log-opts": { "splunk-token": "B5A79AAD", "splunk-url": "https://u:p@splunk:8088" },
          "http-proxy": "http://user:secret@proxy:3128",
        }),
      }),
    ).toEqual([
      "log-opt=splunk-token=*** (/etc/docker/daemon.json, unknown)",
      "log-opt=splunk-url=https://***@splunk:8088 (/etc/docker/daemon.json, unknown)",
      "http-proxy=http://***@proxy:3128 (/etc/docker/daemon.json, unknown)",
    ]);
  });

  test("escape sequences in a file do not reach the screen", () => {
    const [flag] = told({ process: running("dockerd", "--label", "a=\u001b[31mred\u202e") });
    expect(flag).toBe("label=a=red\ufffd (process, same)");
  });
});

describe("what would keep dockerd from starting", () => {
  const conflicts = (argv: string, file: object) =>
    effectiveConfig({
      ...nothing,
      unitFiles: [{ path: "/u", content: `[Service]\nExecStart=/usr/bin/dockerd ${argv}\n` }],
      daemonJson: daemonJson(file),
    }).conflicts;

  test("hosts in the file beside -H in the unit, though the names differ", () => {
    expect(conflicts("-H fd://", { hosts: ["tcp://0.0.0.0:2376", "unix:///var/run/docker.sock"] })).toEqual([
      { name: "hosts", flag: "fd://", file: "tcp://0.0.0.0:2376, unix:///var/run/docker.sock" },
    ]);
  });

  test("the same value on both sides is a conflict all the same", () => {
    expect(conflicts("--live-restore", { "live-restore": true })).toEqual([
      { name: "live-restore", flag: "true", file: "true" },
    ]);
  });

  test("an empty list in the file is set as well", () => {
    expect(conflicts("--dns 8.8.8.8", { dns: [] })).toEqual([{ name: "dns", flag: "8.8.8.8", file: "" }]);
  });

  test("options inside a wrapping object count", () => {
    expect(conflicts("--http-proxy http://a", { proxies: { "http-proxy": "http://b" } })).toHaveLength(1);
  });

  test("runtimes are merged, different options live side by side", () => {
    expect(
      conflicts("--add-runtime a=/a -H fd://", { runtimes: { b: { path: "/b" } }, "cluster-store": "consul://x:8500" }),
    ).toEqual([]);
  });

  test("a daemon.json that cannot be parsed", () => {
    const config = effectiveConfig({ ...nothing, daemonJson: { path: "/etc/docker/daemon.json", content: "{,}" } });
    expect(config.fileProblem).toMatch(/^\/etc\/docker\/daemon.json line 1 column 2: /);
    expect(effectiveConfig(nothing).fileProblem).toBeUndefined();
  });

  test("a file that --config-file names and that is not there", () => {
    const sources = { ...nothing, process: running("dockerd", "--config-file", "/srv/docker.json") };
    expect(effectiveConfig(sources).fileProblem).toBe("/srv/docker.json does not exist, yet --config-file names it");
    expect(effectiveConfig({ ...sources, unreadable: ["/srv/docker.json"] }).fileProblem).toBeUndefined();
  });
});

describe("what dockerd listens on", () => {
  const listeners = (...argv: string[]) =>
    effectiveConfig({ ...nothing, process: running("dockerd", ...argv) }).listeners.map(
      ({ address, insecure }) => `${address}${insecure ? " insecure" : ""}`,
    );

  test("TCP without client certificates is root for everyone, whatever its port or spelling", () => {
    expect(listeners("-H", "fd://", "-H", "tcp://0.0.0.0:2376", "-H", ":2375", "-H", "192.168.44.103")).toEqual([
      "fd://",
      "tcp://0.0.0.0:2376 insecure",
      ":2375 insecure",
      "192.168.44.103 insecure",
    ]);
  });

  test("--tls alone lets everybody in, --tlsverify does not", () => {
    expect(listeners("-H", "tcp://0.0.0.0:2376", "--tls")).toEqual(["tcp://0.0.0.0:2376 insecure"]);
    expect(listeners("-H", "tcp://0.0.0.0:2376", "--tlsverify")).toEqual(["tcp://0.0.0.0:2376"]);
    expect(listeners("-H", "tcp://0.0.0.0:2376", "--tlsverify=false")).toEqual(["tcp://0.0.0.0:2376 insecure"]);
  });

  test("tlsverify of daemon.json counts for a listener of the command line", () => {
    const config = effectiveConfig({
      ...nothing,
      daemonJson: daemonJson({ tlsverify: true }),
      process: running("dockerd", "-H", "tcp://0.0.0.0:2376"),
    });
    expect(config.listeners.map((one) => one.insecure)).toEqual([false]);
  });

  test("without any -H it is the Unix socket", () => {
    expect(listeners()).toEqual(["unix:///var/run/docker.sock"]);
    expect(effectiveConfig(nothing).listeners).toEqual([]);
  });

  test("a listener written since the start is not there yet", () => {
    const config = effectiveConfig({
      ...nothing,
      unitFiles: [{ path: "/u", content: "[Service]\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2376\n" }],
      process: running("/usr/bin/dockerd", "-H", "fd://"),
    });
    expect(config.listeners.map((one) => one.address)).toEqual(["fd://"]);
  });
});
