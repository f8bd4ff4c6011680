import { z } from "zod";
import { asContainerId, type ContainerId } from "../../domain/ids.ts";
import type { ContainerDefinition } from "../../domain/plan/change.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good } from "../../domain/trouble.ts";
import type { ContainerChanges } from "../../ports/engine-control.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { lastWords } from "./last-words.ts";

const created = z.object({ Id: z.string() });

/** `POST /containers/create` (Docker Engine API, ContainerCreate). */
const bodyOf = (one: ContainerDefinition) => ({
  Image: one.image,
  ...(one.hostname === undefined ? {} : { Hostname: one.hostname }),
  ...(one.command.length === 0 ? {} : { Cmd: one.command }),
  ...(one.stopSignal === undefined ? {} : { StopSignal: one.stopSignal }),
  Env: Object.entries(one.environment).map(([name, value]) => `${name}=${value}`),
  Labels: one.labels,
  Tty: one.terminal,
  OpenStdin: one.terminal,
  HostConfig: {
    Privileged: one.privileged,
    AutoRemove: one.remove,
    Binds: one.mounts,
    ...(one.network === undefined ? {} : { NetworkMode: one.network }),
    ...(one.restart === undefined ? {} : { RestartPolicy: { Name: one.restart } }),
  },
  ...(one.network === undefined || one.network === "host"
    ? {}
    : { NetworkingConfig: networking(one.network, one.address) }),
});

const networking = (network: string, address: string | undefined) => ({
  EndpointsConfig: { [network]: endpoint(address) },
});

/** Where a container is in a network: EndpointSettings. Without an address the engine chooses one. */
export const endpoint = (address: string | undefined) =>
  address === undefined
    ? {}
    : { IPAMConfig: address.includes(":") ? { IPv6Address: address } : { IPv4Address: address } };

const at = (id: ContainerId, action: string): string => `/containers/${id}/${action}`;

/** 304: it was so already. */
const already = [304];

/** Containers, as `docker create`, `start`, … change them. */
export const containerChanges = (calls: EngineCalls): ContainerChanges => ({
  async createContainer(definition, within) {
    const call = { method: "POST", path: "/containers/create" } as const;
    const asked = { ...call, query: { name: definition.name }, body: bodyOf(definition) };
    const answer = await calls.json(created, asked, within);
    if (!answer.ok) return answer;
    const id = asContainerId(answer.value.Id);
    if (id !== undefined) return good(id);
    const { from } = calls.asked(call);
    return bad({ kind: "bad-answer", from, detail: text`not a container's id: ${clean(answer.value.Id, 80)}` });
  },
  startContainer: (id, within) => calls.done({ method: "POST", path: at(id, "start"), alsoGood: already }, within),
  stopContainer: (id, seconds, within) =>
    calls.done({ method: "POST", path: at(id, "stop"), query: { t: seconds }, alsoGood: already }, within),
  restartContainer: (id, seconds, within) =>
    calls.done({ method: "POST", path: at(id, "restart"), query: { t: seconds } }, within),
  pauseContainer: (id, within) => calls.done({ method: "POST", path: at(id, "pause") }, within),
  unpauseContainer: (id, within) => calls.done({ method: "POST", path: at(id, "unpause") }, within),
  killContainer: (id, signal, within) =>
    calls.done({ method: "POST", path: at(id, "kill"), query: { signal } }, within),
  renameContainer: (id, name, within) =>
    calls.done({ method: "POST", path: at(id, "rename"), query: { name } }, within),
  removeContainer: (id, { force, volumes }, within) =>
    calls.done({ method: "DELETE", path: `/containers/${id}`, query: { force, v: volumes }, alsoGood: [404] }, within),
  lastWords: (id, lines, within) => lastWords(calls, id, lines, within),
});
