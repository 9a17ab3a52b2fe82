import { dirname, join } from 'node:path';

import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { cannotWrite, makeFolders, realDisk, replaceFile } from './disk.ts';
import type { Disk, DiskFile } from './disk.ts';
import { encodeHeader } from './run-json.ts';
import type { RunHeader } from './header.ts';
import { SampleWriter } from './sample-writer.ts';
import type { WrittenSample } from './samples-jsonl.ts';

export const HEADER_FILE = 'run.json';
export const SAMPLES_FILE = 'samples.jsonl';
/** Files of folders with several runs. */
export const SWEEP_FILE = 'sweep.json';
export const CAPACITY_FILE = 'capacity.json';
export const HISTOGRAM_FILE = 'latency.hlog';
export const SUMMARY_FILE = 'summary.json';

/** An exact folder, or `<base>/<name>-<YYYYMMDDTHHMMSSZ>`, with `-2`, `-3` … if that name is taken. */
export type RunPlace = { dir: string } | { base: string; name: string; now: Date };

/**
 * The run folder while it is being written.
 *
 * The first failure of the disk is thrown once, as a GoodputError of kind `io`, by the call that met it, and kept in
 * `failure`. After that `append` drops its samples. The other files are still attempted, without an error: the disk may have space
 * again, and the reason of the end is already known.
 */
export interface RunFolder {
  readonly dir: string;
  readonly failure: GoodputError | null;
  /** Resolves when the operating system has the samples: a killed process loses none of them. */
  append(samples: readonly WrittenSample[]): Promise<void>;
  /** Replaces `run.json` during the run, when more is known than at its creation. */
  writeHeader(header: RunHeader): Promise<void>;
  /** `latency.hlog`, as `encodeHistogramLog` makes it. */
  writeHistograms(log: string): Promise<void>;
  /** `summary.json`: the document as `--json` prints it. */
  writeSummary(summary: unknown): Promise<void>;
  /** Flushes the samples to the disk, then replaces `run.json` with the header that has the window and the final status. */
  close(header: RunHeader): Promise<void>;
}

/**
 * Creates the folder with its `run.json` and an empty `samples.jsonl`.
 * @throws {GoodputError} of kind `usage` if the folder exists (even an empty one) or cannot be written, `io` if the disk is full.
 */
export async function createRunFolder(
  place: RunPlace,
  header: RunHeader,
  disk: Disk = realDisk,
): Promise<RunFolder> {
  const dir = await createPlace(place, disk);
  let samples: DiskFile | null = null;
  try {
    samples = await disk.open(join(dir, SAMPLES_FILE), 'wx');
    await replaceFile(disk, dir, HEADER_FILE, encodeHeader(header));
  } catch (error) {
    await samples?.close().catch(() => undefined);
    // Removes only what this call created: the folder would look like a run and is none.
    await disk.unlink(join(dir, SAMPLES_FILE)).catch(() => undefined);
    await disk.rmdir(dir).catch(() => undefined);
    throw cannotCreate(dir, error);
  }
  return new OpenRunFolder(dir, disk, new SampleWriter(samples));
}

class OpenRunFolder implements RunFolder {
  readonly dir: string;
  readonly #disk: Disk;
  readonly #samples: SampleWriter;
  #closed = false;
  #failure: GoodputError | null = null;
  #samplesLost = false;
  /** Replacements share a temporary file: one at a time. */
  #replacing: Promise<unknown> = Promise.resolve();

  constructor(dir: string, disk: Disk, samples: SampleWriter) {
    this.dir = dir;
    this.#disk = disk;
    this.#samples = samples;
  }

  get failure(): GoodputError | null {
    return this.#failure;
  }

  async append(samples: readonly WrittenSample[]): Promise<void> {
    if (this.#failure !== null) return;
    if (this.#closed) throw new GoodputError('defect', `samples were appended after ${this.dir} was closed`);
    await this.#attempt(SAMPLES_FILE, () => this.#noteLoss(this.#samples.append(samples)));
  }

  writeHeader(header: RunHeader): Promise<void> {
    return this.#replace(HEADER_FILE, encodeHeader(header));
  }

  writeHistograms(log: string): Promise<void> {
    return this.#replace(HISTOGRAM_FILE, log);
  }

  writeSummary(summary: unknown): Promise<void> {
    return this.#replace(SUMMARY_FILE, `${JSON.stringify(summary, null, 2)}\n`);
  }

  async close(header: RunHeader): Promise<void> {
    try {
      if (!this.#closed) {
        this.#closed = true;
        await this.#attempt(SAMPLES_FILE, () => this.#noteLoss(this.#samples.close()));
      }
    } finally {
      await this.writeHeader(this.#samplesLost ? withLostSamples(header, this.#failure) : header);
    }
  }

  async #noteLoss(written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (error) {
      this.#samplesLost = true;
      throw error;
    }
  }

  #replace(name: string, text: string): Promise<void> {
    return this.#attempt(name, async () => {
      const before = this.#replacing;
      const replaced = before.then(() => replaceFile(this.#disk, this.dir, name, text));
      this.#replacing = replaced.catch(() => undefined);
      await replaced;
    });
  }

