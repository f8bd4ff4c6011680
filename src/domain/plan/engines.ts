import type { Container } from "../engine.ts";
import type { Spec } from "../spec/spec.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { advertisePort, hostPort } from "./advertise.ts";
import type { ConfigureEngine, EngineMember } from "./change.ts";
import { commandPreview } from "./command.ts";
import { diffPreview } from "./diff.ts";
import { settingEdits } from "./engine-edits.ts";
import { certificateFolder, type WantedSettings, wantedListener } from "./engine-settings.ts";
import { type Drafted, makeStep, stepId } from "./make-step.ts";
import { gossipPort } from "./reach.ts";
import type { Site } from "./site.ts";
import type { Preview, Step, StepId } from "./step.ts";
import { type StoreLayout, sameStore, storeUrl } from "./store-layout.ts";
import { isFlag, type Written, writtenSettings, writtenValue, writtenValues } from "./written.ts";

/**
 * One step for each engine that is not told, or does not know, what it should; one after the other over the nodes: an engine
 * joins the gossip of those whose serf is up when it hears of them and tries but once, so that two which come up at one
 * moment may stay strangers (moby libnetwork/drivers/overlay/overlay.go, nodeJoin).
 */
export function draftEngines(
  spec: Spec,
  sites: readonly Site[],
  layout: StoreLayout | undefined,
  storeReady: (site: Site) => readonly StepId[],
): Drafted {
  const drafted: Drafted = { steps: [], obstacles: [] };
  const members: EngineMember[] = [];
  let before: StepId | undefined;
  for (const site of waitingLast(sites, layout)) {
    const joins = layout === undefined ? undefined : memberOf(site, layout);
    const missing = missingSettings(spec, site, joins, sites);
    if (missing !== undefined) {
      const edits = settingEdits(site.name, site.survey, missing.settings);
      if (edits.ok) {
        const certificates = missing.settings.listener?.tls === undefined ? [] : [certificateStep(site)];
        const take = edits.commandLine ? "restart" : missing.take;
        const needs = [
          ...storeReady(site),
          ...certificates.map((one) => one.id),
          ...(before === undefined ? [] : [before]),
        ];
        const change: ConfigureEngine = {
          ...{ kind: "configure-engine", edits: edits.edits, take },
          ...{ joins, peers: joins === undefined ? [] : [...members] },
        };
        const step = engineStep(site, change, needs);
        drafted.steps.push(...certificates, step);
        before = step.id;
      } else drafted.obstacles.push(edits.obstacle);
      if (edits.ok && missing.settings.listener !== undefined && missing.settings.listener.tls === undefined) {
        drafted.obstacles.push(insecureWanted(site, missing.settings.listener.host));
      }
    }
    if (joins !== undefined) members.push(joins);
  }
  return drafted;
}

/** Engines that are members already come first, so that each newcomer meets all of them. */
function waitingLast(sites: readonly Site[], layout: StoreLayout | undefined): Site[] {
  if (layout === undefined) return [...sites];
  const isMember = (site: Site) => knows(site, memberOf(site, layout), sites);
  return [...sites.filter(isMember), ...sites.filter((site) => !isMember(site))];
}

/** The engine's place in the store, as it shall be. */
export function memberOf(site: Site, layout: StoreLayout): EngineMember {
  const { said, address } = site.advertise;
  return {
    node: site.name,
    store: storeUrl(layout, site),
    advertise: hostPort(said, advertisePort),
    address,
  };
}

/** Whether the running engine has it so; a name for the store's address, or another port behind the advertised one, is the same. */
function knows({ engine, advertise }: Site, member: EngineMember, sites: readonly Site[]): boolean {
  return (
    engine.store !== undefined &&
    sameStore(engine.store, member.store, sites) &&
    engine.advertise !== undefined &&
    [advertise.said, advertise.address].some((said) => said === hostOf(engine.advertise ?? ""))
  );
}

const hostOf = (advertised: string): string => advertised.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");

interface Missing {
  settings: WantedSettings;
  take: ConfigureEngine["take"];
}

/** What is not as wanted, and how much it takes; undefined when all of it is. */
function missingSettings(
  spec: Spec,
  site: Site,
  member: EngineMember | undefined,
  sites: readonly Site[],
): Missing | undefined {
  const written = writtenSettings(site.survey.sources);
  const store = member === undefined || isWritten(site, member, written, sites) ? undefined : member;
  const known = member === undefined || knows(site, member, sites);
  const listener = wantedListener(spec, site);
  const isOpen = listener === undefined || (hasListener(written, listener) && listens(site, listener));
  const isDeaf = member !== undefined && known && !gossips(site, member);
  if (store === undefined && known && isOpen && !isDeaf) return undefined;
  const first = site.engine.store === undefined || site.engine.store === "";
  return {
    settings: {
      store: store === undefined ? undefined : { url: store.store, advertise: store.advertise },
      listener: listener === undefined || hasListener(written, listener) ? undefined : listener,
    },
    // libnetwork changes neither a store that is open nor the address that its gossip is bound to (moby libnetwork/controller.go
    // ReloadConfiguration); what is the same already is not looked at again.
    take: isOpen && !isDeaf && (first || known) && !isFlag(written, "cluster-store") ? "reload" : "restart",
  };
}

