import { explain } from "../explain.ts";
import type { Spec } from "../spec/spec.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { age } from "../time.ts";
import { unheardMs } from "./ads.ts";
import { ownPart } from "./config.ts";
import type { Installed, PoolSurvey } from "./member-state.ts";
import type { Role } from "./roles.ts";

/** Why a member that runs is not in the pool: a finding's id, and the rest of its title. */
export interface Absence {
  id: string;
  because: SafeText;
  evidence: readonly SafeText[];
  remedy: SafeText;
}

/** Clocks further apart than this are wrong: leases, histories and logs do not fit, and tokens of long ago have run out. */
const clockToleranceMs = 60_000;
/** Daemons that were just started need some seconds to be heard of. */
export const settlingMs = 30_000;

/** Whether HTCondor is there as its package left it: nothing of ours, and not of this pool by anybody else's hand. */
export const isUntouched = ({ place, content, effective }: Installed, manager: SafeText): boolean =>
  ownPart(place, content) === undefined && effective.get("CONDOR_HOST")?.value !== manager;

/**
 * ms since HTCondor began in the manager, where that was after the member and so short ago that the member need not have
 * reported. The collector's own ad does not say when it began.
 */
export function managerIsNew(
  { members }: PoolSurvey,
  manager: SafeText,
  master: Installed["master"],
): number | undefined {
  const managing = members.get(manager);
  const began = managing?.ok === true && managing.value.installed ? managing.value.master?.ageMs : undefined;
  if (began === undefined || master === undefined) return undefined;
  return began < unheardMs && began < master.ageMs ? began : undefined;
}

/** The first reason that holds, from what is nearest to the member to what is furthest from it. */
export function whyAbsent(
  { container, daemons }: Role,
  { spec, pool }: { spec: Pick<Spec, "condor">; pool: PoolSurvey },
  state: Installed,
): Absence {
  const { name } = container;
  const manager = spec.condor?.manager ?? text`the manager`;
  if (state.master === undefined) {
    return {
      ...{ id: "condor-stopped", because: text`HTCondor does not run in it`, evidence: [text`no condor_master lives`] },
      remedy: text`"ovl-tui apply" starts it.`,
    };
  }
  const host = state.effective.get("CONDOR_HOST");
  const said = host === undefined ? text`CONDOR_HOST is not set` : text`CONDOR_HOST = ${host.value}, from ${host.at}`;
  if (isUntouched(state, manager)) {
    return {
      ...{ id: "condor-not-set-up", because: text`HTCondor in it is not set up`, evidence: [said] },
      remedy: text`"ovl-tui apply" writes ${clean(state.place.path)} and restarts HTCondor there.`,
    };
  }
  if (host?.value !== manager) {
    const ours = state.place.path;
    const isOurs = host === undefined || host.at.startsWith(`${ours},`) || !host.at.startsWith("/");
    return {
      ...{ id: "condor-host-wrong", because: text`it looks for another manager`, evidence: [said] },
      remedy:
        isOurs || state.content === undefined
          ? text`"ovl-tui apply" writes ${manager} into ${clean(ours)}.`
          : text`Take that line out: it has the last word over ${clean(ours)}.`,
    };
  }
  const list = state.effective.get("DAEMON_LIST");
  const lacking = daemons.filter((kind) => list?.value.toUpperCase().includes(kind.toUpperCase()) === false);
  if (list !== undefined && lacking.length > 0) {
    return {
      id: "condor-role-missing",
      because: text`it is not configured to run ${joined(lacking.map((kind) => clean(kind)))}`,
      evidence: [text`DAEMON_LIST = ${list.value}, from ${list.at}`],
      remedy: text`"ovl-tui apply" writes what ovl.yaml says, unless another file has the last word.`,
    };
  }
  if (state.managerAddresses.length === 0) {
    return {
      id: "condor-name-unresolved",
      because: text`${manager} does not resolve in it`,
      evidence: [
        text`getent ahostsv4 ${manager} finds nothing; the engine's DNS knows containers of the same network only`,
      ],
      remedy: text`See that ${name} and ${manager} are on one overlay ("ovl-tui apply" connects them) and that /etc/resolv.conf in ${name} names 127.0.0.11.`,
    };
  }
  const clock = clockApart(state, pool, manager);
  if (clock !== undefined) {
    return {
      id: "condor-clock",
      because: text`its clock is ${clock} that of ${manager}`,
      evidence: [text`what is signed in another time may be refused`],
      remedy: setClock,
    };
  }
  return byPing(name, manager, pool, state.master);
}

