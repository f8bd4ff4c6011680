/**
 * Builds all that the lab's hosts are made of, a few minutes the first time and nothing afterwards: `npm test` does it
 * before the tests on real hosts, none of which then waits for it within its own limit.
 */
import { hostRoot, imageFile, shellsRoot } from "./build.ts";
import { marked } from "./command.ts";
import { dockerTemplate } from "./docker-data.ts";
import { placesOf } from "./places.ts";
import { type Flavour, hosts, type Image, images } from "./recipe.ts";
import { installMissing } from "./requirements.ts";

type Work = () => Promise<unknown>;

/** Two at a time: one waits for the archive while the other unpacks. */
async function twoAtATime(works: readonly Work[]): Promise<void> {
  const left = [...works];
  const worker = async () => {
    for (let work = left.shift(); work !== undefined; work = left.shift()) await work();
  };
  await Promise.all([worker(), worker()]);
}

/** An engine's data with the flavour's images in it, taken in on a host that is there for nothing else. */
function template(flavour: Flavour): Promise<string> {
  const places = placesOf(`template-${flavour}`);
  return marked(places.mark, () => dockerTemplate(flavour, places));
}

const flavours = Object.keys(hosts) as Flavour[];

try {
  await installMissing();
  await twoAtATime([
    ...flavours.map((flavour) => () => hostRoot(flavour)),
    ...(Object.keys(images) as Image[]).map((image) => () => imageFile(image)),
    shellsRoot,
  ]);
  await twoAtATime(flavours.map((flavour) => () => template(flavour)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
