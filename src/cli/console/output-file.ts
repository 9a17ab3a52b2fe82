import { fstatSync, type Stats } from 'node:fs';
import { type FileHandle, open, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Rendered } from '../../render/exporters.ts';
import { makeFolders, realDisk } from '../../record/disk.ts';
import { codeOf } from '../../system-errors.ts';

/** A file that is opened before the results exist, and keeps its content until they are written. */
export class OutputFile {
  readonly #path: string;
  /** `null` for a pipe, which is opened when it is written: its reader may not exist yet. */
  #handle: FileHandle | null;
  /** True until something is written into a file that did not exist before. */
  #isNew: boolean;
  /** Folders that were created for the file, the innermost first. */
  readonly #folders: readonly string[];
  /** The file, if it is a regular one: only that can be removed, replaced and truncated. */
  #regular: Stats | null = null;

  private constructor(
    path: string,
    handle: FileHandle | null,
    isNew: boolean,
    folders: readonly string[] = [],
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#isNew = isNew;
    this.#folders = folders;
  }

  /**
   * @param shouldMakeFolders creates the folders of the path that do not exist
   * @throws the file system's error if the file cannot be written
   */
  static async open(path: string, shouldMakeFolders: boolean): Promise<OutputFile> {
    const before = await stat(path).catch(() => null);
    if (before !== null && (before.isFIFO() || before.isSocket())) return new OutputFile(path, null, false);
    const folders = shouldMakeFolders ? await missingAbove(path) : [];
    try {
      if (folders.length > 0) await makeFolders(realDisk, folders[0]!);
      // Opening for appending keeps the content of an existing file.
      const output = new OutputFile(path, await open(path, 'a'), before === null, folders);
      await output.#look();
      return output;
    } catch (error) {
      await removeEmpty(folders);
      throw error;
    }
  }

  async #look(): Promise<void> {
    const found = await this.#handle!.stat();
    this.#regular = found.isFile() ? found : null;
  }

  /** True for a regular file that stdout or stderr goes to as well: it keeps what was printed. */
  get isPrinted(): boolean {
    return this.#regular !== null && isPrintedTo(this.#regular);
  }

  /** True if a write replaces what an earlier one wrote. */
  get isReplaceable(): boolean {
    return this.#regular !== null && !this.isPrinted;
  }

  /**
   * Replaces the content. If the file was removed or replaced since it was opened, writes a new one at its path.
   * @throws the file system's error
   */
  async write(content: Rendered): Promise<void> {
    if (this.#handle === null) {
      const pipe = await open(this.#path, 'w');
      try {
        await pipe.writeFile(content);
      } finally {
        await pipe.close();
      }
      return;
    }
    if (this.#regular !== null && !(await this.#isAtPath())) await this.#openAgain();
    if (this.isReplaceable) await this.#handle.truncate(0);
    await this.#handle.writeFile(content);
    this.#isNew = false;
    if (this.#regular !== null && !(await this.#isAtPath()))
      throw new Error('the file was removed or replaced while it was written');
  }

  /** Returns true if the path still leads to the file that was opened. */
  async #isAtPath(): Promise<boolean> {
    const found = await stat(this.#path).catch(() => null);
    return found !== null && found.ino === this.#regular!.ino && found.dev === this.#regular!.dev;
  }

  async #openAgain(): Promise<void> {
    if (this.#folders.length > 0) await makeFolders(realDisk, this.#folders[0]!);
    const again = await open(this.#path, 'a');
    await this.#handle!.close();
    this.#handle = again;
    await this.#look();
  }

  async close(): Promise<void> {
    if (this.#isNew && this.#regular !== null && (await this.#isAtPath()))
      await unlink(this.#path).catch(() => {});
    await this.#handle?.close();
    if (this.#isNew) await removeEmpty(this.#folders);
    this.#isNew = false;
  }
}

/** Returns the folders above a file that do not exist, the innermost first. */
async function missingAbove(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((await stat(folder).catch(codeOf)) !== 'ENOENT') return missing;
    missing.push(folder);
  }
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  // A folder that is not empty stays.
  for (const folder of folders) await rmdir(folder).catch(() => {});
}

/** Returns true if stdout or stderr is written into the file: `-o text:/dev/stdout` in `goodput … > log`. */
const isPrintedTo = ({ dev, ino }: Stats): boolean =>
  [1, 2].some((fd) => {
    try {
      const open = fstatSync(fd);
      return open.dev === dev && open.ino === ino;
    } catch {
      return false;
    }
  });
