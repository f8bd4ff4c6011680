import { clean, joined, type SafeText, text } from "../../../domain/text.ts";
import type { ContainerDraft, Draft } from "../../../domain/wizard/draft.ts";
import { isMember, managerOf, type PoolDraft, poolContainers } from "../../../domain/wizard/pool.ts";
import { type Item, toggle } from "../../form/item.ts";

/** The HTCondor pool in the containers: whether there is one, who may take part in it, and what each container does there. */
export function poolPage(draft: Draft): Item[] {
  const candidates = poolContainers(draft);
  return [
    securityItem(draft),
    ...(draft.pool.security === "none"
      ? []
      : [
          domainItem(draft),
          ...draft.containers.flatMap((one, index) => (candidates.includes(one) ? memberItems(one, index, draft) : [])),
        ]),
  ];
}

const securityItem = (draft: Draft): Item => ({
  kind: "choice",
  id: "pool.security",
  label: text`HTCondor pool`,
  value: draft.pool.security,
  options: [
    { value: "none", label: text`none` },
    { value: "password", label: text`password` },
    { value: "open", label: text`open` },
  ],
  help: text`HTCondor in the containers: none, by a shared secret, or open to everybody.`,
  note: meaningOf(draft.pool),
  problem: poolProblem(draft),
});

function meaningOf({ security, known }: PoolDraft): NonNullable<Item["note"]> {
  switch (security) {
    case "none":
      return known
        ? { words: text`leaves the file; HTCondor goes on in its members as it is`, tone: "warn" }
        : { words: text`HTCondor is left alone`, tone: "muted" };
    case "password":
      return {
        words: text`Members prove themselves with a secret that is made on the way, and shown and logged nowhere.`,
        tone: "good",
      };
    case "open":
      return {
        words: text`Nobody is asked who they are: whoever reaches the network may run jobs on every member, take jobs, and change the pool. For isolated networks only.`,
        tone: "bad",
      };
  }
}

function poolProblem(draft: Draft): SafeText | undefined {
  if (draft.pool.security === "none") return undefined;
  const all = poolContainers(draft);
  if (all.length === 0) return text`a pool needs containers: add one on the page before`;
  if (managerOf(draft) === undefined) return text`no member manages it: say yes to manager at one of them`;
  return all.some((one) => one.roles.submits)
    ? undefined
    : text`no member takes jobs: say yes to submit at one of them`;
}

const domainItem = ({ pool, cluster }: Draft): Item => ({
  kind: "text",
  id: "pool.domain",
  under: "pool.security",
  label: text`  domain`,
  value: pool.domain,
  otherwise: cluster,
  help: text`TRUST_DOMAIN and UID_DOMAIN of every member: who a token is good for, and whose users are whose.`,
  problem: /^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,252})?$/.test(pool.domain)
    ? undefined
    : text`a domain such as pool.example`,
});

function memberItems(one: ContainerDraft, index: number, draft: Draft): Item[] {
  const id = `member.${index}`;
  const owner = `${id}.in`;
  const problem = networkProblem(one, draft);
  const { manages, submits, executes } = one.roles;
  const does = [
    ...(manages ? [text`manager`] : []),
    ...(submits ? [text`submit`] : []),
    ...(executes ? [text`execute`] : []),
  ];
  return [
    {
      kind: "choice",
      id: owner,
      label: clean(one.name),
      value: isMember(one) ? "yes" : "no",
      options: [
        { value: "no", label: text`not in it` },
        { value: "yes", label: text`a member` },
      ],
      help:
        problem === undefined
          ? text`Whether it takes part in the pool; what it does there stands below it.`
          : text`Members and manager share a network: give it that one on the page before.`,
      note: { words: joined(does), tone: "muted" },
      problem,
    },
    toggle(
      `${id}.manages`,
      text`  manager`,
      manages,
      text`It matches jobs to slots: one of the pool, by whose name the others find it.`,
      owner,
    ),
    toggle(`${id}.submits`, text`  submit`, submits, text`Jobs are submitted to it and queued there.`, owner),
    toggle(
      `${id}.executes`,
      text`  execute`,
      executes,
      text`Jobs run on it: its cores and memory become slots.`,
      owner,
    ),
  ];
}

/** Members and their manager talk to each other both ways. */
function networkProblem(one: ContainerDraft, draft: Draft): SafeText | undefined {
  const manager = managerOf(draft);
  if (!isMember(one) || manager === undefined) return undefined;
  if (one.network === undefined) return text`on no network`;
  return one.network === manager.network ? undefined : text`not on the manager's network`;
}
