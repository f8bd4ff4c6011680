import type { Finding } from "../finding.ts";
import { clean, type SafeText, text } from "../text.ts";
import { commandPreview, commandsPreview } from "./command.ts";
import { findImage, fullImageName, imageId, sameImageName } from "./image-names.ts";
import { makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Step } from "./step.ts";
import type { Image } from "./survey.ts";

/** What `docker load` needs beside the image itself: it unpacks the stream before it registers the layers, so twice the size. */
const spaceFactor = 2;
/** Left free on a node whatever is loaded, bytes. */
const spaceKept = 256 * 1024 * 1024;

/**
 * Images that nodes lack, each loaded once: from the first node of the file that has it, else from a registry. `stepsFor`
 * is asked by whatever needs an image on a node; the steps come once, and their ids every time.
 */
export class ImageDraft {
  readonly #sites: readonly Site[];
  readonly #steps = new Map<string, Step>();
  readonly #loaded = new Map<Site, number>();
  readonly #fromRegistry = new Map<string, Site[]>();

  constructor(sites: readonly Site[]) {
    this.#sites = sites;
  }

  /** The step that brings `image` to the node; none when it has it. */
  stepFor(site: Site, image: string): Step | undefined {
    const key = `${site.name} ${fullImageName(image)}`;
    const made = this.#steps.get(key);
    if (made !== undefined || findImage(image, site.survey.images) !== undefined) return made;
    const source = this.#sites.find((one) => findImage(image, one.survey.images) !== undefined);
    const bytes = source === undefined ? 0 : (findImage(image, source.survey.images)?.bytes ?? 0);
    this.#loaded.set(site, (this.#loaded.get(site) ?? 0) + bytes);
    if (source === undefined) this.#fromRegistry.set(image, [...(this.#fromRegistry.get(image) ?? []), site]);
    const step = source === undefined ? pullStep(site, image) : copyStep(site, image, source, bytes);
    this.#steps.set(key, step);
    return step;
  }

  get steps(): Step[] {
    return [...this.#steps.values()];
  }

  /** Images that only a registry may have, and nodes without the room for theirs. */
  get obstacles(): Finding[] {
    return [
      ...[...this.#fromRegistry].map(([image, sites]): Finding => onlyRegistry(image, sites)),
      ...[...this.#loaded].flatMap(([site, bytes]) => noRoom(site, bytes)),
    ];
  }
}

function copyStep(site: Site, image: string, source: Site, bytes: number): Step {
  return makeStep({
    ...common(site, image),
    title: text`copy ${clean(image)} from ${source.name} to ${site.name} (${megabytes(bytes)})`,
    change: { kind: "load-image", image, from: { kind: "node", node: source.name, bytes } },
    preview: [
      commandsPreview([
        ["docker", "save", "-o", "IMAGE.tar", image],
        ["docker", "load", "-i", "IMAGE.tar"],
      ]),
    ],
  });
}

function pullStep(site: Site, image: string): Step {
  return makeStep({
    ...common(site, image),
    title: text`pull ${clean(image)} on ${site.name}`,
    change: { kind: "load-image", image, from: { kind: "registry" } },
    preview: [commandPreview("docker", "pull", image)],
  });
}

const common = (site: Site, image: string) => ({
  id: stepId(site.name, text`image`, clean(image)),
  node: site.name,
  needs: [],
  proof: text`the engine lists the image`,
  undo: text`nothing: an image that is not used harms nobody`,
});

function onlyRegistry(image: string, sites: readonly Site[]): Finding {
  const names = clean(sites.map((site) => site.name).join(", "));
  return {
    id: "image-from-registry",
    severity: "info",
    title: text`${clean(image)} is on no node: it will be pulled from its registry`,
    node: undefined,
    evidence: [text`wanted on ${names}; registry: ${clean(fullImageName(image).replace(/\/.*$/, ""))}`],
    remedy: text`If the nodes reach no registry, load it on one of them ("docker load -i FILE"): the others get it from there.`,
  };
}

function noRoom(site: Site, bytes: number): Finding[] {
  const { freeBytes } = site.survey;
  const needed = bytes * spaceFactor + spaceKept;
  if (freeBytes === undefined || bytes === 0 || freeBytes >= needed) return [];
  return [
    obstacleOn(site.name, "disk-space", text`Not enough room for the images on ${site.name}`, {
      evidence: [text`${megabytes(freeBytes)} free, ${megabytes(needed)} needed to load ${megabytes(bytes)}`],
      remedy: text`Make room where the engine of ${site.name} keeps its data: "docker system df" there shows what could go.`,
    }),
  ];
}

const megabytes = (bytes: number): SafeText => text`${Math.max(1, Math.round(bytes / 1e6))} MB`;

/** Whether a container's image, as its engine lists it, is the wanted one: by name, or by the id that the name means among its `images`. */
export function sameImage(images: readonly Image[], shown: string, wanted: string): boolean {
  if (sameImageName(shown, wanted)) return true;
  const image = findImage(wanted, images);
  if (image === undefined) return false;
  const id = imageId(shown);
  if (id !== undefined) return image.id.replace(/^sha256:/, "").startsWith(id);
  return image.tags.some((tag) => sameImageName(tag, shown));
}
