import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoodputError } from '../../errors.ts';
import { reasonOf } from '../../system-errors.ts';
import { float64List } from '../../statistics/number-list.ts';

/** Texts up to this size together stay in memory. */
const IN_MEMORY = 16 * 1024 * 1024;
/** The number of bytes that are written at once. */
const PART = 1024 * 1024;

/** Texts by number. Beyond a limit they are in a temporary file, which has the size of the texts. */
export class TextStore {
  readonly #limit: number;
  readonly #ends = float64List();
  #bytes = 0;
  #buffers: Buffer[] = [];
  #file: { folder: string; handle: number } | null = null;
  /** Bytes that are not yet in the file. */
  #unwritten = 0;

  constructor(limit = IN_MEMORY) {
    this.#limit = limit;
  }

  /** @throws {GoodputError} kind `io` if the temporary file cannot be written */
  add(text: string): void {
    // UTF-8 has no lone surrogates, so such a text is stored as UTF-16. A byte before it says which.
    const isUtf8 = text.isWellFormed();
    const bytes = Buffer.from(`${isUtf8 ? '8' : '6'}${text}`, isUtf8 ? 'utf8' : 'utf16le');
    this.#bytes += bytes.length;
    this.#unwritten += bytes.length;
    this.#ends.push(this.#bytes);
    this.#buffers.push(bytes);
    if (this.#bytes > this.#limit && this.#unwritten > Math.min(this.#limit, PART)) this.#write();
  }

  get(index: number): string {
    const ends = this.#ends.values();
    const from = index === 0 ? 0 : ends[index - 1]!;
    const bytes = this.#file === null ? this.#buffers[index]! : this.#read(from, ends[index]! - from);
    return bytes[0] === 0x38 ? bytes.toString('utf8', 1) : bytes.toString('utf16le', 2);
  }

  /** Removes the temporary file. */
  close(): void {
    if (this.#file === null) return;
    closeSync(this.#file.handle);
    rmSync(this.#file.folder, { recursive: true, force: true });
    this.#file = null;
  }

  #read(from: number, length: number): Buffer {
    if (this.#unwritten > 0) this.#write();
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length;) {
      const read = readSync(this.#file!.handle, bytes, at, length - at, from + at);
      if (read === 0) throw new GoodputError('io', 'a temporary file of goodput was cut off');
      at += read;
    }
    return bytes;
  }

  #write(): void {
    try {
      if (this.#file === null) {
        const folder = mkdtempSync(join(tmpdir(), 'goodput-'));
        const handle = openSync(join(folder, 'texts'), 'w+');
        this.#file = { folder, handle };
        // The system keeps an open file whose name is removed, so nothing is left however the process ends. Windows refuses.
        if (process.platform !== 'win32') rmSync(folder, { recursive: true, force: true });
      }
      let at = this.#bytes - this.#unwritten;
      for (const bytes of this.#buffers) {
        for (let from = 0; from < bytes.length;)
          from += writeSync(this.#file.handle, bytes, from, bytes.length - from, at + from);
        at += bytes.length;
      }
    } catch (error) {
      throw new GoodputError(
        'io',
        `cannot write a temporary file in ${tmpdir()}: ${reasonOf(error, 'write')}`,
        {
          hint: 'Set TMPDIR to a folder with enough space.',
          cause: error,
        },
      );
    }
    this.#buffers = [];
    this.#unwritten = 0;
  }
}
