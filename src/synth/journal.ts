import { type FileHandle, open, unlink } from 'node:fs/promises';
import { readText } from '../document/read.ts';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { ENTRY, type JournalEntry, WORK } from './journal-json.ts';

const HINT = 'Only the last line may be damaged. Remove this line, or delete the file to begin again.';

interface Place {
  from: number;
  length: number;
}

/**
 * The file next to an output that has what was made so far, a line per record in the order in which they were answered. It is there until the
 * output is complete, so that a command that ended early continues where it stopped.
 */
export class Journal {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #places = new Map<number, Place & { digest: string }>();
  #end = 0;
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens the journal of an output, or begins one.
   * @param work what the command does; a journal of other work is an error
   * @throws {GoodputError} kind `usage` if the file cannot be opened, or is not of this work
   */
  static async open(path: string, work: Readonly<Record<string, unknown>>): Promise<Journal> {
    let file: FileHandle;
    try {
      file = await open(path, 'a+');
    } catch (error) {
      throw new GoodputError('usage', `cannot write ${path}: ${reasonOf(error, 'write')}`, { cause: error });
    }
    const journal = new Journal(path, file);
    try {
      await journal.#read(work);
    } catch (error) {
      await file.close();
      throw error;
    }
    return journal;
  }

  async #read(work: Readonly<Record<string, unknown>>): Promise<void> {
    const bytes = await this.#file.readFile();
    let number = 0;
    for (let from = 0; from < bytes.length;) {
      const end = bytes.indexOf(0x0a, from);
      // A line that was cut when the process was killed; it is written again.
      if (end === -1) break;
      const text = bytes.toString('utf8', from, end);
      const where = `${this.path}:${++number}`;
      if (from === 0) this.#checkWork(readText(WORK, text, where, HINT), work);
      else {
        const { record, digest } = readText(ENTRY, text, where, HINT);
        this.#places.set(record, { from, length: end - from, digest });
      }
      from = this.#end = end + 1;
    }
    await this.#file.truncate(this.#end);
    if (this.#end === 0) await this.#append({ ...work });
  }

  #checkWork(found: Record<string, unknown>, work: Readonly<Record<string, unknown>>): void {
    const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
    for (const key of new Set([...Object.keys(found), ...Object.keys(work)]))
      if (text(found[key]) !== text(work[key]))
        throw this.#foreign(`its ${key} is ${text(found[key])}; this command has ${text(work[key])}`);
  }

  #foreign(problem: string): GoodputError {
    return new GoodputError('usage', `${this.path} is the rest of another command: ${problem}`, {
      hint: 'Run that command again to complete it, or delete the file.',
    });
  }

  /** The records that are done. */
  get size(): number {
    return this.#places.size;
  }

  /** Returns the digest of a record that is done; `null` for any other. */
  digestOf(record: number): string | null {
    return this.#places.get(record)?.digest ?? null;
  }

  /** @throws {GoodputError} kind `io` if the disk fails */
  async add(entry: JournalEntry): Promise<void> {
    const { record, digest } = entry;
    this.#places.set(record, { ...(await this.#append(entry)), digest });
  }

  /** Appends a line after those that are being written. */
  async #append(value: object): Promise<Place> {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    const place = { from: this.#end, length: bytes.length - 1 };
    this.#end += bytes.length;
    this.#written = this.#written.then(async () => {
      await this.#file.appendFile(bytes);
    });
    try {
      await this.#written;
    } catch (error) {
      throw new GoodputError('io', `cannot write ${this.path}: ${reasonOf(error, 'write')}`, {
        cause: error,
      });
    }
    return place;
  }

  /** Yields what was made, in the order of the records. */
  async *entries(): AsyncGenerator<JournalEntry> {
    for (const record of [...this.#places.keys()].sort((a, b) => a - b)) {
      const { from, length } = this.#places.get(record)!;
      const bytes = Buffer.alloc(length);
      await this.#file.read(bytes, 0, length, from);
      yield readText(ENTRY, bytes.toString(), this.path, HINT);
    }
  }

  /** Closes the file, and removes it if it has no record. */
  async close(): Promise<void> {
    await this.#written.catch(() => {});
    await this.#file.close();
    if (this.size === 0) await this.#unlink();
  }

  /** Closes and removes the file, when the output is complete. */
  async remove(): Promise<void> {
    this.#places.clear();
    await this.close();
  }

  async #unlink(): Promise<void> {
    await unlink(this.path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
}
