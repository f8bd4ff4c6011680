import { z } from "zod";
import type { ContainerId } from "../../domain/ids.ts";
import type { HeldAddress } from "../../domain/launch/ground.ts";
import type { ContainerDefinition } from "../../domain/plan/change.ts";
import { withoutPrefix } from "../../domain/subnets.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Inspection, NamedHost } from "../../ports/inspection.ts";
import { count, flag, list, map, words } from "../answer.ts";
import type { Call, EngineCalls } from "./engine-calls.ts";

/** `GET /containers/ID/json` (Docker Engine API, ContainerInspect). */
const inspected = z.object({
  Name: words,
  /** The image's id. */
  Image: words,
  Config: z.object({
    Hostname: words,
    Image: words,
    Cmd: list(z.string()),
    Env: list(z.string()),
    Tty: flag,
    StopSignal: words,
    Labels: map(words),
  }),
  HostConfig: z.object({
    Privileged: flag,
    AutoRemove: flag,
    Binds: list(z.string()),
    NetworkMode: words,
    RestartPolicy: z.object({ Name: words, MaximumRetryCount: count }).nullish(),
  }),
});
type Inspected = z.output<typeof inspected>;

/** `GET /images/ID/json` (ImageInspect): what the image brings along by itself. */
const image = z.object({
  Config: z
    .object({ Cmd: list(z.string()), Env: list(z.string()), StopSignal: words, Labels: map(words) })
    .nullish()
    .transform((config) => config ?? { Cmd: [], Env: [], StopSignal: "", Labels: new Map<string, string>() }),
});
type Image = z.output<typeof image>["Config"];

/** `GET /networks/ID?verbose=true` (NetworkInspect). Services: of a swarm, with what engines heard of each other. */
const network = z.object({
  Containers: map(z.object({ Name: words, IPv4Address: words, IPv6Address: words })),
  Services: map(z.object({ VIP: words, Tasks: list(z.object({ Name: words, EndpointIP: words })) })),
});

/** So many containers are asked after at once. */
const atOnce = 4;

/** What is asked of an engine before something is made on it. */
export function createInspection(calls: EngineCalls): Inspection {
  const inspect = (id: ContainerId, within: Deadline): Promise<Outcome<Inspected | undefined>> =>
    found(calls, { method: "GET", path: `/containers/${id}/json` }, inspected, within);
  return {
    async hostnames(containers, within) {
      const names: NamedHost[] = [];
      for (let at = 0; at < containers.length; at += atOnce) {
        const some = containers.slice(at, at + atOnce);
        const answers = await Promise.all(some.map(async (id) => [id, await inspect(id, within)] as const));
        for (const [id, answer] of answers) {
          if (!answer.ok) return answer;
          if (answer.value !== undefined) names.push({ container: id, hostname: clean(answer.value.Config.Hostname) });
        }
      }
      return good(names);
    },
    async definition(container, within) {
      const seen = await inspect(container, within);
      if (!seen.ok || seen.value === undefined) return seen.ok ? good(undefined) : seen;
      const path = `/images/${encodeURIComponent(seen.value.Image)}/json`;
      const from = await found(calls, { method: "GET", path }, image, within);
      return from.ok ? good(definitionOf(seen.value, from.value?.Config)) : from;
    },
    async heldAddresses(id, within) {
      const call = { method: "GET", path: `/networks/${id}`, query: { verbose: true } } as const;
      const seen = await found(calls, call, network, within);
      return seen.ok ? good(seen.value === undefined ? [] : heldOn(seen.value, calls.node)) : seen;
    },
    async registryHas(name, within) {
      const path = `/distribution/${encodeURIComponent(name)}/json`;
      const asked = await calls.done({ method: "GET", path }, within);
      return !asked.ok && isNoSuchCall(asked.trouble) ? good(undefined) : asked;
    },
  };
}

/** The router's own 404 (moby api/server/server.go, pageNotFoundError): `/distribution` came with API 1.30. */
const isNoSuchCall = (trouble: Trouble): boolean =>
  trouble.kind === "engine-refused" && trouble.status === 404 && /^(404 )?page not found$/i.test(trouble.detail);

/** The answer to a question about one thing; undefined when the engine has no such thing. */
async function found<Schema extends z.ZodType>(
  calls: EngineCalls,
  call: Call,
  schema: Schema,
  within: Deadline,
): Promise<Outcome<z.output<Schema> | undefined>> {
  const answer = await calls.json(schema, call, within);
  if (answer.ok) return answer;
  return answer.trouble.kind === "engine-refused" && answer.trouble.status === 404 ? good(undefined) : answer;
}

/** What was asked for when the container was made: the engine merges what the image says into it (moby daemon/commit.go, merge). */
function definitionOf({ Name, Config, HostConfig }: Inspected, from: Image | undefined): ContainerDefinition {
  const own = Config.Env.filter((one) => from?.Env.includes(one) !== true);
  const policy = HostConfig.RestartPolicy;
  const restart = policy?.Name === "" || policy?.Name === "no" ? undefined : policy?.Name;
  const tries = policy?.MaximumRetryCount ?? 0;
  const isImages = JSON.stringify(Config.Cmd) === JSON.stringify(from?.Cmd ?? []);
  return {
    name: Name.replace(/^\//, ""),
    hostname: Config.Hostname === "" ? undefined : Config.Hostname,
    image: Config.Image,
    network: HostConfig.NetworkMode === "default" ? undefined : HostConfig.NetworkMode,
    address: undefined,
    privileged: HostConfig.Privileged,
    remove: HostConfig.AutoRemove,
    terminal: Config.Tty,
    command: isImages ? [] : Config.Cmd,
    environment: Object.fromEntries(own.map((one): [string, string] => pairOf(one))),
    mounts: HostConfig.Binds,
    restart: restart !== undefined && tries > 0 ? `${restart}:${tries}` : restart,
    stopSignal: Config.StopSignal === (from?.StopSignal ?? "") ? undefined : Config.StopSignal,
    labels: Object.fromEntries([...Config.Labels].filter(([name, value]) => from?.Labels.get(name) !== value)),
  };
}

function pairOf(variable: string): [string, string] {
  const equals = variable.indexOf("=");
  return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

function heldOn({ Containers, Services }: z.output<typeof network>, node: SafeText): HeldAddress[] {
  const own = [...Containers].flatMap(([key, { Name, IPv4Address, IPv6Address }]) => {
    // "lb-ov_net1": every engine of a swarm keeps an address for its load balancer (moby libnetwork/network.go).
    const holder = key.startsWith("lb-") ? text`the swarm's load balancer on ${node}` : clean(Name);
    return [IPv4Address, IPv6Address].map((address) => ({ address, holder }));
  });
  const others = [...Services].flatMap(([service, { VIP, Tasks }]) => [
    { address: VIP, holder: text`the service ${clean(service)}` },
    ...Tasks.map(({ Name, EndpointIP }) => ({ address: EndpointIP, holder: clean(Name) })),
  ]);
  return [...own, ...others]
    .filter((one) => one.address !== "" && one.address !== "<nil>")
    .map(({ address, holder }) => ({ address: clean(withoutPrefix(address)), holder }));
}
