import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { built, hostRoot, imageFile } from "./build.ts";
import { done } from "./command.ts";
import { Machine } from "./host.ts";
import { makeSwitch, plugIn } from "./network.ts";
import { cache, type Places, placesOf } from "./places.ts";
import { type Flavour, preloaded } from "./recipe.ts";
import { sweep } from "./sweep.ts";

/** The lab in which a template is made; its name is the caller's, so that the caller's `down` finds it. */
export const buildLabOf = (places: Places): Places => placesOf(`${places.name}-build`);

/** A /var/lib/docker with the flavour's images in it, made by a real engine once. */
export async function dockerTemplate(flavour: Flavour, places: Places): Promise<string> {
  const root = await hostRoot(flavour);
  const files = await Promise.all(preloaded[flavour].map((image) => imageFile(image)));
  const names = [root, ...files].map((file) => path.basename(file));
  const place = path.join(cache, "docker", names.join("+"));
  return built(place, `loading ${preloaded[flavour].join(", ")} into an engine`, async (unfinished) => {
    const lab = buildLabOf(places);
    await sweep(lab);
    try {
      await makeSwitch(lab);
      const node = "node103";
      await plugIn(lab, node);
      const machine = new Machine(node, lab.host(node), lab.mark);
      await machine.prepare(root);
      machine.boot();
      await machine.ready();
      for (const [index, file] of files.entries()) await machine.importImage(file, preloaded[flavour][index] ?? "");
      await machine.shutDown();
      await done(["cp", "-a", lab.host(node).docker, unfinished]);
      // Every engine makes an identity of its own.
      rmSync(path.join(unfinished, "engine-id"), { force: true });
    } finally {
      await sweep(lab);
    }
  });
}

/**
 * Gives a host its own copy of the template. Image layers are never written to once they are there (containers write to
 * layers of their own), so these are linked and not copied; everything that an engine changes in place is copied.
 */
export async function copyDockerData(template: string, target: string): Promise<void> {
  const layers = "overlay2";
  for (const entry of readdirSync(template)) {
    const linked = entry === layers ? ["--link"] : [];
    await done(["cp", "-a", ...linked, path.join(template, entry), `${target}/`]);
  }
  if (!existsSync(path.join(target, layers))) throw new Error(`${template} holds no overlay2 layers`);
}
