import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { type Ran, ran } from "./command.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { SshTrial } from "./ssh-trial.ts";

const main = path.resolve(import.meta.dirname, "../../src/cli/main.ts");
const program = `import(${JSON.stringify(main)}).then(async ({ run }) => {
  process.exitCode = await run(process.argv.slice(1));
})`;

interface Status {
  nodes: { name: string; state: string; engine: unknown; error: { what: string; remedy: string } | null }[];
}

onRealHosts("`ovl-tui status`, which can ask nobody", () => {
  const trial = new SshTrial("ssh-status");

  /** `words` with a cluster file of these nodes; both keys of its `ssh` part are the lab's unless they say otherwise. */
  function run(nodes: readonly string[], ssh: readonly string[], ...words: readonly string[]): Promise<Ran> {
    const { keyFile, knownHostsFile } = trial.lab.places;
    const config = trial.file(
      "ovl.yaml",
      [
        "version: 1",
        "cluster: trial",
        "nodes:",
        ...nodes.map((one) => `  - ${one}`),
        "ssh:",
        `  identityFile: ${keyFile}`,
        ...(ssh.length > 0 ? ssh : [`knownHostsFile: ${knownHostsFile}`]).map((line) => `  ${line}`),
        "",
      ].join("\n"),
    );
    const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program, "--"];
    // The rest of its time is for telling a program that does not end from one that waited for its answers.
    return ran(trial.lab.inSwitch([...node, "status", ...words, "--timeout", "30", "--config", config]), {
      seconds: 180,
      env: { SSH_AUTH_SOCK: "" },
    });
  }
  const node103 = "{ name: node103, ssh: root@192.168.44.103 }";
  const node104 = "{ name: node104, ssh: root@192.168.44.104 }";
  const read = ({ stdout, stderr }: Ran): Status => {
    if (!stdout.startsWith("{")) throw new Error(stderr);
    return JSON.parse(stdout) as Status;
  };

  test("is fine with hosts that are known, and ends with nothing left open on them", async () => {
    const ended = await run([node103, node104], [], "--json");
    expect(ended.code).toBe(0);
    expect(read(ended).nodes.map(({ name, state, error }) => ({ name, state, error }))).toEqual([
      { name: "node103", state: "live", error: null },
      { name: "node104", state: "live", error: null },
    ]);
    const logins = async () => (await trial.host.run("pgrep -f 'sshd: root@'")).code;
    await expect.poll(logins, { timeout: 60_000 }).toBe(1);
  });

  test("refuses a host that nobody knows with its fingerprint and the very line that would trust it; the others answer", async () => {
    const [, known = ""] = readFileSync(trial.lab.places.knownHostsFile, "utf8").split("\n");
    const knownHosts = trial.file("known_hosts", `${known}\n`);
    const refused = await run([node103, node104], [`knownHostsFile: ${knownHosts}`], "--json");
    expect(refused.code).toBe(1);
    const [unknown, other] = read(refused).nodes;
    expect(other).toMatchObject({ name: "node104", state: "live", engine: { version: expect.any(String) } });
    const fingerprint = (await trial.host.must("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")).split(" ")[1] ?? "";
    expect(unknown?.error?.what).toContain(fingerprint);
    const line = /192\.168\.44\.103 ssh-ed25519 \S+/.exec(unknown?.error?.remedy ?? "")?.[0] ?? expect.fail();
    trial.file("known_hosts", `${known}\n${line}\n`);
    expect((await run([node103, node104], [`knownHostsFile: ${knownHosts}`], "--json")).code).toBe(0);
  });

  test("says it in words too", async () => {
    const knownHosts = trial.file("nothing-known", "");
    const { code, stdout } = await run([node103], [`knownHostsFile: ${knownHosts}`]);
    expect(code).toBe(1);
    expect(stdout).toContain("host key unknown");
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/192\.168\.44\.103 ssh-ed25519 [A-Za-z0-9+/]{60,}/);
  });

  test("names each node's own trouble and the way out, and shows the good one whole", async () => {
    const strange = trial.file(
      "strange",
      "192.168.44.104 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n",
    );
    const ended = await run(
      [
        node103,
        `{ name: node104, ssh: root@192.168.44.104, knownHostsFile: ${strange} }`,
        "{ name: stranger, ssh: nobody-here@192.168.44.103 }",
        "{ name: dark, ssh: root@192.168.44.250 }",
        "{ name: closed, ssh: root@192.168.44.103, port: 9 }",
        "{ name: nameless, ssh: root@nowhere.invalid }",
        "{ name: operator, ssh: operator@192.168.44.103 }",
      ],
      [],
      "--json",
    );
    expect(ended.code).toBe(1);
    const told = Object.fromEntries(read(ended).nodes.map(({ name, error }) => [name, error?.what ?? null]));
    expect(told).toEqual({
      node103: null,
      node104: expect.stringContaining("host key changed"),
      stranger: expect.stringContaining("nobody-here"),
      dark: expect.stringContaining("192.168.44.250"),
      closed: "connection refused on port 9",
      nameless: "cannot resolve nowhere.invalid",
      operator: expect.stringContaining("operator"),
    });
    for (const { name, error } of read(ended).nodes) {
      if (name !== "node103") expect(error?.remedy).toContain(name);
    }
  });
});
