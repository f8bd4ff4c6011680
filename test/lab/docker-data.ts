import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { built, hostRoot, imageFile } from "./build.ts";
import { done, everything } from "./command.ts";
import { Machine } from "./host.ts";
import { makeSwitch } from "./network.ts";
import { cache, type Places } from "./places.ts";
import { type Flavour, preloaded } from "./recipe.ts";
import { sweep } from "./sweep.ts";

/**
 * A /var/lib/docker with the flavour's images in it, made once by a real engine on a host of the lab `places`, which is
 * not up yet.
 */
export async function dockerTemplate(flavour: Flavour, places: Places): Promise<string> {
  const building = hostRoot(flavour);
  const [, ...files] = await everything([building, ...preloaded[flavour].map((image) => imageFile(image))]);
  const root = await building;
  const names = [root, ...files].map((file) => path.basename(file));
  const place = path.join(cache, "docker", names.join("+"));
  return built(place, `loading ${preloaded[flavour].join(", ")} into an engine`, async (unfinished) => {
    await sweep(places);
    try {
      await makeSwitch(places);
      const machine = new Machine("node103", places);
      await machine.prepare(root);
      await machine.boot();
      await machine.ready();
      for (const [index, image] of preloaded[flavour].entries()) {
        const file = files[index];
        if (file !== undefined) await machine.importImage(file, image);
      }
      await machine.shutDown();
      await done(["cp", "-a", places.host(machine.name).docker, unfinished]);
      // Every engine makes an identity and networks of its own.
      for (const own of ["engine-id", "network"]) rmSync(path.join(unfinished, own), { recursive: true, force: true });
    } finally {
      await sweep(places);
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