/**
 * Whether gossip listens where it should. An engine that took its store while that was away gives up after a minute and
 * stays without, whatever it says of itself (moby pkg/discovery/kv): only a restart lets it join. Without a list of
 * sockets nobody can tell.
 */
const gossips = ({ survey }: Site, { address }: EngineMember): boolean =>
  survey.listening.length === 0 || survey.listening.some((one) => one.port === gossipPort && one.address === address);

function isWritten(site: Site, member: EngineMember, written: Written, sites: readonly Site[]): boolean {
  const [url, advertise] = [writtenValue(written, "cluster-store"), writtenValue(written, "cluster-advertise")];
  if (url === undefined || advertise === undefined) return false;
  const twice = ["cluster-store", "cluster-advertise"].some((flag) => writtenValues(written, flag).length > 1);
  const { said, address } = site.advertise;
  return !twice && sameStore(url, member.store, sites) && [said, address].some((one) => one === hostOf(advertise));
}

type Listener = NonNullable<WantedSettings["listener"]>;

const port = (host: string): string | undefined => /:(\d+)$/.exec(host)?.[1];

/** A listener on the same port will do, whatever address it was given by hand; with TLS where TLS is wanted. */
function hasListener(written: Written, { host, tls }: Listener): boolean {
  const verified = writtenValue(written, "tlsverify") === "true";
  return writtenValues(written, "host").some((one) => port(one) === port(host)) && (tls === undefined || verified);
}

const listens = ({ survey }: Site, { host }: Listener): boolean =>
  survey.listening.some((one) => one.protocol === "tcp" && String(one.port) === port(host));

function certificateStep(site: Site): Step {
  const names = [...new Set<string>([site.name, site.facts.hostname, site.advertise.address, site.seen.address])];
  return makeStep({
    id: stepId(site.name, text`certificates`),
    node: site.name,
    title: text`place a certificate of the cluster's own authority on ${site.name}`,
    needs: [],
    change: { kind: "place-certificates", folder: certificateFolder, names },
    preview: [
      commandPreview("install", "-m", "0600", "ca.pem", "server-cert.pem", "server-key.pem", certificateFolder),
    ],
    proof: text`the files are there, mode 0600`,
    undo: text`what was there before comes back`,
  });
}

function engineStep(site: Site, change: ConfigureEngine, needs: readonly StepId[]): Step {
  const { edits, take, joins } = change;
  const files = joined([...edits.map((edit) => clean(edit.path))], " and ");
  const what = joins === undefined ? text`the listener` : text`cluster-store`;
  const how = take === "reload" ? text`reload dockerd` : text`restart dockerd`;
  const preview: Preview[] = [
    ...edits.map(diffPreview),
    ...(edits.some((edit) => edit.path.startsWith("/etc/systemd/"))
      ? [commandPreview("systemctl", "daemon-reload")]
      : []),
    commandPreview("systemctl", take, "docker"),
  ];
  return makeStep({
    id: stepId(site.name, text`engine`),
    node: site.name,
    title:
      edits.length === 0
        ? text`${how} on ${site.name}: its files have ${what} already`
        : text`merge ${what} into ${files} on ${site.name} and ${how}`,
    needs,
    change,
    preview,
    disturbs: take === "reload" || site.engine.liveRestore ? [] : stopped(site),
    proof: joins === undefined ? text`dockerd answers and listens` : joinedProof(joins),
    undo: text`the files come back as they were, and dockerd takes them`,
  });
}

const joinedProof = ({ address }: EngineMember): SafeText =>
  text`docker/nodes holds ${clean(address)}, gossip listens on ${clean(hostPort(address, 7946))}, its peers reach it`;

/** Containers that a restart of dockerd stops; its own restart policies bring some of them back. */
export const stopped = ({ containers }: Site): Pick<Container, "id" | "name">[] =>
  containers
    .filter((one) => ["running", "paused", "restarting"].includes(one.state))
    .map(({ id, name }) => ({ id, name }));

const insecureWanted = (site: Site, host: string): Drafted["obstacles"][number] => ({
  id: "insecure-listener-wanted",
  severity: "warning",
  title: text`ovl.yaml has dockerd on ${site.name} listen on ${clean(host)} without TLS`,
  node: site.name,
  evidence: [text`whoever reaches the port is root on ${site.name}`],
  remedy: text`Write "listen: none" under engine in ovl.yaml: neither the overlay nor this program needs a listener; or "listen: tls".`,
});
