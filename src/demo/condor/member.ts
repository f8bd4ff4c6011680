import { createHash } from "node:crypto";
import { type DaemonKind, daemonKinds } from "../../domain/condor/ads.ts";
import { configText, patternOf, settingsIn } from "../../domain/condor/config.ts";
import { rolesIn } from "../../domain/condor/roles.ts";
import { PoolSecret } from "../../domain/condor/secret.ts";
import type { CondorVersion } from "../../domain/condor/versions.ts";
import type { Sha256 } from "../../domain/plan/change.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";

/** HTCondor's files and processes in one of the demo's containers. */
export interface DemoMember {
  /** Of the configuration file of ours. */
  content: string | undefined;
  isPending: boolean;
  secret: PoolSecret | undefined;
  master: DemoMaster | undefined;
}

/** Running daemons: they go by what stood in the files when they read them last. */
export interface DemoMaster {
  since: Instant;
  /** CONDOR_HOST; undefined: they are in no pool. */
  manager: string | undefined;
  daemons: readonly DaemonKind[];
  /** They ask nobody who they are. */
  isOpen: boolean;
  secret: Sha256 | undefined;
}

export const demoVersion: CondorVersion = { major: 23, minor: 9, patch: 6 };

/** No secret at all: everybody can read it here. */
const demoSecret = new PoolSecret(Buffer.from("the demo has no secrets").toString("base64"));

/** What a member's secret is compared by. */
export const fingerprintOf = (secret: PoolSecret): Sha256 =>
  createHash("sha256").update(Buffer.from(secret.reveal(), "base64")).digest("hex") as Sha256;

/** A container as its image starts it: HTCondor runs by itself and is in no pool. */
export const freshMember = (since: Instant): DemoMember => ({
  ...{ content: undefined, isPending: false, secret: undefined },
  master: masterOf({ content: undefined, secret: undefined }, since),
});

/** Daemons that began at `since` and have read the member's files now. */
export function masterOf({ content, secret }: Pick<DemoMember, "content" | "secret">, since: Instant): DemoMaster {
  const settings = settingsIn(content ?? "");
  const listed = (settings.get("DAEMON_LIST") ?? "").toLowerCase().split(" ");
  return {
    since,
    manager: settings.get("CONDOR_HOST"),
    daemons: daemonKinds.filter((kind) => listed.includes(kind)),
    isOpen: settings.get("ALLOW_DAEMON") === "*",
    secret: secret === undefined ? undefined : fingerprintOf(secret),
  };
}

/** Whether the daemons of one let those of the other in. */
export const trusts = (one: DemoMaster, other: DemoMaster): boolean =>
  one.isOpen === other.isOpen && (one.isOpen || (one.secret !== undefined && one.secret === other.secret));

/** The members of the spec's pool, by their containers' names, as an apply left them. */
export function configuredMembers(spec: Spec, since: Instant): Map<SafeText, DemoMember> {
  const { condor } = spec;
  if (condor === undefined) return new Map();
  return new Map(
    rolesIn(spec).map(({ container, daemons }) => {
      const settings = { manager: condor.manager, domain: condor.domain, daemons, security: condor.security };
      const subnet = spec.networks.find((one) => one.name === container.network)?.subnet;
      const pattern = subnet === undefined ? undefined : patternOf(subnet);
      const content = configText(settings, demoVersion, `${pattern ?? ""}*`);
      const files = { content, secret: demoSecret };
      return [container.name, { ...files, isPending: false, master: masterOf(files, since) }];
    }),
  );
}

/** What a setting of its configuration says; undefined when it is not set. */
export const settingOf = ({ content }: DemoMember, name: string): string | undefined =>
  content === undefined ? undefined : settingsIn(content).get(name);
