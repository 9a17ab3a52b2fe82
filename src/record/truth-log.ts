import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import type { Microseconds } from '../units.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { readLines } from './lines.ts';

/** Log of the simulated endpoint; docs/run-folder.md describes the keys. */
export const TRUTH_FILE = 'truth.jsonl';

const ENDS = ['complete', 'refused', 'fault', 'client_gone', 'closed'] as const;

/** One request in the log, as far as it is compared with the measurement. Instants are absolute, from the run's origin. */
export interface Truth {
  id: string;
  arrived_us: Microseconds;
  /** Entered the engine, and first ran. */
  entered_us: Microseconds | null;
  admitted_us: Microseconds | null;
  headers_us: Microseconds | null;
  /** Instants of each output event: when its last token was computed, and when it was written to the socket. */
  computed_us: Microseconds[];
  written_us: Microseconds[];
  end: (typeof ENDS)[number];
  fault: string | null;
  prompt: number;
  cached: number;
  /** Tokens computed, and those that usage reports if the response was completed. */
  computed: number;
  output: number;
  preemptions: number;
}

/** Totals of the engine, from the last line of the log. */
export interface TruthTotals {
  steps: number;
  preemptions: number;
  peak_running: number;
  peak_blocks: number;
}

export interface TruthLog {
  requests: Map<string, Truth>;
  /** Faults of the whole server that happened, by kind. */
  server: Map<string, number>;
  /** `null`: the log was not closed, so its end may be missing. */
  totals: TruthTotals | null;
}

/**
 * Reads the log of a run folder into memory.
 * @param origin_ns the run's, on the host's monotonic clock
 * @throws {GoodputError} of kind `usage` if there is none, or if a line is not a line of a truth log
 */
export async function readTruth(dir: string, origin_ns: bigint): Promise<TruthLog> {
  const path = join(dir, TRUTH_FILE);
  const log: TruthLog = { requests: new Map(), server: new Map(), totals: null };
  let shift_us: Microseconds | null = null;
  const file = await open(path).catch((error: unknown) => {
    const none = codeOf(error) === 'ENOENT';
    throw new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, {
      ...(none
        ? {
            hint: 'Only runs of the simulated endpoint have one. You can copy the file of goodput serve --log FILE there, if it ran on the same machine.',
          }
        : {}),
      cause: error,
    });
  });
  try {
    const { size } = await file.stat();
    for await (const { text, number } of readLines(file, size)) {
      const line = parsed(text, path, number);
      if (shift_us === null) shift_us = shiftOf(line, path, origin_ns);
      else if ('end' in line && isObject(line['end'])) log.totals = line['end'] as unknown as TruthTotals;
      else if (isObject(line['server'])) {
        const kind = String(line['server']['kind']);
        log.server.set(kind, (log.server.get(kind) ?? 0) + 1);
      } else {
        const truth = truthFrom(line, path, number, shift_us);
        log.requests.set(truth.id, truth);
      }
    }
  } finally {
    await file.close();
  }
  return log;
}

function parsed(text: string, path: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Reported below.
  }
  throw notOurs(path, number);
}

/** Returns the shift in microseconds, rounded down: rounding must not make an event look as if it was seen before it happened. */
function shiftOf(head: Record<string, unknown>, path: string, origin_ns: bigint): Microseconds {
  const { origin } = head;
  const own = isObject(origin) ? origin['monotonic_ns'] : null;
  if (head['truth'] !== 1 || typeof own !== 'string' || !/^\d+$/.test(own)) throw notOurs(path, 1);
  return Math.floor(Number(BigInt(own) - origin_ns) / 1000);
}

function truthFrom(
  line: Record<string, unknown>,
  path: string,
  number: number,
  shift_us: Microseconds,
): Truth {
  const { id, arrived_us, entered_us, admitted_us, headers_us, computed_us, written_us } = line;
  const fits =
    typeof id === 'string' &&
    typeof arrived_us === 'number' &&
    isInstant(headers_us) &&
    isInstant(entered_us) &&
    isInstant(admitted_us) &&
    isInstants(computed_us) &&
    isInstants(written_us) &&
    computed_us.length === written_us.length &&
    ENDS.some((end) => end === line['end']) &&
    ['prompt', 'cached', 'computed', 'output', 'preemptions'].every((key) => typeof line[key] === 'number');
  if (!fits) throw notOurs(path, number);
  const shifted = (at_us: number | null): number | null => (at_us === null ? null : at_us + shift_us);
  return {
    ...(line as unknown as Truth),
    arrived_us: arrived_us + shift_us,
    entered_us: shifted(entered_us),
    admitted_us: shifted(admitted_us),
    headers_us: shifted(headers_us),
    computed_us: instants(computed_us, shift_us),
    written_us: instants(written_us, shift_us),
  };
}

function instants(differences: readonly number[], shift_us: Microseconds): Microseconds[] {
  let at = shift_us;
  return differences.map((difference) => (at += difference));
}

const isInstant = (value: unknown): value is number | null => value === null || typeof value === 'number';

const isInstants = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'number');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const notOurs = (path: string, number: number): GoodputError =>
  new GoodputError('usage', `${path}:${number}: not a line of a truth log`, {
    hint: 'Is the file incomplete, or written by another version of goodput?',
  });
