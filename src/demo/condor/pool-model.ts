import type { DaemonAd, DaemonKind, PoolAds, SlotAd } from "../../domain/condor/ads.ts";
import type { Job } from "../../domain/condor/queue.ts";
import type { JobSight, TestJob } from "../../domain/condor/test-job.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Chance, chance } from "../chance.ts";
import { type DemoJob, endOf, someJob } from "./jobs.ts";

/** A container that runs HTCondor now, as the pool meets it. */
export interface Worker {
  name: SafeText;
  address: SafeText | undefined;
  daemons: readonly DaemonKind[];
  /** When its daemons began. */
  since: Instant;
  /** Its messages reach the collector. */
  heard: boolean;
}

/** One startd of the pool. */
interface Machine {
  worker: Worker;
  joinedAt: Instant;
  heardAt: Instant;
  /** When its whole slot last changed hands. */
  idleSince: Instant;
  load: number;
}

const cores = 4;
const memoryMb = 16_000;
const platform = text`X86_64/LINUX`;
const version = text`23.9.6`;
const stepMs = 1000;
/** Somebody who comes back after hours sees what happened last. */
const mostSteps = 900;
/** UPDATE_INTERVAL and CLASSAD_LIFETIME of HTCondor. */
const updateMs = 300_000;
const adLifeMs = 900_000;
const negotiationMs = 2000;

/** A pool that works by itself: users come with jobs, slots take them, and now and then one is held. */
export class PoolModel {
  readonly #clock: Clock;
  readonly #draw: Chance;
  readonly #workers: () => readonly Worker[];
  readonly #machines = new Map<SafeText, Machine>();
  #jobs: DemoJob[] = [];
  #past: DemoJob[] = [];
  #cluster = 40;
  #at: Instant;
  #nextJobAt: Instant;

  constructor(seed: number, clock: Clock, workers: () => readonly Worker[]) {
    this.#clock = clock;
    this.#draw = chance(seed, "pool");
    this.#workers = workers;
    this.#at = clock.now() - 240_000;
    this.#nextJobAt = this.#at;
  }

  /** Whether a collector answers. */
  get managed(): boolean {
    return this.#workers().some((one) => one.daemons.includes("collector") && one.heard);
  }

