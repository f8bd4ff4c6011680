/** HTCondor in the containers of hosts in memory, as far as configuring it looks at it. */
import type { DaemonAd, PoolAds } from "../src/domain/condor/ads.ts";
import { daemonKinds } from "../src/domain/condor/ads.ts";
import { settingsIn } from "../src/domain/condor/config.ts";
import type { MemberState } from "../src/domain/condor/member-state.ts";
import type { PoolSecret } from "../src/domain/condor/secret.ts";
import type { Container } from "../src/domain/engine.ts";
import type { ContainerId } from "../src/domain/ids.ts";
import type { FileEdit } from "../src/domain/plan/change.ts";
import { clean, type SafeText, text } from "../src/domain/text.ts";
import { bad, good, type Outcome } from "../src/domain/trouble.ts";
import type { Condor } from "../src/ports/condor.ts";
import type { PoolSetup, Take } from "../src/ports/pool-setup.ts";
import { fingerprint } from "../src/services/apply/pool-secret.ts";
import type { FakeHost } from "./fake-hosts.ts";

/** Where what is left behind was. */
export const ghostAddress = text`10.10.10.77`;

/** One container's HTCondor; `running` is the configuration that its daemons were started with. */
export class FakeMember {
  installed = true;
  content: string | undefined;
  isPending = false;
  secret: PoolSecret | undefined;
  running: { config: string; secret: PoolSecret | undefined; starts: number } | undefined;
  /** Machines that its collector lists beside the members. */
  readonly ghosts = new Set<string>();
  ghostAt = { address: ghostAddress, heardMs: 0 };
  /** The collector never hears of it. */
  isDeaf = false;
  /** The collector, which began after it, hears of it when it was told to report this often. */
  unheardFor = 0;

  get starts(): number {
    return this.running?.starts ?? 0;
  }
}

const path = "/etc/condor/config.d/50-ovl-tui.conf";
const version = { major: 23, minor: 9, patch: 6 };

/** The set-up of HTCondor in the containers of `host`. */
export function fakePoolSetup(host: FakeHost): PoolSetup {
  const { members } = host.cluster;
  const asked = <T>(method: string, id: ContainerId, does: (member: FakeMember, container: Container) => Outcome<T>) =>
    host.call(method, () => inside(id, does));
  const changed = <T>(method: string, id: ContainerId, does: (member: FakeMember) => Outcome<T>) =>
    host.call(method, () => inside(id, does), true);
  const inside = <T>(id: ContainerId, does: (member: FakeMember, container: Container) => Outcome<T>): Outcome<T> => {
    const container = host.containers.get(id);
    const member = container === undefined ? undefined : members.get(container.name);
    if (container === undefined || member === undefined) throw new Error(`no member ${id}`);
    return does(member, container);
  };
  return {
    look: (id) =>
      asked("look", id, (member, container): Outcome<MemberState> => {
        const debian = { id: "debian", like: [], pretty: text`Debian GNU/Linux 13 (trixie)` };
        if (!member.installed) return good({ installed: false, distribution: debian });
        const { content, isPending, secret, running } = member;
        return good({
          ...{ installed: true, version, place: { kind: "file", path }, content, isPending, init: "systemd" },
          secret: secret === undefined ? undefined : fingerprint(secret),
          master: running === undefined ? undefined : { pid: 100, ageMs: 1000 },
          addresses: container.attachments.flatMap((one) => one.address ?? []),
          ...{ effective: new Map(), managerAddresses: ["10.10.10.2"], clockMs: 0 },
        });
      }),
    ping: (id) => asked("ping", id, () => good({ allowed: false, words: [text`AUTHENTICATE:1003:Failed`] })),
    write: (id, edit) => changed("write", id, (member) => written(member, edit)),
    settled: (id) =>
      changed("settled", id, (member) => {
        member.isPending = false;
        return good(undefined);
      }),
    secret: (id) => asked("secret", id, (member) => good(member.secret)),
    placeSecret: (id, secret) =>
      changed("placeSecret", id, (member) => {
        member.secret = secret;
        member.isPending = true;
        return good(undefined);
      }),
    take: (id, how) => changed("take", id, (member) => taken(member, how)),
    install: (id, commands) =>
      changed("install", id, (member) => {
        member.installed = commands.length > 0;
        return good(undefined);
      }),
    forget: (id, { machine }) =>
      changed("forget", id, (member) => {
        member.ghosts.delete(machine);
        return good(undefined);
      }),
  };
}

function written(member: FakeMember, { replaces, content }: FileEdit): Outcome<"written" | "unchanged" | "changed"> {
  const wanted = content === "removed" ? undefined : content;
  if (member.content === wanted) return good("unchanged");
  if (member.content !== (replaces === "absent" ? undefined : replaces.content)) return good("changed");
  member.content = wanted;
  member.isPending = true;
  return good("written");
}

function taken(member: FakeMember, how: Take): Outcome<void> {
  member.unheardFor = how === "restart" ? 0 : Math.max(0, member.unheardFor - 1);
  const starts = member.starts + (how === "restart" ? 1 : 0);
  member.running = { config: member.content ?? "", secret: member.secret, starts };
  return good(undefined);
}

/** What the collector in a container of `host` knows: members that were started for it, with its secret or with none. */
export function fakePool(host: FakeHost): Pick<Condor, "status"> {
  const { members, hosts } = host.cluster;
  const ads = (manager: SafeText): PoolAds => {
    const own = members.get(manager)?.running;
    const daemons = [...hosts.values()].flatMap(({ containers }) =>
      [...containers.values()].flatMap((container): DaemonAd[] => {
        const member = members.get(container.name);
        const settings = settingsIn(member?.running?.config ?? "");
        const isLetIn = own !== undefined && member?.running?.secret?.reveal() === own.secret?.reveal();
        if (
          member === undefined ||
          member.isDeaf ||
          member.unheardFor > 0 ||
          !isLetIn ||
          settings.get("CONDOR_HOST") !== manager
        )
          return [];
        const kinds = daemonKinds.filter((kind) => settings.get("DAEMON_LIST")?.includes(kind.toUpperCase()));
        return kinds.map((kind) => adOf(kind, container.name, container.attachments[0]?.address));
      }),
    );
    const managing = members.get(manager);
    const ghosts = [...(managing?.ghosts ?? [])].map((name) => ({
      ...adOf("startd", clean(name), undefined),
      ...managing?.ghostAt,
    }));
    return { slots: [], daemons: [...daemons, ...ghosts] };
  };
  return {
    status: (id) =>
      host.call("status", () => {
        const container = host.containers.get(id);
        const runs = settingsIn(members.get(container?.name ?? "")?.running?.config ?? "").get("DAEMON_LIST");
        if (container === undefined || !runs?.includes("COLLECTOR")) {
          return bad({ kind: "program-failed", program: text`condor_status`, detail: text`Failed to connect` });
        }
        return good(ads(container.name));
      }),
  };
}

const adOf = (kind: DaemonAd["kind"], name: SafeText, address: SafeText | undefined): DaemonAd => ({
  ...{ kind, name, machine: name, address, heardMs: 0, version: undefined },
});