export const setClock = text`Set the clock of its node: "timedatectl set-ntp true" there; containers have no clock of their own.`;

/** "20m ahead of": a member's clock against its manager's, where they are too far apart. */
export function clockApart({ clockMs }: Installed, { members }: PoolSurvey, manager: SafeText): SafeText | undefined {
  const managing = members.get(manager);
  const there = managing?.ok === true && managing.value.installed ? managing.value.clockMs : 0;
  const apart = Math.abs(clockMs - there);
  if (apart <= clockToleranceMs) return undefined;
  return clockMs > there ? text`${age(apart)} ahead of` : text`${age(apart)} behind`;
}

function byPing(name: SafeText, manager: SafeText, pool: PoolSurvey, master: Installed["master"]): Absence {
  const ping = pool.pings.get(name);
  if (ping === undefined || !ping.ok) {
    const said = ping === undefined ? [] : [explain(ping.trouble, name).what];
    return { ...unknown(name), evidence: [text`condor_ping gave no answer`, ...said] };
  }
  if (ping.value.allowed) {
    if (master !== undefined && master.ageMs < settlingMs) {
      return {
        id: "condor-starting",
        because: text`it began ${age(master.ageMs)} ago`,
        evidence: [text`condor_ping: the collector lets it in as ${ping.value.as}`],
        remedy: text`Wait: daemons tell the collector within some seconds of their start.`,
      };
    }
    const evidence = [text`condor_ping: the collector lets it in as ${ping.value.as}`];
    const began = managerIsNew(pool, manager, master);
    if (began !== undefined) {
      return {
        ...{ id: "condor-unheard", because: text`HTCondor in ${manager} began anew ${age(began)} ago`, evidence },
        remedy: text`"ovl-tui apply" has it report now, which ends no job; by itself it may take 10 minutes.`,
      };
    }
    return { ...unknown(name), evidence };
  }
  const { words } = ping.value;
  const said = joined(words.slice(0, 4), "; ");
  const evidence = [text`condor_ping: ${said}`];
  if (/failed to authenticate|AUTHENTICATE:100\d|\bDEN(?:Y|IED)\b|not authorized|authorization/i.test(said)) {
    if (!/SECMAN:2011/.test(said)) {
      return {
        ...{ id: "condor-authentication", because: text`${manager} does not believe it`, evidence },
        remedy: text`"ovl-tui apply" gives it the pool's secret, where it has another; if they are the same, compare "condor_config_val -dump SEC_" in ${name} and in ${manager}.`,
      };
    }
  }
  if (words.length === 0 || /connect|timed out|no answer|SECMAN:2011|CEDAR:6001|communication error/i.test(said)) {
    return {
      ...{ id: "condor-collector-unreachable", because: text`it does not reach the collector of ${manager}`, evidence },
      remedy: text`"ovl-tui ping" tells whether ${name} reaches ${manager} at all; if it does, something keeps TCP 9618 away: "iptables -S" in both.`,
    };
  }
  return { ...unknown(name), evidence };
}

const unknown = (name: SafeText): Absence => ({
  id: "condor-not-in-pool",
  because: text`its daemons do not report`,
  evidence: [],
  remedy: text`"ovl-tui apply" restarts HTCondor there; /var/log/condor in ${name} tells more.`,
});
