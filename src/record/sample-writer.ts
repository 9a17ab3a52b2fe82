import { encodeSample, type WrittenSample } from './samples-jsonl.ts';
import { writeAll } from './disk.ts';
import type { DiskFile } from './disk.ts';

/**
 * Samples per write: enough that the cost of the write is small, few enough that encoding them blocks the main thread
 * for a few milliseconds at most.
 */
const BATCH = 256;

const namesOf = async (file: DiskFile): Promise<number> => {
  try {
    return (await file.stat?.())?.nlink ?? 1;
  } catch {
    return 1;
  }
};

/** Appends samples to `samples.jsonl` in the order given, with one write at a time. */
export class SampleWriter {
  readonly #file: DiskFile;
  readonly #namesBefore: Promise<number>;
  #last: Promise<void> = Promise.resolve();

  constructor(file: DiskFile) {
    this.#file = file;
    this.#namesBefore = namesOf(file);
  }

  /**
   * Writes as soon as the previous write has ended: no sample waits for a timer.
   * @returns when the operating system has these samples and all before them.
   * @throws the file system's error; every later append throws the same error and writes nothing.
   */
  append(samples: readonly WrittenSample[]): Promise<void> {
    this.#last = this.#last.then(() => this.#write(samples));
    return this.#last;
  }

  async #write(samples: readonly WrittenSample[]): Promise<void> {
    for (let at = 0; at < samples.length; at += BATCH) {
      let lines = '';
      for (const sample of samples.slice(at, at + BATCH)) lines += `${encodeSample(sample)}\n`;
      await writeAll(this.#file, Buffer.from(lines));
    }
    // A deleted file accepts bytes as before, and disappears with the process. Some file systems report no name from the start.
    if ((await namesOf(this.#file)) === 0 && (await this.#namesBefore) > 0)
      throw Object.assign(new Error('the file was deleted'), { code: 'ENOENT' });
  }

  /** Writes what is still pending, flushes it to the disk, and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#last;
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }
}
