import type { NodeName } from "../ids.ts";
import type { LoadImage } from "../plan/change.ts";
import { findImage, fullImageName, imageId } from "../plan/image-names.ts";
import { compareNames } from "../text.ts";
import type { LaunchGround } from "./ground.ts";

/** An image that could be launched from, by one of its names. */
export interface LaunchImage {
  name: string;
  bytes: number;
  nodes: readonly NodeName[];
}

/** The images of all nodes by name: those that most nodes have first. */
export function launchImages({ nodes }: LaunchGround): LaunchImage[] {
  const found = new Map<string, { name: string; bytes: number; nodes: NodeName[] }>();
  for (const node of nodes) {
    for (const image of node.images ?? []) {
      for (const tag of image.tags) {
        const name = tag.replace(/:latest$/, "");
        const one = found.get(name) ?? { name, bytes: image.bytes, nodes: [] };
        one.nodes.push(node.name);
        found.set(name, one);
      }
    }
  }
  return [...found.values()].sort((a, b) => b.nodes.length - a.nodes.length || compareNames(a.name, b.name));
}

/** Whether `name` can name an image (distribution/reference regexp.go, anchored NameTagDigest), or be an id. */
export const isImageName = (name: string): boolean => reference.test(name) || imageId(name) !== undefined;

const reference =
  /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** "unknown": the node's images were not heard. */
export type ImageWay = { way: "there" } | { way: "unknown" } | { way: "load"; change: LoadImage };

/** How the image comes to `node`: it is there, is copied from another node, or only a registry may have it. */
export function wayOf(image: string, node: NodeName, { nodes }: LaunchGround): ImageWay {
  const here = nodes.find((one) => one.name === node);
  if (here?.images === undefined) return { way: "unknown" };
  if (findImage(image, here.images) !== undefined) return { way: "there" };
  const source = nodes.find((one) => one.isLive && findImage(image, one.images ?? []) !== undefined);
  const found = source === undefined ? undefined : findImage(image, source.images ?? []);
  if (source === undefined || found === undefined) {
    return { way: "load", change: { kind: "load-image", image, from: { kind: "registry" } } };
  }
  const from = { kind: "node", node: source.name, bytes: found.bytes } as const;
  return { way: "load", change: { kind: "load-image", image, from } };
}

/** The registry that an image is pulled from: "docker.io". */
export const registryOf = (image: string): string => fullImageName(image).replace(/\/.*$/, "");
