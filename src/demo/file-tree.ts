/** A regular file. */
export interface DemoFile {
  content: string;
  mode: number;
}

/** The files of one machine, by absolute path. A folder is there as long as something is in it. */
export class FileTree {
  readonly #files = new Map<string, DemoFile>();

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, content] of Object.entries(files)) this.put(path, content);
  }

  read(path: string): DemoFile | undefined {
    return this.#files.get(path);
  }

  /** A file that is there keeps its mode. */
  put(path: string, content: string, mode = 0o644): void {
    this.#files.set(path, { content, mode: this.#files.get(path)?.mode ?? mode });
  }

  chmod(path: string, mode: number): void {
    const file = this.#files.get(path);
    if (file !== undefined) this.#files.set(path, { ...file, mode });
  }

  move(from: string, to: string): void {
    const file = this.#files.get(from);
    if (file === undefined) return;
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  isFolder(path: string): boolean {
    return this.beginningWith(`${path}/`).length > 0;
  }

  /** Paths, sorted. */
  beginningWith(start: string): string[] {
    return [...this.#files.keys()].filter((path) => path.startsWith(start)).sort();
  }
}