  async #attempt(name: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (this.#failure !== null) return;
      this.#failure = cannotWrite(join(this.dir, name), error);
      throw this.#failure;
    }
  }
}

/**
 * Returns the header of a run that lost samples. The planned window does not hold any more: with `null` every reader ends W at the last
 * recorded instant, and counts the missing requests, as for a run that was killed.
 */
function withLostSamples(header: RunHeader, failure: GoodputError | null): RunHeader {
  return {
    ...header,
    window: null,
    planned: null,
    status: 'failed',
    reason: header.reason ?? failure?.message ?? null,
  };
}

/**
 * Creates a folder that does not exist yet.
 * @throws {GoodputError} of kind `usage` if it exists (even if it is empty) or cannot be created.
 */
export const createPlace = (place: RunPlace, disk: Disk = realDisk): Promise<string> =>
  'dir' in place ? createExactly(place.dir, disk) : createNamed(place, disk);

async function createExactly(dir: string, disk: Disk): Promise<string> {
  try {
    await makeFolders(disk, dirname(dir));
  } catch (error) {
    throw cannotCreate(dir, error);
  }
  try {
    // Not recursive: this call creates the folder, and fails if another process created it first.
    await disk.mkdir(dir);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw cannotCreate(dir, error);
    throw new GoodputError('usage', `the output folder ${dir} exists already`, {
      hint: 'A run never overwrites anything, not even an empty folder. Name a folder that does not exist, or omit --out.',
    });
  }
  return dir;
}

async function createNamed(
  { base, name, now }: { base: string; name: string; now: Date },
  disk: Disk,
): Promise<string> {
  const stem = join(base, `${folderName(name)}-${timestamp(now)}`);
  try {
    await makeFolders(disk, base);
  } catch (error) {
    throw cannotCreate(stem, error);
  }
  for (let attempt = 1; ; attempt++) {
    const dir = attempt === 1 ? stem : `${stem}-${attempt}`;
    try {
      await disk.mkdir(dir);
      return dir;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw cannotCreate(dir, error);
    }
  }
}

/**
 * Creates a folder of several runs, if it does not exist.
 * @throws {GoodputError} of kind `usage` if it cannot be created, `io` if the disk is full.
 */
export async function makeFolderOfRuns(dir: string): Promise<void> {
  try {
    await makeFolders(realDisk, dir);
  } catch (error) {
    throw cannotCreate(dir, error);
  }
}

function cannotCreate(dir: string, error: unknown): GoodputError {
  const code = codeOf(error);
  const isOfDisk = ['ENOSPC', 'EDQUOT', 'EIO'].includes(code ?? '');
  const kind = isOfDisk ? 'io' : 'usage';
  return new GoodputError(kind, `cannot create the output folder ${dir}: ${reasonOf(error)}`, {
    hint:
      code === 'EMFILE' || code === 'ENFILE'
        ? 'Raise the limit on open files (`ulimit -Hn` shows it), or close files in other programs.'
        : 'Name a folder that you may write to, on a disk with free space: --out DIR.',
    cause: error,
  });
}

/** `2025-11-24T09:41:05.123Z` → `20251124T094105Z`. */
function timestamp(now: Date): string {
  return now.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/** Maximum length of the scenario's name in code units: at most 3 bytes each, of the 255 that file systems allow. */
const NAME_LENGTH = 70;

/** Returns a scenario's name as a part of a path segment: letters and digits of any script, `.`, `_` and `-`. */
function folderName(name: string): string {
  const safe = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+/, '')
    .slice(0, NAME_LENGTH)
    .toWellFormed()
    .replace(/[-\ufffd]+$/, '');
  return safe === '' ? 'run' : safe;
}
