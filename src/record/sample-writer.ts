import { encodeSample } from './samples-jsonl.ts';
import type { Sample } from '../sample.ts';
import { writeAll } from './disk.ts';
import type { DiskFile } from './disk.ts';

/**
 * Samples per write: enough that the write's own cost is small, few enough that encoding them holds the main thread
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

/** Appends samples to `samples.jsonl` in the order given; one write is under way at a time. */
export class SampleWriter {
  readonly #file: DiskFile;
  readonly #namesBefore: Promise<number>;
  #last: Promise<void> = Promise.resolve();

  constructor(file: DiskFile) {
    this.#file = file;
    this.#namesBefore = namesOf(file);
  }

  /**
   * Writes as soon as what came before is written: no sample waits for a timer before the system has it.
   * @returns when these samples, and all before them, are with the system.
   * @throws the file system's error; every later append then meets the same one and writes nothing.
   */
  append(samples: readonly Sample[]): Promise<void> {
    this.#last = this.#last.then(() => this.#write(samples));
    return this.#last;
  }

  async #write(samples: readonly Sample[]): Promise<void> {
    for (let at = 0; at < samples.length; at += BATCH) {
      let lines = '';
      for (const sample of samples.slice(at, at + BATCH)) lines += `${encodeSample(sample)}\n`;
      await writeAll(this.#file, Buffer.from(lines));
    }
    // A deleted file takes bytes as before, and is gone with the process. Some file systems know of no name from the start.
    if ((await namesOf(this.#file)) === 0 && (await this.#namesBefore) > 0)
      throw Object.assign(new Error('the file was deleted'), { code: 'ENOENT' });
  }

  /** Writes what still waits, asks the system to put it on the disk, and closes. */
  async close(): Promise<void> {
    try {
      await this.#last;
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }
}
