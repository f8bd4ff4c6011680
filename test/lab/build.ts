import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { complaints, done, marked, ran } from "./command.ts";
import { locked } from "./lock.ts";
import { cache } from "./places.ts";
import { carries, killAll, unmountBelow } from "./processes.ts";
import { step } from "./progress.ts";
import { type Flavour, hosts, type Image, images, type Recipe, recipeHash, shells } from "./recipe.ts";
import { mustHaveSpace } from "./requirements.ts";
import { hostFiles, prepareRoot } from "./root.ts";

/** The lower directory of a flavour's hosts; built when it is not there yet. */
export function hostRoot(flavour: Flavour): Promise<string> {
  const recipe: Recipe = hosts[flavour];
  const place = path.join(cache, "roots", `${flavour}-${recipeHash(recipe, hostFiles())}`);
  return built(place, `building the ${flavour} host from Debian packages`, async (unfinished) => {
    await debootstrap(recipe, unfinished, "directory");
    await prepareRoot(unfinished);
  });
}

/** The image as a tar file that `docker import` takes. */
export function imageFile(image: Image): Promise<string> {
  const recipe: Recipe = images[image];
  const place = path.join(cache, "images", `${image.replace(":", "-")}-${recipeHash(recipe)}.tar`);
  return built(place, `building the image ${image} from Debian packages`, async (unfinished) => {
    await debootstrap(recipe, unfinished, "tar");
  });
}

/** A root file system with zsh and fish in it. */
export function shellsRoot(): Promise<string> {
  const place = path.join(cache, "roots", `shells-${recipeHash(shells)}`);
  return built(place, "unpacking zsh and fish from Debian packages", (unfinished) =>
    debootstrap(shells, unfinished, "directory"),
  );
}

/** Megabytes: a host with the packages that it is made of, the largest that is built (733 while it is made, 448 after). */
const spaceToBuild = 1000;

/** Makes `place` once: under a lock, beside it, and renamed when whole, so that a broken run leaves nothing that looks done. */
export function built(place: string, what: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (existsSync(place)) {
    // Its age is the time since it was last wanted.
    utimesSync(place, new Date(), new Date());
    return Promise.resolve(place);
  }
  mkdirSync(path.dirname(place), { recursive: true });
  return locked(`building-${path.basename(place)}`, what, 1200, async () => {
    if (existsSync(place)) return place;
    const unfinished = `${place}.unfinished`;
    // A run that was killed leaves its mmdebstrap at work in the same folder.
    const mark = `OVL_LAB_BUILDS=${place}`;
    await killAll(`an earlier run that was ${what}`, (pid) => carries(pid, mark));
    await unmountBelow(unfinished);
    for (const left of [unfinished, scratchOf(unfinished)]) rmSync(left, { recursive: true, force: true });
    mustHaveSpace(path.dirname(place), spaceToBuild);
    await marked(mark, async () => {
      await step(what, () => make(unfinished), [unfinished, scratchOf(unfinished)]);
    });
    rmSync(scratchOf(unfinished), { recursive: true, force: true });
    renameSync(unfinished, place);
    prune(place);
    return place;
  });
}

/** Days after which what another recipe made of the same thing is taken for out of date; two checkouts may take turns. */
const keptDays = 3;

/** Removes what earlier recipes made of the same thing and nobody wanted for days, unless a lab stands on it. */
function prune(place: string): void {
  const folder = path.dirname(place);
  const ofThisThing = nameOf(path.basename(place));
  const inUse = readFileSync("/proc/self/mountinfo", "utf8");
  for (const entry of readdirSync(folder)) {
    const old = path.join(folder, entry);
    if (old === place || nameOf(entry) !== ofThisThing || inUse.includes(`lowerdir=${old},`)) continue;
    if (Date.now() - statSync(old).mtimeMs > keptDays * 86_400_000) rmSync(old, { recursive: true, force: true });
  }
}

/** "classic" of "classic-6fce40192909+big_computing-1bade757af72.tar". */
const nameOf = (entry: string): string => /^(.*?)-[0-9a-f]{12}/.exec(entry)?.[1] ?? entry;

/** The archive is the one that the machine itself uses for its packages. */
async function archive(): Promise<string> {
  // Without --no-release-info it leaves out what `apt-get update` has not fetched yet.
  const format = ["--no-release-info", "--format", "$(CREATED_BY) $(COMPONENT) $(REPO_URI)"];
  const targets = await done(["apt-get", "indextargets", ...format]);
  const found = targets.split("\n").map((line) => line.split(" "));
  const uri = found.find(
    ([by, component, address]) => by === "Packages" && component === "main" && !/security/.test(address ?? ""),
  )?.[2];
  if (uri === undefined)
    throw new Error("the lab builds its hosts from this machine's Debian archive, and /etc/apt names none");
  return uri;
}

/** Where mmdebstrap puts what it needs for a while; a run that is killed leaves it, the next one removes it. */
const scratchOf = (target: string): string => `${target}.scratch`;

async function debootstrap(recipe: Recipe, target: string, format: "directory" | "tar"): Promise<void> {
  const scratch = scratchOf(target);
  mkdirSync(scratch, { recursive: true });
  const uri = await archive();
  const pins = recipe.pins ?? [];
  const preferences = pins
    .flatMap(({ release, packages }) => [
      `Package: ${packages.join(" ")}\nPin: release n=${release}\nPin-Priority: 1001\n`,
      `Package: *\nPin: release n=${release}\nPin-Priority: 100\n`,
    ])
    .join("\n");
  const hooks: string[] = [];
  if (preferences !== "") {
    const file = path.join(cache, `preferences-${recipeHash(preferences)}`);
    writeFileSync(file, preferences);
    hooks.push(`--setup-hook=mkdir -p "$1/etc/apt/preferences.d"; cp "${file}" "$1/etc/apt/preferences.d/lab"`);
  }
  const sources = [recipe.base, ...pins.map(({ release }) => release)].map((release) => `deb ${uri} ${release} main`);
  const argv = [
    "mmdebstrap",
    `--variant=${recipe.variant}`,
    `--format=${format}`,
    "--aptopt=Acquire::Check-Valid-Until false",
    '--aptopt=Acquire::Retries "3"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    // Java's packages link a manual page into it and fail without.
    '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
    ...hooks,
    // What is unpacked only never gets as far as being customized (mmdebstrap(1), HOOKS).
    ...(recipe.setup === undefined
      ? []
      : [`--${recipe.variant === "extract" ? "extract" : "customize"}-hook=${recipe.setup}`]),
    `--include=${recipe.packages.join(",")}`,
    recipe.base,
    target,
    ...sources,
  ];
  const { code, stderr } = await ran(argv, { env: { TMPDIR: scratch } });
  if (code === 0) return;
  throw new Error(
    `mmdebstrap could not make ${path.basename(target, ".unfinished")} from Debian ${sources.map((line) => line.split(" ")[2]).join(" and ")}: ` +
      `${complaints(stderr)}; run it again when this machine reaches its Debian archive`,
  );
}
