import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const unreachable = new FinalizationRegistry<number>(closeSync);

/** A file without a name: its space is free once it is closed, the object is unreachable, or the process has ended, however that ends. */
export class ScratchFile {
  readonly #fd: number;
  #size = 0;

  /**
   * @param dir by default the folder for temporary files (`TMPDIR`)
   * @throws {Error} a system error if it cannot be created
   */
  constructor(dir: string = tmpdir()) {
    const path = join(dir, `goodput-${randomUUID()}`);
    this.#fd = openSync(path, 'wx+', 0o600);
    unreachable.register(this, this.#fd, this);
    unlinkSync(path);
  }

  /** Bytes that were appended. */
  get size(): number {
    return this.#size;
  }

  /** @throws {Error} a system error if not all bytes can be written; the file then has the bytes that it had before */
  append(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;)
        done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#size + done);
    } catch (error) {
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /**
   * Fills `bytes` with those at a position, which must all have been appended.
   * @throws {RangeError} if they have not
   */
  read(position: number, bytes: Uint8Array): void {
    if (position + bytes.length > this.#size) throw new RangeError('beyond the end of the scratch file');
    for (let done = 0; done < bytes.length;)
      done += readSync(this.#fd, bytes, done, bytes.length - done, position + done);
  }

  close(): void {
    unreachable.unregister(this);
    closeSync(this.#fd);
  }
}
