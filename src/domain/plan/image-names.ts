import type { Image } from "./survey.ts";

/**
 * An image's name with all that Docker adds to it: "big_computing" is "docker.io/library/big_computing:latest"
 * (distribution/reference normalize.go, splitDockerDomain and TagNameOnly).
 */
export function fullImageName(name: string): string {
  const { domain, rest } = splitDomain(name);
  const path = domain === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  const tagged = path.includes("@") || path.slice(path.lastIndexOf("/")).includes(":");
  return `${domain}/${path}${tagged ? "" : ":latest"}`;
}

function splitDomain(name: string): { domain: string; rest: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  if (!/[.:]/.test(first) && first !== "localhost" && first.toLowerCase() === first) {
    return { domain: "docker.io", rest: name };
  }
  return { domain: first === "index.docker.io" ? "docker.io" : first, rest: name.slice(slash + 1) };
}

/** The last part of the name without tag: "consul" of "hashicorp/consul:1.15". */
export const baseName = (name: string): string => /([^/]*?)(?::[^/]*)?$/.exec(name.replace(/@.*$/, ""))?.[1] ?? name;

/** Whether two names mean the same image. */
export const sameImageName = (a: string, b: string): boolean => fullImageName(a) === fullImageName(b);

/** The image that `name` means among those of one engine: by name and tag, or by the beginning of its id. */
export function findImage(name: string, images: readonly Image[]): Image | undefined {
  const named = images.find((image) => image.tags.some((tag) => sameImageName(tag, name)));
  if (named !== undefined) return named;
  const id = imageId(name);
  return id === undefined ? undefined : images.find((image) => image.id.replace(/^sha256:/, "").startsWith(id));
}

/** The digits of an id or of the beginning of one; undefined when `name` is no id. */
export const imageId = (name: string): string | undefined => /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(name)?.[1];
