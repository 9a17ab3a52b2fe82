import { join } from 'node:path';
import { list, number, object, oneOf, string, whole } from '../document/definition.ts';
import { readDocument } from '../document/read.ts';
import { replaceAmongRuns } from './disk.ts';
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
  /** Number of planned rounds. */
  rounds: number;
  status: 'running' | 'complete' | 'interrupted' | 'failed';
  /**
   * In the order in which they were carried out; `run` is a folder beside this file. Of two attempts at one run of a round the
   * later counts.
   */
  runs: { round: number; endpoint: string; seed: number; run: string }[];
}

export const ROUNDS = object<RoundsRecord>(
  {
    schemaVersion: oneOf([ROUNDS_VERSION], 'Version of this document.'),
    version: string('Version of goodput that wrote it.'),
    name: string('Name of the scenario.'),
    started: string('Start of the first run, ISO 8601, UTC.'),
    endpoints: list(string('Name.'), 'Names of the endpoints, the base first.', 2),
    rounds: whole('Number of planned rounds.'),
    status: oneOf(['running', 'complete', 'interrupted', 'failed'], 'How the rounds ended.'),
    runs: list(
      object<RoundsRecord['runs'][number]>(
        {
          round: whole('Number of the round, from 1.'),
          endpoint: string('Name of the endpoint.'),
          seed: number('Seed of the run.'),
          run: string('Folder of the run, beside this file.'),
        },
        'One run.',
      ),
      'Runs in the order in which they were carried out. Of two attempts at one run of a round the later counts.',
    ),
  },
  'rounds.json of a goodput comparison: which runs of a folder belong to which round and endpoint.',
);

/** A folder of rounds while it grows. */
export interface RoundsFolder {
  readonly dir: string;
  /** @throws {GoodputError} of kind `io` if the disk fails */
  write(record: RoundsRecord): Promise<void>;
}

/** @throws {GoodputError} of kind `usage` where the folder exists or cannot be made */
export const createRounds = async (place: RunPlace): Promise<RoundsFolder> =>
  roundsFolder(await createPlace(place));

/** Opens a folder that already has its record, to continue it. */
export const roundsFolder = (dir: string): RoundsFolder => ({
  dir,
  write: (record) => replaceAmongRuns(dir, ROUNDS_FILE, `${JSON.stringify(record, null, 2)}\n`),
});

/**
 * Reads the record of a folder of rounds; returns `null` if the folder has none.
 * @throws {GoodputError} of kind `usage` if the file is not a record of rounds
 */
export const readRounds = (dir: string): Promise<RoundsRecord | null> =>
  readDocument(
    join(dir, ROUNDS_FILE),
    ROUNDS,
    'The rounds cannot be continued or compared without it. Restore the file, or measure again with another --out.',
  );
