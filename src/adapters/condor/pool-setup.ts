import { randomUUID } from "node:crypto";
import type { MemberState } from "../../domain/condor/member-state.ts";
import { PoolSecret } from "../../domain/condor/secret.ts";
import type { ContainerId } from "../../domain/ids.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { CommandEnd, ContainerExec } from "../../ports/container-exec.ts";
import type { PoolSetup } from "../../ports/pool-setup.ts";
import { prelude, type Section, splitSections } from "../host/sections.ts";
import {
  forgetScript,
  lookScript,
  pendingFile,
  pingScript,
  placeSecretScript,
  readSecretScript,
  removeScript,
  takeScript,
  writeScript,
} from "./member-script.ts";
import { parseMember, parsePing } from "./parse-member.ts";

/** HTCondor belongs to root, whatever user the image gives to commands. */
const root = "0";

/** HTCondor's set-up by commands in the members' containers. */
export function createPoolSetup(exec: ContainerExec, clock: Clock): PoolSetup {
  const sections = async (
    container: ContainerId,
    script: string,
    args: readonly string[],
    what: SafeText,
    within: Deadline,
  ): Promise<Outcome<readonly Section[]>> => {
    const boundary = randomUUID();
    const argv = ["/bin/sh", "-s", "--", boundary, ...args];
    const ran = await exec.run(container, argv, prelude + script, within, root);
    if (!ran.ok) return ran;
    const all = splitSections(ran.value.stdout, boundary);
    if (all.at(-1)?.name === "end") return good(all.slice(0, -1));
    return bad({ kind: "program-failed", program: what, detail: lastWords(ran.value) });
  };
  /** A script of which nothing depends on the outside but its arguments; `input` is its stdin. */
  const done = async (
    container: ContainerId,
    [script, ...args]: readonly [string, ...string[]],
    input: string,
    what: SafeText,
    within: Deadline,
  ): Promise<Outcome<string>> => {
    const argv = ["/bin/sh", "-c", script, "sh", ...args];
    const ran = await exec.run(container, argv, input, within, root);
    if (!ran.ok) return ran;
    if (ran.value.exitCode === 0) return good(ran.value.stdout.trim());
    return bad({ kind: "program-failed", program: what, detail: lastWords(ran.value) });
  };
  /** The same of a script that is given the secret or prints it: what it printed is told to nobody. */
  const inSecret = async (
    container: ContainerId,
    script: string,
    input: string,
    what: SafeText,
    within: Deadline,
  ): Promise<Outcome<string>> => {
    const ran = await exec.run(container, ["/bin/sh", "-c", script], input, within, root);
    if (!ran.ok) return ran;
    if (ran.value.exitCode === 0) return good(ran.value.stdout.trim());
    return bad({ kind: "program-failed", program: what, detail: lastWords({ ...ran.value, stdout: "" }) });
  };
  const nothing = (outcome: Outcome<string>): Outcome<void> => (outcome.ok ? good(undefined) : outcome);
  return {
    async look(container, manager, within): Promise<Outcome<MemberState>> {
      const before = clock.now();
      const answer = await sections(container, lookScript, [manager], text`a look at HTCondor`, within);
      return answer.ok ? parseMember(answer.value, { before, after: clock.now() }) : answer;
    },
    async ping(container, within) {
      const answer = await sections(container, pingScript, [], text`condor_ping`, within);
      return answer.ok ? good(parsePing(answer.value)) : answer;
    },
    async write(container, { path, replaces, content, mode }, within) {
      const before = replaces === "absent" ? replaces : replaces.sha256;
      const what = text`writing ${clean(path)}`;
      const said =
        content === "removed"
          ? await done(container, [removeScript, path, before], "", what, within)
          : await done(container, [writeScript, path, before, mode.toString(8)], content, what, within);
      if (!said.ok) return said;
      if (said.value === "written" || said.value === "unchanged" || said.value === "changed") return good(said.value);
      return bad({ kind: "bad-answer", from: what, detail: clean(said.value, 200) });
    },
    settled: async (container, within) =>
      nothing(await done(container, ['rm -f "$1"', pendingFile], "", text`rm ${clean(pendingFile)}`, within)),
    async secret(container, within) {
      const said = await inSecret(container, readSecretScript, "", text`reading the pool's secret`, within);
      if (!said.ok) return said;
      return good(said.value === "" ? undefined : new PoolSecret(said.value));
    },
    placeSecret: async (container, secret, within) =>
      nothing(
        await inSecret(container, placeSecretScript, `${secret.reveal()}\n`, text`placing the pool's secret`, within),
      ),
    take: async (container, how, within) =>
      nothing(await done(container, [takeScript, how], "", text`the ${clean(how)} of HTCondor`, within)),
    async install(container, commands, within) {
      for (const command of commands) {
        const ran = await exec.run(container, command, "", within, root);
        if (!ran.ok) return ran;
        if (ran.value.exitCode === 0) continue;
        const program = clean(command.join(" "), 200);
        return bad({ kind: "program-failed", program, detail: lastWords(ran.value) });
      }
      return good(undefined);
    },
    async forget(container, { machine, address }, within) {
      if (!/^[\w.-]+$/.test(machine) || !/^[\da-f.:]+$/i.test(address)) {
        const detail = text`a machine's name or address with strange characters`;
        return bad({ kind: "bad-answer", from: text`the collector`, detail });
      }
      const sinful = address.includes(":") ? `<[${address}]:` : `<${address}:`;
      return nothing(await done(container, [forgetScript, machine, sinful], "", text`condor_advertise`, within));
    },
  };
}

/** The last lines of what it said, of stderr if it said anything there. */
function lastWords({ exitCode, stdout, stderr }: CommandEnd): SafeText {
  const said = stderr.trim() === "" ? stdout.trim() : stderr.trim();
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? text`it ended with code ${exitCode}` : clean(lines.slice(-3).join("; "), 300);
}
