/** The first version without an external store (moby v23.0.0 cmd/dockerd/daemon.go checkDeprecatedOptions). */
const droppedStoreIn = 23;

/**
 * Whether engines of this version have the external store. Undefined where it is the version of no release, as that of
 * builds from moby's source: "dev", "0.0.0-20241017…" (moby hack/make.sh).
 */
export function hasClusterStore(version: string): boolean | undefined {
  const major = Number(/^(\d{1,4})\.\d/.exec(version)?.[1] ?? 0);
  return major === 0 ? undefined : major < droppedStoreIn;
}
