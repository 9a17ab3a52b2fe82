import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf, replaceAmongRuns } from './disk.ts';
import { createPlace, type RunPlace } from './folder.ts';

export const ROUNDS_FILE = 'rounds.json';
export const ROUNDS_VERSION = 1;

/** `rounds.json`: which runs of a folder belong to which round and endpoint. */
export interface RoundsRecord {
  schemaVersion: number;
  version: string;
  name: string;
  /** ISO 8601. */
  started: string;
  /** In the order of the scenario; the first is the base. */
  endpoints: string[];
  /** That were planned. */
  rounds: number;
  status: 'running' | 'complete' | 'interrupted' | 'failed';
  /**
   * In the order in which they were carried out; `run` is a folder beside this file. Of two attempts at one run of a round the
   * later counts.
   */
  runs: { round: number; endpoint: string; seed: number; run: string }[];
}

/** A folder of rounds while it grows. */
export interface RoundsFolder {
  readonly dir: string;
  /** @throws {GoodputError} of kind `io` where the disk refuses */
  write(record: RoundsRecord): Promise<void>;
}

/** @throws {GoodputError} of kind `usage` where the folder exists or cannot be made */
export const createRounds = async (place: RunPlace): Promise<RoundsFolder> =>
  roundsFolder(await createPlace(place));

/** A folder that has its record already, to go on with it. */
export const roundsFolder = (dir: string): RoundsFolder => ({
  dir,
  write: (record) => replaceAmongRuns(dir, ROUNDS_FILE, `${JSON.stringify(record, null, 2)}\n`),
});

/**
 * The record of a folder of rounds; `null` where the folder is none.
 * @throws {GoodputError} of kind `usage` where the file cannot be understood
 */
export async function readRounds(dir: string): Promise<RoundsRecord | null> {
  const file = join(dir, ROUNDS_FILE);
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw new GoodputError('usage', `cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
  if (!isRecord(raw)) throw new GoodputError('usage', `${file} is no record of rounds`);
  if (raw.schemaVersion !== ROUNDS_VERSION)
    throw new GoodputError(
      'usage',
      `${file}: schemaVersion ${raw.schemaVersion} is not readable here: this goodput reads ${ROUNDS_VERSION}`,
    );
  return raw;
}

function isRecord(raw: unknown): raw is RoundsRecord {
  if (typeof raw !== 'object' || raw === null || !('schemaVersion' in raw)) return false;
  if (raw.schemaVersion !== ROUNDS_VERSION) return typeof raw.schemaVersion === 'number';
  return (
    'endpoints' in raw &&
    isListOf(raw.endpoints, (name) => typeof name === 'string') &&
    raw.endpoints.length > 1 &&
    'runs' in raw &&
    isListOf(raw.runs, isListed)
  );
}

const isListOf = (raw: unknown, fits: (item: unknown) => boolean): raw is unknown[] =>
  Array.isArray(raw) && raw.every(fits);

function isListed(raw: unknown): boolean {
  const texts = ['endpoint', 'run'] as const;
  const numbers = ['round', 'seed'] as const;
  if (typeof raw !== 'object' || raw === null) return false;
  const listed: Record<string, unknown> = { ...raw };
  return (
    texts.every((key) => typeof listed[key] === 'string') &&
    numbers.every((key) => typeof listed[key] === 'number')
  );
}