  status(): PoolAds {
    this.#advance();
    const now = this.#clock.now();
    const machines = [...this.#machines.values()];
    return {
      slots: machines.flatMap((machine) => this.#slotsOf(machine, now)),
      daemons: machines.flatMap(({ worker, heardAt }): DaemonAd[] => {
        const { name, address, daemons } = worker;
        return (["master", ...daemons] as const).map((kind) => ({
          kind,
          name,
          machine: name,
          address,
          heardMs: now - heardAt,
          version,
        }));
      }),
    };
  }

  queue(): Job[] {
    this.#advance();
    const now = this.#clock.now();
    return this.#jobs.map((job) => ({
      ...{ id: job.id, owner: job.owner, state: job.now.state, command: job.command },
      slot: job.now.state === "running" ? job.now.slot : undefined,
      holdReason: job.now.state === "held" ? job.now.reason : undefined,
      ...{ submittedMs: now - job.submittedAt, stateMs: now - job.now.since },
    }));
  }

  submit(test: TestJob): SafeText {
    this.#advance();
    const now = this.#clock.now();
    const [program = "", first] = test.command;
    const seconds = program === "sleep" ? Number(first) : Number.NaN;
    const command = clean(["/usr/bin/env", ...test.command].join(" "));
    const job: DemoJob = {
      ...{ id: this.#nextId(), owner: clean(test.user), command, submittedAt: now },
      ...{ now: { state: "idle", since: now }, runMs: Number.isFinite(seconds) ? seconds * 1000 : 1000 },
      ...{ ending: endOf(program), where: test.where },
    };
    this.#jobs.push(job);
    return job.id;
  }

  sight(id: string): JobSight {
    this.#advance();
    const job = this.#jobs.find((one) => one.id === id);
    if (job !== undefined) {
      const { now } = job;
      const slot = now.state === "running" ? now.slot : undefined;
      return { at: "queue", state: now.state, slot, holdReason: now.state === "held" ? now.reason : undefined };
    }
    const past = this.#past.find((one) => one.id === id);
    if (past?.left === undefined) return { at: "nowhere" };
    return { at: "history", ...past.left };
  }

  /** False when there is no such job. */
  remove(id: string): boolean {
    this.#advance();
    const job = this.#jobs.find((one) => one.id === id);
    if (job === undefined) return false;
    const reason = text`via condor_rm (by user ${job.owner})`;
    this.#leaves(job, { state: "removed", slot: slotIn(job), exitCode: undefined, reason });
    return true;
  }

  #nextId(): SafeText {
    this.#cluster += 1;
    return text`${this.#cluster}.0`;
  }

  /** What happened since somebody looked, second by second: the same whoever looks, and when. */
  #advance(): void {
    const now = this.#clock.now();
    if (now - this.#at > mostSteps * stepMs) this.#at = now - mostSteps * stepMs;
    this.#meet(now);
    while (this.#at + stepMs <= now) {
      this.#at += stepMs;
      this.#step(this.#at);
    }
    for (const machine of this.#machines.values()) {
      if (machine.worker.heard)
        machine.heardAt = Math.max(machine.heardAt, now - ((now - machine.joinedAt) % updateMs));
    }
  }

  /** Who came, and who is gone: a startd that is stopped says so, one that is cut off is forgotten after a while. */
  #meet(now: Instant): void {
    const workers = new Map(this.#workers().map((one) => [one.name, one]));
    for (const [name, worker] of workers) {
      const known = this.#machines.get(name);
      if (known?.worker.since === worker.since) known.worker = worker;
      else if (worker.heard) {
        if (known !== undefined) this.#ends(name, worker.since);
        const joinedAt = Math.max(this.#at, worker.since);
        this.#machines.set(name, { worker, joinedAt, heardAt: now, idleSince: joinedAt, load: 0 });
      }
    }
    for (const [name, machine] of this.#machines) {
      const forgotten = !machine.worker.heard && now - machine.heardAt > adLifeMs;
      if (workers.has(name) && !forgotten) continue;
      this.#machines.delete(name);
      this.#ends(name, now);
    }
  }

  /** What ran there waits for another slot. */
  #ends(name: SafeText, at: Instant): void {
    for (const job of this.#jobs) {
      if (job.now.state === "running" && job.now.machine === name) job.now = { state: "idle", since: at };
    }
  }

  #step(at: Instant): void {
    if (at >= this.#nextJobAt) {
      this.#nextJobAt = at + this.#draw.between(6, 30) * 1000;
      if (this.#isThere("schedd", at) && this.#jobs.length < 3 * cores * Math.max(1, this.#machines.size)) {
        this.#jobs.push(someJob(this.#draw, this.#nextId(), at));
      }
    }
    for (const job of [...this.#jobs]) this.#work(job, at);
    for (const machine of this.#machines.values()) {
      const busy = this.#running(machine).length;
      machine.load = machine.load * 0.95 + busy * (0.9 + this.#draw.fraction() * 0.2) * 0.05;
    }
  }

  #work(job: DemoJob, at: Instant): void {
    const { now } = job;
    if (now.state === "running" && at - now.since >= job.runMs) {
      // Its end has to be told first.
      if (this.#machines.get(now.machine)?.worker.heard !== true) return;
      if (job.ending.as === "held") {
        this.#freed(now.machine, at);
        job.now = { state: "held", since: at, reason: text`Error from ${now.slot}: ${job.ending.reason}` };
        return;
      }
      this.#freed(now.machine, at);
      this.#leaves(job, { state: "completed", slot: now.slot, exitCode: job.ending.code, reason: undefined });
    } else if (now.state === "idle" && at - now.since >= negotiationMs && this.#isThere("negotiator", at)) {
      const free = [...this.#machines.values()].filter((one) => this.#takes(one, job, at));
      // The emptiest first, so that all of them have something to do.
      const [machine] = free.sort((a, b) => this.#running(a).length - this.#running(b).length);
      if (machine === undefined) return;
      const taken = new Set(this.#running(machine).map(slotIn));
      let number = 1;
      while (taken.has(dynamicSlot(number, machine))) number += 1;
      const { name } = machine.worker;
      job.now = { state: "running", since: at, machine: name, slot: dynamicSlot(number, machine) };
      this.#freed(name, at);
    } else if (now.state === "held" && at - now.since > 180_000) {
      const reason = text`via condor_rm (by user ${job.owner})`;
      this.#leaves(job, { state: "removed", slot: undefined, exitCode: undefined, reason });
    }
  }

  /** Such a daemon had begun at that time, and its messages are heard. */
  #isThere(kind: DaemonKind, at: Instant): boolean {
    return [...this.#machines.values()].some(
      ({ worker, joinedAt }) => worker.heard && joinedAt <= at && worker.daemons.includes(kind),
    );
  }

  #takes(machine: Machine, { where }: DemoJob, at: Instant): boolean {
    const { worker } = machine;
    if (
      !worker.heard ||
      !worker.daemons.includes("startd") ||
      machine.joinedAt > at ||
      this.#running(machine).length >= cores
    )
      return false;
    if (where.on === "machine") return where.machine === worker.name;
    return where.on === "any" || !where.than.includes(worker.name);
  }

  /** The startd tells the collector at once when a slot is cut or given back. */
  #freed(name: SafeText, at: Instant): void {
    const machine = this.#machines.get(name);
    if (machine !== undefined) machine.heardAt = at;
  }

  #leaves(job: DemoJob, left: NonNullable<DemoJob["left"]>): void {
    this.#jobs = this.#jobs.filter((one) => one !== job);
    this.#past = [{ ...job, left }, ...this.#past].slice(0, 200);
  }

  #running({ worker }: Machine): DemoJob[] {
    return this.#jobs.filter(({ now }) => now.state === "running" && now.machine === worker.name);
  }

  #slotsOf(machine: Machine, now: Instant): SlotAd[] {
    const { worker, heardAt, idleSince, load } = machine;
    if (!worker.daemons.includes("startd")) return [];
    const running = this.#running(machine);
    const common = { machine: worker.name, address: worker.address, heardMs: now - heardAt, platform, version };
    const memoryOf = (count: number): number => count * 512;
    const whole: SlotAd = {
      ...{ ...common, name: text`slot1@${worker.name}`, kind: "partitionable", state: "Unclaimed" },
      ...{ activity: text`Idle`, activityMs: now - idleSince, owner: undefined, job: undefined },
      ...{ cpus: cores - running.length, totalCpus: cores, load: Math.round(load * 100) / 100 },
      ...{ memoryMb: memoryMb - memoryOf(running.length), totalMemoryMb: memoryMb },
    };
    const parts = running.flatMap((job): SlotAd[] => {
      if (job.now.state !== "running") return [];
      return [
        {
          ...{ ...common, name: job.now.slot, kind: "dynamic", state: "Claimed", activity: text`Busy` },
          ...{ activityMs: now - job.now.since, owner: text`${job.owner}@ovlpool`, job: job.id, load: 1 },
          ...{ cpus: 1, totalCpus: 1, memoryMb: memoryOf(1), totalMemoryMb: memoryOf(1) },
        },
      ];
    });
    return [whole, ...parts];
  }
}

const dynamicSlot = (number: number, { worker }: Machine): SafeText => text`slot1_${number}@${worker.name}`;

const slotIn = ({ now }: DemoJob): SafeText | undefined => (now.state === "running" ? now.slot : undefined);
