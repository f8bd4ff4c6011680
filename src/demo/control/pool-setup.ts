import { installCommands } from "../../domain/condor/install.ts";
import type { Distribution, MemberState, Ping } from "../../domain/condor/member-state.ts";
import { readBack } from "../../domain/condor/member-state.ts";
import type { PoolSecret } from "../../domain/condor/secret.ts";
import type { ContainerId } from "../../domain/ids.ts";
import type { FileEdit } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { PoolSetup, Take } from "../../ports/pool-setup.ts";
import { pass } from "../calls.ts";
import type { Cluster } from "../cluster.ts";
import { type DemoMember, demoVersion, fingerprintOf, masterOf, settingOf } from "../condor/member.ts";
import type { DemoContainer } from "../containers.ts";
import type { DemoLink } from "../link.ts";
import { refused } from "../refusal.ts";
import { engineChange, engineQuestion } from "./change.ts";
import { sha256Of } from "./files.ts";

const looksMs = 200;
const takesMs = 1500;
const installsMs = 20_000;

const debian: Distribution = { id: "debian", like: [], pretty: text`Debian GNU/Linux 13 (trixie)` };
const path = "/etc/condor/config.d/50-ovl-tui.conf";

/** HTCondor's set-up in the containers of one of the demo's machines. */
export class DemoPoolSetup implements PoolSetup {
  readonly #on: { link: DemoLink; clock: Clock; cluster: Cluster };

  constructor(on: { link: DemoLink; clock: Clock; cluster: Cluster }) {
    this.#on = on;
  }

  look(id: ContainerId, manager: SafeText, within: Deadline): Promise<Outcome<MemberState>> {
    return this.#asked(id, within, (container): Outcome<MemberState> => {
      if (!this.#on.cluster.members.hasCondor(container)) return good({ installed: false, distribution: debian });
      const member = this.#on.cluster.members.of(container);
      const { content, isPending, secret, master } = member;
      const addresses = container.places.flatMap((one) => one.held?.address ?? []);
      return good({
        ...{
          installed: true,
          version: demoVersion,
          place: { kind: "file", path },
          content,
          isPending,
          init: "systemd",
        },
        secret: secret === undefined ? undefined : fingerprintOf(secret),
        master: master === undefined ? undefined : { pid: 68, ageMs: this.#on.clock.now() - master.since },
        ...{ addresses, effective: effectiveOf(member), clockMs: 0 },
        managerAddresses: this.#on.cluster.overlayAddress(manager) ?? [],
      });
    });
  }

  ping(id: ContainerId, within: Deadline): Promise<Outcome<Ping>> {
    return this.#asked(id, within, (container): Outcome<Ping> => {
      if (!this.#on.cluster.pool.managed || !this.#on.cluster.members.hasCollector(container)) {
        return good({ allowed: false, words: [text`ERROR: failed to make connection to the collector`] });
      }
      return this.#on.cluster.members.isLetIn(container)
        ? good({ allowed: true, as: text`condor@password` })
        : good({ allowed: false, words: [text`AUTHENTICATE:1003:Failed to authenticate with any method`] });
    });
  }

  write(id: ContainerId, { replaces, content }: FileEdit, within: Deadline) {
    return this.#changed(id, looksMs, within, (member) => {
      const now = member.content === undefined ? "absent" : sha256Of(member.content);
      const wanted = content === "removed" ? undefined : content;
      if (member.content === wanted) return good("unchanged" as const);
      if (now !== (replaces === "absent" ? replaces : replaces.sha256)) return good("changed" as const);
      member.content = wanted;
      member.isPending = true;
      return good("written" as const);
    });
  }

  settled(id: ContainerId, within: Deadline): Promise<Outcome<void>> {
    return this.#changed(id, looksMs, within, (member) => {
      member.isPending = false;
      return good(undefined);
    });
  }

  secret(id: ContainerId, within: Deadline): Promise<Outcome<PoolSecret | undefined>> {
    return this.#asked(id, within, (container) => good(this.#on.cluster.members.of(container).secret));
  }

  placeSecret(id: ContainerId, secret: PoolSecret, within: Deadline): Promise<Outcome<void>> {
    return this.#changed(id, looksMs, within, (member) => {
      member.secret = secret;
      member.isPending = true;
      return good(undefined);
    });
  }

  take(id: ContainerId, how: Take, within: Deadline): Promise<Outcome<void>> {
    return this.#changed(id, takesMs, within, (member) => {
      const now = this.#on.clock.now();
      member.master = masterOf(member, how === "restart" ? now : (member.master?.since ?? now));
      return good(undefined);
    });
  }

  install(id: ContainerId, commands: readonly (readonly string[])[], within: Deadline): Promise<Outcome<void>> {
    const known = installCommands(debian)?.flat().join(" ") === commands.flat().join(" ");
    return this.#changed(id, installsMs, within, (_, container) => {
      if (!known)
        return bad({ kind: "program-failed", program: clean(commands[0]?.[0] ?? ""), detail: text`not found` });
      this.#on.cluster.members.install(container);
      return good(undefined);
    });
  }

  /** Machines whose container is gone leave the demo's pool by themselves. */
  forget(id: ContainerId, _ads: unknown, within: Deadline): Promise<Outcome<void>> {
    return this.#asked(id, within, () => good(undefined));
  }

  async #asked<T>(id: ContainerId, within: Deadline, answer: (container: DemoContainer) => Outcome<T>) {
    const { link, clock } = this.#on;
    await pass(clock, looksMs);
    return engineQuestion({ link, clock }, within, () => this.#inside(id, answer));
  }

  #changed<T>(
    id: ContainerId,
    takes: number,
    within: Deadline,
    work: (member: DemoMember, container: DemoContainer) => Outcome<T>,
  ): Promise<Outcome<T>> {
    return engineChange(this.#on, within, takes, () =>
      this.#inside(id, (container) => work(this.#on.cluster.members.of(container), container)),
    );
  }

  #inside<T>(id: ContainerId, then: (container: DemoContainer) => Outcome<T>): Outcome<T> {
    const container = this.#on.link.machine.runtime.all.get(id);
    if (container === undefined) return refused(404, text`No such container: ${id}`);
    if (container.run.state !== "running") return refused(409, text`Container ${id} is not running`);
    return then(container);
  }
}

const effectiveOf = (member: DemoMember) =>
  new Map(
    readBack.flatMap((name) => {
      const value = settingOf(member, name);
      return value === undefined ? [] : [[name, { value: clean(value), at: text`${clean(path)}, line 1` }] as const];
    }),
  );
