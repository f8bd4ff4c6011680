import { wordsOf } from "../../domain/command-line.ts";
import type { PoolAds } from "../../domain/condor/ads.ts";
import { type Home, homeFinder } from "../../domain/condor/members.ts";
import { commandProblem, isAccount, type TestJob } from "../../domain/condor/test-job.ts";
import type { Asked } from "../../domain/operate/menu.ts";
import { clean, compareNames, type SafeText, text } from "../../domain/text.ts";
import { type AskedFields, answersOf, begun } from "../actions/fields.ts";

/** What a job of the pool can be sent to, as it was seen last. */
export interface TestGround {
  ads: PoolAds;
  homes: readonly Home[];
}

/** What is asked of the operator; `home` is the one of the containers with a queue that the job is submitted in. */
export interface TestForm {
  home: Home;
  schedds: readonly Home[];
  fields: AskedFields;
}

const anywhere = "any slot";
const otherNode = "another node";
const otherMachine = "another machine";

/** What a test job has to be told, answered so that it proves most: a job that another node than its queue's runs. */
export function testForm(ground: TestGround, schedds: readonly Home[], home: Home): TestForm {
  const { own, machines, near } = machinesFrom(ground, home);
  const isFar = machines.some((one) => !near.includes(one));
  const isBeside = near.some((one) => one !== own);
  const where = [
    ...(isFar ? [{ value: otherNode, label: text`another node than ${home.node}` }] : []),
    ...(isBeside && own !== undefined ? [{ value: otherMachine, label: text`another machine than ${own}` }] : []),
    ...machines.map((one) => ({ value: String(one), label: one })),
    { value: anywhere, label: text`any slot` },
  ];
  const from = schedds.map((one) => ({ value: String(one.container), label: text`${one.name} on ${one.node}` }));
  const asked: Asked[] = [
    { id: "command", label: text`command`, kind: "text", value: "sleep 5", hint: text`a program and its arguments` },
    { id: "user", label: text`as user`, kind: "text", value: "nobody", hint: text`an account in ${home.name}` },
    ...(from.length > 1 ? [{ id: "from", label: text`from`, kind: "choice" as const, options: from }] : []),
    { id: "where", label: text`runs on`, kind: "choice", options: where },
  ];
  const fields = begun(asked);
  const at = Math.max(0, schedds.indexOf(home));
  return { home, schedds, fields: { ...fields, choices: { ...fields.choices, ...(from.length > 1 && { from: at }) } } };
}

/** The form with its fields as they are now: from another container a job has other machines to go to. */
export function withFields(form: TestForm, fields: AskedFields, ground: TestGround): TestForm {
  const { from } = answersOf(fields);
  const home = form.schedds.find((one) => one.container === from) ?? form.home;
  if (home === form.home) return { ...form, fields };
  const next = testForm(ground, form.schedds, home);
  return { ...next, fields: { ...next.fields, at: fields.at, texts: fields.texts } };
}

/** What the container's machine calls itself, every machine with slots, and which of them are on the container's node. */
function machinesFrom({ ads, homes }: TestGround, home: Home) {
  const homeOf = homeFinder(homes);
  const own = [...ads.daemons, ...ads.slots].find((one) => homeOf(one)?.container === home.container)?.machine;
  const machines = [...new Set(ads.slots.map((slot) => slot.machine))].sort(compareNames);
  const near = ads.slots.filter((slot) => homeOf(slot)?.node === home.node).map((slot) => slot.machine);
  return { own, machines, near: [...new Set(near)].sort(compareNames) };
}

/** The job that the form asks for, or what is wrong with it. */
export function testFrom(
  { home, fields }: TestForm,
  ground: TestGround,
): { ok: true; test: TestJob } | { ok: false; problem: SafeText } {
  const { command: line = "", user = "", where = anywhere } = answersOf(fields);
  const command = wordsOf(line);
  const wrong = commandProblem(command);
  if (wrong !== undefined || command === undefined) return { ok: false, problem: text`command: ${wrong ?? text`?`}` };
  if (!isAccount(user.trim())) {
    return { ok: false, problem: text`as user: an account that is not root; HTCondor takes no jobs of root` };
  }
  return { ok: true, test: { command, user: user.trim(), where: placeOf(where, ground, home) } };
}

function placeOf(where: string, ground: TestGround, home: Home): TestJob["where"] {
  const { own, near } = machinesFrom(ground, home);
  const self = own === undefined ? [] : [own];
  if (where === anywhere) return { on: "any" };
  if (where === otherNode) return { on: "elsewhere", than: [...new Set([...self, ...near])] };
  if (where === otherMachine) return { on: "elsewhere", than: self };
  return { on: "machine", machine: clean(where) };
}
