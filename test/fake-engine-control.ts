import type { Container } from "../src/domain/engine.ts";
import { asContainerId, asNetworkId, type ContainerId } from "../src/domain/ids.ts";
import type { ContainerDefinition } from "../src/domain/plan/change.ts";
import type { Image } from "../src/domain/plan/survey.ts";
import { clean } from "../src/domain/text.ts";
import { bad, good, type Outcome } from "../src/domain/trouble.ts";
import type { EngineControl } from "../src/ports/engine-control.ts";
import { type FakeHost, notUsed } from "./fake-hosts.ts";
import { fakeSwarm } from "./fake-swarm.ts";
import { container, overlay } from "./snapshots.ts";

/** Changes to the engine of a host in memory; what goes wrong is said at the host. */
export function fakeEngineControl(host: FakeHost): EngineControl {
  const refused = (status: number, detail: string) => bad({ kind: "engine-refused", status, detail: clean(detail) });
  const become = (id: ContainerId, changes: Partial<Container>): Outcome<void> => {
    const one = host.containers.get(id);
    if (one === undefined) return refused(404, "No such container");
    host.containers.set(id, { ...one, ...changes });
    return good(undefined);
  };
  const gone = (id: ContainerId): Outcome<void> => {
    host.containers.delete(id);
    return good(undefined);
  };
  return {
    images: () => host.call("images", () => good(host.images)),
    pullImage: (image, within, progress) =>
      host.change("pullImage", async () => {
        progress({ bytes: 10, total: 100, doing: clean("Downloading") });
        if (host.timeOf("pulling") > 0) await until(host, "pulling", within.signal);
        if (within.signal?.aborted) return bad({ kind: "cancelled" });
        host.images.push({ id: `sha256:${"9".repeat(64)}`, tags: [image], bytes: 100 });
        return good(undefined);
      }),
    exportImage: (image, within) =>
      host.call("exportImage", async () => {
        if (host.timeOf("preparing") > 0) await until(host, "preparing", within.signal);
        if (within.signal?.aborted) return bad({ kind: "cancelled" });
        const found = host.images.find((one) => one.tags.some((tag) => tag.startsWith(image)));
        return found === undefined ? refused(404, "No such image") : good(chunksOf(found));
      }),
    importImage: (tar, within) =>
      host.change("importImage", async () => {
        let name = "";
        for await (const chunk of tar) {
          name += Buffer.from(chunk).toString();
          if (host.timeOf("unpacking") > 0) await until(host, "unpacking", within.signal);
          if (within.signal?.aborted) return bad({ kind: "cancelled" });
        }
        host.images.push({ id: `sha256:${"8".repeat(64)}`, tags: [name], bytes: name.length });
        return good(undefined);
      }),
    createContainer: (definition) =>
      host.change("createContainer", () => {
        if (host.named(definition.name) !== undefined) return refused(409, `Conflict: ${definition.name}`);
        const one = containerOf(host, definition);
        host.containers.set(one.id, one);
        return good(one.id);
      }),
    startContainer: (id) =>
      host.change("startContainer", () => {
        const one = host.containers.get(id);
        const says = one === undefined ? undefined : host.crashing.get(one.image);
        if (one !== undefined && host.brief.has(one.image)) return become(id, { state: "exited", exitCode: 0 });
        return says === undefined
          ? become(id, { state: "running", status: clean("Up 1 second") })
          : become(id, { state: "exited", status: clean("Exited (1) 1 second ago") });
      }),
    stopContainer: (id) => host.change("stopContainer", () => become(id, { state: "exited" })),
    removeContainer: (id, { volumes }) =>
      host.change("removeContainer", () => {
        const name = host.containers.get(id)?.name;
        if (volumes && name !== undefined) host.volumesGone.push(name);
        return gone(id);
      }),
    lastWords: (id) =>
      host.call("lastWords", () => {
        const words = host.crashing.get(host.containers.get(id)?.image ?? "");
        return good(words === undefined ? [] : [clean(words)]);
      }),
    createNetwork: ({ name }) =>
      host.change("createNetwork", () => {
        const id = asNetworkId(Buffer.from(name).toString("hex").padEnd(64, "0"));
        if (id === undefined) return refused(500, "no id");
        host.cluster.networks.push(overlay(host.name, { id, name: clean(name) }));
        return good(id);
      }),
    removeNetwork: (id) =>
      host.change("removeNetwork", () => {
        const at = host.cluster.networks.findIndex((one) => one.id === id);
        if (at >= 0) host.cluster.networks.splice(at, 1);
        return good(undefined);
      }),
    connect: (network, id) =>
      host.change("connect", () =>
        become(id, {
          attachments: [
            { network: clean(network), networkId: undefined, address: clean("10.10.10.2"), mac: undefined },
          ],
        }),
      ),
    restartContainer: notUsed("restartContainer"),
    pauseContainer: (id) => host.change("pauseContainer", () => become(id, { state: "paused" })),
    unpauseContainer: notUsed("unpauseContainer"),
    killContainer: notUsed("killContainer"),
    renameContainer: notUsed("renameContainer"),
    disconnect: notUsed("disconnect"),
    dropEndpoint: notUsed("dropEndpoint"),
    ...fakeSwarm(host),
  };
}

function containerOf(host: FakeHost, { name, image, network }: ContainerDefinition): Container {
  host.made += 1;
  const id = asContainerId(Buffer.from(`${host.name}${host.made}`).toString("hex").padEnd(64, "0").slice(0, 64));
  if (id === undefined) throw new Error("no id");
  const attachments =
    network === undefined
      ? []
      : [{ network: clean(network), networkId: undefined, address: undefined, mac: undefined }];
  return container(name, host.name, { id, image: clean(image), state: "created", attachments });
}

/** For as long as that takes on the host, or until it is broken off. */
function until(host: FakeHost, what: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    host.cluster.clock.after(host.timeOf(what), resolve);
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function* chunksOf({ tags }: Image): AsyncIterable<Uint8Array> {
  for (const character of tags[0] ?? "") yield Buffer.from(character);
}
