import type { Container } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { ConfigureEngine, FileEdit } from "../../domain/plan/change.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { containersBack, engineIsUp, hasJoined, isMember, sameProcess } from "./engine-proof.ts";
import {
  callMs,
  done,
  type Executing,
  type Executor,
  isUnknown,
  leftToOthers,
  patiently,
  type Result,
  unchanged,
  undone,
} from "./executor.ts";
import { putBack, writeFile } from "./write-files.ts";

/** An engine whose store is away waits a minute for it; the containers of another have ten seconds each to stop. */
const restartMs = 150_000;

/** What the engine was like before. */
interface Before {
  pid: number | undefined;
  store: SafeText | undefined;
  running: readonly Container[];
}

/** Files, then the engine that takes them, then the proof; whatever fails brings the files back and the engine with them. */
export const configureEngine: Executor<ConfigureEngine> = async (change, on) => {
  const since = on.clock.now();
  const before = await lookBefore(on);
  if (!before.ok) return undone(before.trouble, on.node);
  const written: FileEdit[] = [];
  for (const edit of change.edits) {
    const outcome = await writeFile(edit, written, on);
    if (outcome.ok && outcome.value !== "changed") continue;
    const why = outcome.ok ? changedMeanwhile(edit, on) : explain(outcome.trouble, on.node);
    const left = await putBack(written, on);
    return left.length === 0 ? { state: "undone", ...errorOf(why) } : standing(errorOf(why), left);
  }
  const { take, joins } = change;
  if (written.length === 0 && take === "reload" && joins !== undefined && (await isMember(joins, on))) return unchanged;
  const others = await on.taken();
  if (others !== undefined) return leftToOthers(others, others, notTold(written));
  on.says(take === "reload" ? text`reloading dockerd` : text`restarting dockerd`);
  const taken = await taking(take, before.value, on);
  const proven = taken.ok ? await proof(change, before.value, since, on) : taken;
  if (proven.ok) return done;
  const why = await inEnginesWords(proven.trouble, since, on);
  const meanwhile = await on.taken();
  if (meanwhile !== undefined)
    return leftToOthers(why.error, meanwhile, text`dockerd was told to ${clean(take)}, and the new files stand`);
  on.says(text`putting the files back`);
  const left = await putBack(written, on);
  if (left.length > 0) return standing(why, left);
  const result = await takenBack(why, change, before.value, on);
  return result.state === "undone" && proven.trouble.kind === "docker-stopped" ? runsAgain(result, on) : result;
};

const notTold = (written: readonly FileEdit[]): SafeText =>
  written.length === 0
    ? text`nothing was changed`
    : text`${joined(written.map((one) => clean(one.path)))} stand as the plan has them, and dockerd was not told`;

interface Why {
  error: SafeText;
  remedy: SafeText;
}

const errorOf = ({ what, remedy }: { what: SafeText; remedy: SafeText }): Why => ({ error: what, remedy });

const failed = (why: Why, stands: SafeText): Result => ({ state: "failed", ...why, stands });

const standing = (why: Why, left: readonly SafeText[]): Result =>
  failed(why, text`these files could not be put back: ${joined(left)}; the old ones are kept beside them`);

async function lookBefore(on: Executing): Promise<Outcome<Before>> {
  const { host, engine } = on.here;
  const within = { ms: callMs };
  const [facts, containers, info] = await Promise.all([
    patiently(on, () => host.facts(within)),
    patiently(on, () => engine.containers(within)),
    patiently(on, () => engine.info(within)),
  ]);
  if (!facts.ok) return facts;
  if (!containers.ok) return containers;
  if (!info.ok) return info;
  return good({
    pid: facts.value.dockerd?.pid,
    store: info.value.store,
    running: containers.value.filter((one) => one.state === "running" || one.state === "paused"),
  });
}

