import { open, readFile, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { damaged } from '../document/read.ts';
import { GoodputError } from '../errors.ts';
import { decodeSample } from './samples-jsonl.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { HEADER_FILE, SAMPLES_FILE } from './folder.ts';
import { decodeHeader } from './run-json.ts';
import type { RunHeader } from './header.ts';
import { lastLine, readLines } from './lines.ts';
import { assertPossible } from './sample-order.ts';
import { ROUNDS_FILE } from './rounds-json.ts';

/** A run folder as it was when it was opened; what a running run appends later is not seen. */
export interface RecordedRun {
  readonly dir: string;
  readonly header: RunHeader;
  /** The last line was cut off in the middle of its write; it is ignored. */
  readonly torn: boolean;
  /**
   * Streams the samples in the order in which they ended, in bounded memory. Can be called again for another pass.
   * @throws {GoodputError} of kind `usage` naming file and line if a line is not a sample.
   */
  samples(): AsyncGenerator<Sample>;
  /** Returns the latest `ended_us` of all samples, at which the window of a run that never closed ends; `null` for no samples. */
  lastInstant(): Promise<Microseconds | null>;
}

/**
 * Opens a run folder, given by its path or by that of its `run.json`.
 * @throws {GoodputError} of kind `usage` if it is none, or none that this version reads.
 */
export async function openRun(path: string): Promise<RecordedRun> {
  const dir = await folderOf(path);
  const header = await readHeader(dir);
  const { end, torn } = await measureSamples(dir);
  const lacksPlanned = header.imported?.lacks.includes('planned');
  const read = (): AsyncGenerator<Sample> => readSamples(join(dir, SAMPLES_FILE), end, lacksPlanned);
  let lastInstant: Promise<Microseconds | null> | undefined;
  return {
    dir,
    header,
    torn,
    samples: read,
    lastInstant: () => (lastInstant ??= findLastInstant(read())),
  };
}

async function folderOf(path: string): Promise<string> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw cannotRead(path, error);
  }
  if (isFolder) return path;
  if (basename(path) === HEADER_FILE) return dirname(path);
  throw new GoodputError('usage', `${path} is not a run folder`, {
    hint: `Name the folder that holds ${HEADER_FILE}, such as reports/<name>-<time>.`,
  });
}

/**
 * Reads the `run.json` of a run folder.
 * @throws {GoodputError} of kind `usage` if there is none, or none that this version reads
 */
export async function readHeader(dir: string): Promise<RunHeader> {
  const file = join(dir, HEADER_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannotRead(file, error);
    throw new GoodputError('usage', `${dir} is not a run folder: it has no ${HEADER_FILE}`, {
      hint: await hintForFolder(dir),
    });
  }
  try {
    return decodeHeader(text);
  } catch (error) {
    throw damaged(file, error, 'The run cannot be read without it. Restore the file, or measure again.');
  }
}

/** Returns a hint for a folder that holds runs and is none itself. */
async function hintForFolder(dir: string): Promise<string> {
  const runs: string[] = [];
  const names = (await readdir(dir)).sort();
  for (const name of names) {
    const isRun = await stat(join(dir, name, HEADER_FILE)).then(
      () => true,
      () => false,
    );
    if (isRun) runs.push(join(dir, name));
  }
  const newest = runs.at(-1);
  if (names.includes(ROUNDS_FILE))
    return `It holds rounds of several endpoints: goodput compare ${dir} shows them.`;
  return newest === undefined
    ? 'Name a folder that goodput run wrote, such as reports/<name>-<time>.'
    : `It holds runs; name one of them, such as ${newest}.`;
}

/** Returns the file of the samples of a run, and how many of its bytes are complete lines. */
export const samplesOf = async (dir: string): Promise<{ path: string; end: number }> => ({
  path: join(dir, SAMPLES_FILE),
  end: (await measureSamples(dir)).end,
});

/** Returns how many bytes of the samples are complete lines. Only the last line can be incomplete: lines are appended and never changed. */
async function measureSamples(dir: string): Promise<{ end: number; torn: boolean }> {
  const path = join(dir, SAMPLES_FILE);
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    const { start, text } = await lastLine(file, size);
    const torn = text.trim() !== '' && !isJson(text);
    return { end: torn ? start : size, torn };
  } catch (error) {
    throw cannotRead(path, error);
  } finally {
    await file.close();
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function* readSamples(path: string, end: number, lacksPlanned = false): AsyncGenerator<Sample> {
  const file = await openFile(path);
  try {
    for await (const { text, number } of readLines(file, end)) {
      if (text.trim() === '') continue;
      let sample: Sample;
      try {
        sample = decodeSample(text, lacksPlanned);
        assertPossible(sample);
      } catch (error) {
        throw new GoodputError('usage', `${path}:${number}: not a sample: ${messageOf(error)}`, {
          hint: 'Only the last line of a run may be damaged. Remove this line to continue without that request.',
          cause: error,
        });
      }
      yield sample;
    }
  } catch (error) {
    throw codeOf(error) === null ? error : cannotRead(path, error);
  } finally {
    await file.close();
  }
}

async function findLastInstant(samples: AsyncIterable<Sample>): Promise<Microseconds | null> {
  let last: Microseconds | null = null;
  for await (const sample of samples) if (last === null || sample.ended_us > last) last = sample.ended_us;
  return last;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): GoodputError {
  return new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
