import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/ports/prompter.ts";
import { done } from "./command.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { users } from "./root.ts";
import { type SshProcess, secrets } from "./ssh-process.ts";
import { SshTrial } from "./ssh-trial.ts";
import { extraSshd } from "./sshd.ts";

const { password } = users.operator;
const patience = { timeout: 60_000 };

onRealHosts("logging in", () => {
  const trial = new SshTrial("ssh-login");
  const inFiles = (name: string): string => trial.file(name);

  beforeAll(async () => {
    await done(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", inFiles("stranger")]);
    await done(["ssh-keygen", "-q", "-t", "ed25519", "-N", "lab passphrase", "-f", inFiles("locked")]);
    await done([
      "ssh-keygen",
      "-q",
      "-t",
      "rsa",
      "-b",
      "2048",
      "-m",
      "PEM",
      "-N",
      "lab passphrase",
      "-f",
      inFiles("pem"),
    ]);
    const keys = ["locked", "pem"].map((name) => readFileSync(`${inFiles(name)}.pub`, "utf8")).join("");
    for (const home of ["/root", "/home/operator"]) {
      for (const node of ["node103", "node104"])
        await trial.lab.node(node).must('printf %s "$2" >>"$1/.ssh/authorized_keys"', home, keys);
    }
    await extraSshd(trial.host, 2210, "PasswordAuthentication yes", "PubkeyAuthentication no");
    await extraSshd(trial.host, 2211, "KbdInteractiveAuthentication yes", "PubkeyAuthentication no");
    await extraSshd(
      trial.host,
      2212,
      "KbdInteractiveAuthentication yes",
      "AuthenticationMethods publickey,keyboard-interactive",
    );
    await extraSshd(trial.host, 2213, "PasswordAuthentication yes", "LoginGraceTime 3", "PubkeyAuthentication no");
  });

  describe("with a key", () => {
    test.each(["locked", "pem"])(
      "asks for the passphrase of a %s key once for all nodes, and again after a wrong one",
      async (name) => {
        const ssh = await trial.program();
        const identityFile = inFiles(name);
        const answer = secrets("wrong", "lab passphrase");
        const both = [0, 1].map((index) => ssh.connect(trial.node(index, { identityFile }), answer));
        for (const one of both) await one.is("up");
        const asked = both.flatMap((one) => one.asked);
        expect(asked.map((one) => one.kind === "passphrase" && [one.file, one.again])).toEqual([
          [identityFile, false],
          [identityFile, true],
        ]);
        // A link that comes back does not ask either.
        await trial.host.must("pkill -KILL -f 'sshd: root' || :");
        await both[0]?.is("lost");
        await both[0]?.is("up");
        expect(both.flatMap((one) => one.asked)).toHaveLength(2);
      },
    );

    test("says what was tried and what the server takes when it is refused, and does not try again", async () => {
      const one = await trial.begun({ identityFile: inFiles("stranger") });
      const trouble = await one.trouble();
      expect(trouble).toMatchObject({
        kind: "authentication-failed",
        user: "root",
        tried: [`key ${inFiles("stranger")}`],
        hint: expect.stringContaining("ssh-copy-id root@192.168.44.103"),
      });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(one.states.map((state) => state.state)).toEqual(["connecting", "refused"]);
    });

    test.each([
      ["is not there", () => inFiles("nothing"), "there is no"],
      ["cannot be read", () => trial.folder, "cannot be read (EISDIR)"],
      ["is none", () => trial.file("nonsense", "hello\n"), "is no private key"],
    ])("that %s says so", async (_, identityFile, words) => {
      const one = await trial.begun({ identityFile: identityFile() });
      expect(await one.trouble()).toMatchObject({
        kind: "authentication-failed",
        hint: expect.stringContaining(words),
      });
    });

    test("whose passphrase nobody gives says so", async () => {
      const one = await trial.begun({ identityFile: inFiles("locked") });
      expect(await one.trouble()).toMatchObject({
        kind: "authentication-failed",
        tried: [],
        hint: expect.stringContaining(`the passphrase of ${inFiles("locked")} was not given`),
      });
    });

    test("as a user that the host does not know", async () => {
      const one = await trial.begun({ user: "nobody-here" });
      expect(await one.trouble()).toMatchObject({ kind: "authentication-failed", user: "nobody-here" });
    });
  });

  describe("with an agent", () => {
    let agent: { socket: string; pid: string };
    beforeAll(async () => {
      const socket = inFiles("agent");
      const started = await done(["ssh-agent", "-a", socket]);
      agent = { socket, pid: /SSH_AGENT_PID=(\d+)/.exec(started)?.[1] ?? expect.fail(started) };
    });
    afterAll(() => process.kill(Number(agent.pid)));

    async function holding(...keys: readonly string[]): Promise<SshProcess> {
      await done(["ssh-add", "-q", "-D"], { env: { SSH_AUTH_SOCK: agent.socket } });
      for (const key of keys) {
        chmodSync(key, 0o600);
        await done(["ssh-add", "-q", key], { env: { SSH_AUTH_SOCK: agent.socket } });
      }
      return trial.program({ SSH_AUTH_SOCK: agent.socket });
    }

    async function strangers(count: number): Promise<string[]> {
      const names = Array.from({ length: count }, (_, index) => inFiles(`stranger-${index}`));
      for (const name of names) {
        rmSync(name, { force: true });
        await done(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name]);
      }
      return names;
    }

    test("finds the key that is named among nine, without its passphrase", async () => {
      const lockedOpen = inFiles("opened");
      writeFileSync(lockedOpen, readFileSync(inFiles("locked")), { mode: 0o600 });
      await done(["ssh-keygen", "-q", "-p", "-P", "lab passphrase", "-N", "", "-f", lockedOpen]);
      const program = await holding(...(await strangers(8)), lockedOpen);
      const one = program.connect(trial.node(0, { identityFile: inFiles("locked") }));
      await one.is("up");
      expect(one.asked).toEqual([]);
    });

    test("takes a file that only has the public half for the name of a key", async () => {
      const program = await holding(...(await strangers(8)), trial.lab.places.keyFile);
      const named = inFiles("only-public");
      writeFileSync(`${named}.pub`, readFileSync(`${trial.lab.places.keyFile}.pub`));
      const one = program.connect(trial.node(0, { identityFile: named }));
      await one.is("up");
    });

    test("of many keys says which way out there is when the server loses its patience", async () => {
      const program = await holding(...(await strangers(8)));
      const one = program.connect(trial.node(0, { identityFile: undefined }));
      expect(await one.trouble()).toMatchObject({
        kind: "authentication-failed",
        hint: expect.stringContaining("name the right key as identityFile"),
      });
    });

    test("that does not answer is one way less", async () => {
      const ssh = await trial.program({ SSH_AUTH_SOCK: inFiles("nobody") });
      await ssh.connect(trial.node(0)).is("up");
      const one = ssh.connect(trial.node(0, { identityFile: inFiles("stranger") }));
      expect(await one.trouble()).toMatchObject({ hint: expect.stringContaining("the SSH agent does not answer") });
    });

    test("proves one of two things, and the operator the other", async () => {
      const program = await holding(trial.lab.places.keyFile);
      const one = program.connect(
        trial.node(0, { user: "operator", port: 2212, identityFile: undefined }),
        secrets(password),
      );
      await one.is("up");
      expect(one.asked).toMatchObject([{ kind: "password" }]);
    });
  });

  describe("with a password", () => {
    test.each([
      ["its own method", 2210],
      ["keyboard-interactive", 2211],
    ])("by %s asks again after a wrong one, and remembers the right one", async (_, port) => {
      const one = await trial.begun({ user: "operator", port }, secrets("wrong", password));
      await one.is("up");
      expect(one.asked).toEqual([
        { kind: "password", node: "node103", user: "operator", host: "192.168.44.103", again: false },
        { kind: "password", node: "node103", user: "operator", host: "192.168.44.103", again: true },
      ]);
      await trial.host.must("pkill -KILL -u operator sshd");
      await one.is("lost");
      await one.is("up");
      expect(one.asked).toHaveLength(2);
    });

    test("after a key, where the server wants both", async () => {
      const one = await trial.begun({ user: "operator", port: 2212 }, secrets(password));
      await one.is("up");
      expect(one.asked).toHaveLength(1);
    });

    test("that nobody gives is said, and nobody is asked for it in another way", async () => {
      const one = await trial.begun({ user: "operator", port: 2210 });
      expect(await one.trouble()).toMatchObject({
        kind: "authentication-failed",
        hint: expect.stringContaining("no password was given; the server takes only: password"),
      });
      expect(one.asked).toHaveLength(1);
    });

    test("that is wrong three times is refused", async () => {
      const one = await trial.begun({ user: "operator", port: 2210 }, secrets("a", "b", "c", "d"));
      expect(await one.trouble()).toMatchObject({ tried: expect.arrayContaining(["password (3 times)"]) });
      expect(one.asked).toHaveLength(3);
    });

    test("is not asked where the server takes none", async () => {
      const one = await trial.begun(
        { user: "operator", identityFile: inFiles("stranger"), port: 2212 },
        secrets(password),
      );
      expect(await one.trouble()).toMatchObject({ hint: expect.stringContaining("the server takes only: publickey") });
      expect(one.asked).toEqual([]);
    });

    test("may take the operator longer than the server waits", async () => {
      let answer: ((given: Answer) => void) | undefined;
      const one = await trial.begun({ user: "operator", port: 2213 }, (_, given) => {
        answer = given;
      });
      await one.is("lost");
      await one.is("connecting");
      expect(one.asked).toHaveLength(1);
      expect(one.withdrawn).toEqual([]);
      answer?.({ kind: "secret", secret: password });
      await one.is("up");
      expect(one.asked).toHaveLength(1);
    });

    test("question that is open is withdrawn when the link is closed", async () => {
      const one = await trial.begun({ user: "operator", port: 2210 }, () => {});
      await expect.poll(() => one.asked.length, patience).toBe(1);
      await one.close();
      expect(one.withdrawn).toHaveLength(1);
    });
  });
});