const changedMeanwhile = ({ path }: FileEdit, on: Executing) => ({
  what: text`${clean(path)} on ${on.node} was changed by somebody else since the plan was made; nothing was written over it`,
  remedy: text`Plan again: the new plan starts from the file as it is now.`,
});

/** A second SIGHUP does no harm; a second restart would, so that one is made only where the first is known not to have come. */
async function taking(how: ConfigureEngine["take"], { pid }: Pick<Before, "pid">, on: Executing) {
  const { services } = on.here.control;
  if (how === "reload") return patiently(on, () => services.reloadEngine({ ms: callMs }));
  const restarted = await services.restartEngine({ ms: restartMs });
  if (restarted.ok || !isUnknown(restarted.trouble)) return restarted;
  const facts = await patiently(on, () => on.here.host.facts({ ms: callMs }));
  if (!facts.ok) return facts;
  const now = facts.value.dockerd?.pid;
  return now === undefined || now === pid ? services.restartEngine({ ms: restartMs }) : good(undefined);
}

async function proof(change: ConfigureEngine, before: Before, since: number, on: Executing): Promise<Outcome<void>> {
  const up = await engineIsUp(on);
  if (!up.ok) return up;
  if (change.take === "restart") {
    const back = await containersBack(before.running, on);
    if (!back.ok) return back;
  }
  const member = change.joins === undefined ? good(undefined) : await hasJoined(change.joins, change.peers, since, on);
  return member.ok && change.take === "reload" ? sameProcess(before.pid, on) : member;
}

/** What dockerd itself said of its configuration tells more than what was seen of it. */
async function inEnginesWords(trouble: Trouble, since: number, on: Executing): Promise<Why> {
  const why = errorOf(explain(trouble, on.node));
  const log = await on.here.control.services.engineLog(since, 50, { ms: callMs });
  const telling = log.ok
    ? log.value.findLast(
        (line) =>
          /discovery|cluster|serf|configuration|listen/i.test(line) &&
          /error|fail|warn|cannot|unable|not support/i.test(line),
      )
    : undefined;
  if (telling === undefined) return why;
  const said = clean(/msg="((?:[^"\\]|\\.)*)"/.exec(telling)?.[1]?.replaceAll('\\"', '"') ?? telling, 400);
  return why.error.includes(said) ? why : { ...why, error: text`${why.error}; dockerd says: ${said}` };
}

/** An engine that was down for its new configuration is up with its old one: starting it is no way out any more. */
const runsAgain = ({ error }: Why, on: Executing): Result => ({
  state: "undone",
  error: text`dockerd did not come up with it, and runs as before again: ${error}`,
  remedy: text`Mend on ${on.node} what dockerd says of it ("journalctl -u docker -n 50"), then apply again.`,
});

/** The files are as they were: now the engine with them. It is never left down. */
async function takenBack(why: Why, { take }: ConfigureEngine, before: Before, on: Executing): Promise<Result> {
  const facts = await on.here.host.facts({ ms: callMs });
  const runs = facts.ok && facts.value.dockerd !== undefined;
  const pid = facts.ok ? facts.value.dockerd?.pid : undefined;
  const again = await taking(runs ? take : "restart", { pid }, on);
  const up = again.ok ? await engineIsUp(on) : again;
  if (!up.ok) {
    return failed(why, text`the files are as they were, but dockerd is not: ${explain(up.trouble, on.node).what}`);
  }
  if (take === "restart" || !runs) {
    const back = await containersBack(before.running, on);
    if (!back.ok) return failed(why, explain(back.trouble, on.node).what);
  }
  const info = await on.here.engine.info({ ms: callMs });
  if (info.ok && (info.value.store ?? "") !== (before.store ?? "")) {
    // SIGHUP cannot take a store away again (moby daemon/reload.go).
    const store = info.value.store ?? text`no store`;
    return failed(why, text`the files are as they were; the running dockerd keeps ${store} until its next restart`);
  }
  return { state: "undone", ...why };
}
