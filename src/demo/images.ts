import { findImage, fullImageName } from "../domain/plan/image-names.ts";
import type { Image } from "../domain/plan/survey.ts";
import { clean } from "../domain/text.ts";
import { chance } from "./chance.ts";

/** An image, and what a container of it does when nobody says otherwise. */
export interface DemoImage extends Image {
  command: readonly string[];
}

const mebibyte = 1024 * 1024;

/** An image of that name and size. */
export const madeImage = (tag: string, mebibytes: number, command: readonly string[]): DemoImage => ({
  id: `sha256:${chance(0, `image ${tag}`).digits(64, 16)}`,
  tags: [clean(tag)],
  bytes: mebibytes * mebibyte,
  command,
});

/** The image of the classic procedure: an HTCondor node with systemd. No registry has it. */
export const bigComputing = madeImage("big_computing:latest", 412, ["/usr/sbin/init"]);
export const consulImage = madeImage("consul:1.8.7", 118, ["docker-entrypoint.sh", "agent", "-dev"]);
export const nginxImage = madeImage("nginx:1.25", 142, ["nginx", "-g", "daemon off;"]);

/** What the demo's only registry has. */
const registry: readonly DemoImage[] = [
  consulImage,
  nginxImage,
  madeImage("nginx:latest", 143, ["nginx", "-g", "daemon off;"]),
  madeImage("alpine:latest", 7, ["/bin/sh"]),
  madeImage("busybox:latest", 4, ["sh"]),
  madeImage("debian:12", 117, ["bash"]),
  madeImage("hello-world:latest", 1, ["/hello"]),
  madeImage("quay.io/coreos/etcd:v3.4.27", 84, ["/usr/local/bin/etcd"]),
  madeImage("zookeeper:3.8", 288, ["/docker-entrypoint.sh", "zkServer.sh", "start-foreground"]),
  madeImage("htcondor/mini:latest", 390, ["/start.sh"]),
];

/** The image that a registry has by that name, or why it does not give it, in the words of moby (distribution/errors.go). */
export function fromRegistry(name: string): { image: DemoImage } | { refusal: string } {
  const wanted = fullImageName(name);
  const image = registry.find((one) => one.tags.some((tag) => fullImageName(tag) === wanted));
  if (image !== undefined) return { image };
  const repository = wanted.replace(/:[^/:]*$/, "");
  const familiar = repository.replace(/^docker\.io\/(library\/)?/, "");
  if (registry.some((one) => one.tags.some((tag) => fullImageName(tag).startsWith(`${repository}:`)))) {
    const tag = wanted.slice(repository.length + 1);
    return { refusal: `manifest for ${familiar}:${tag} not found: manifest unknown: manifest unknown` };
  }
  return {
    refusal: `pull access denied for ${familiar}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
  };
}

/** The images of one engine. */
export class ImageShelf {
  #images: readonly DemoImage[];

  constructor(images: readonly DemoImage[]) {
    this.#images = images;
  }

  get all(): readonly DemoImage[] {
    return this.#images;
  }

  get bytes(): number {
    return this.#images.reduce((sum, one) => sum + one.bytes, 0);
  }

  find(name: string): DemoImage | undefined {
    const found = findImage(name, this.#images);
    return this.#images.find((one) => one === found);
  }

  /** The image with its names; another image that had one of them loses it. */
  add(image: DemoImage): void {
    const names = new Set(image.tags.map(fullImageName));
    const others = this.#images
      .filter((one) => one.id !== image.id)
      .map((one) => ({ ...one, tags: one.tags.filter((tag) => !names.has(fullImageName(tag))) }));
    this.#images = [...others, image];
  }
}
