import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from '../document/decode.ts';
import {
  any,
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  string,
  whole,
} from '../document/definition.ts';
import { damaged, readText } from '../document/read.ts';
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

const HEAD = object<{ truth: 1; origin: { monotonic_ns: string } }>(
  {
    truth: oneOf([1], 'Version of the log.'),
    origin: object<{ monotonic_ns: string }>(
      {
        monotonic_ns: string('Monotonic clock of the host, in nanoseconds.', {
          regexp: /^\d{1,20}$/,
          expected: 'a whole number in digits',
        }),
      },
      'The instant that the log counts from.',
    ),
  },
  'The first line.',
);

const SERVER = object<{ server: { kind: string } }>(
  { server: object<{ kind: string }>({ kind: string('Kind of the fault.') }, 'A fault of the server.') },
  'A fault of the server.',
);

const END = object<{ end: TruthTotals }>(
  {
    end: object<TruthTotals>(
      {
        steps: whole('Steps of the engine.'),
        preemptions: whole('Preemptions.'),
        peak_running: whole('Most requests that ran at once.'),
        peak_blocks: whole('Most blocks in use.'),
      },
      'Totals of the engine.',
    ),
  },
  'The last line.',
);

const instant = number('Microseconds.');
const differences = list(instant, 'The first from the origin, each later one as a difference.');

const REQUEST = object<Truth>(
  {
    id: string('Id of the request.'),
    arrived_us: instant,
    entered_us: nullable(instant),
    admitted_us: nullable(instant),
    headers_us: nullable(instant),
    computed_us: differences,
    written_us: differences,
    end: oneOf(ENDS, 'How it ended.'),
    fault: nullable(string('Kind of its fault.')),
    prompt: whole('Tokens of the input.'),
    cached: whole('Those of them in the cache.'),
    computed: whole('Tokens computed.'),
    output: whole('Tokens that usage reports.'),
    preemptions: whole('Preemptions.'),
  },
  'A request.',
);

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
      const where = `${path}:${number}: not a line of a truth log`;
      const line = readText(LINE, text, where, HINT);
      const read = <T>(definition: Definition<T>): T => {
        try {
          return decode(definition, line);
        } catch (error) {
          throw damaged(where, error, HINT);
        }
      };
      if (shift_us === null) {
        // Rounded down: rounding must not make an event look as if it was seen before it happened.
        shift_us = Math.floor(Number(BigInt(read(HEAD).origin.monotonic_ns) - origin_ns) / 1000);
      } else if (typeof line['end'] === 'object') log.totals = read(END).end;
      else if ('server' in line) {
        const { kind } = read(SERVER).server;
        log.server.set(kind, (log.server.get(kind) ?? 0) + 1);
      } else {
        const truth = read(REQUEST);
        const [events, written] = [truth.computed_us.length, truth.written_us.length];
        if (events !== written)
          throw damaged(where, `${events} events were computed, but ${written} written`, HINT);
        log.requests.set(truth.id, shifted(truth, shift_us));
      }
    }
  } finally {
    await file.close();
  }
  return log;
}

const LINE = record(any('Value.'), 'A line.');
const HINT = 'Is the file incomplete, or written by another version of goodput?';

/** Returns a request with absolute instants. */
function shifted(truth: Truth, shift_us: Microseconds): Truth {
  const at = (instant_us: number | null): number | null =>
    instant_us === null ? null : instant_us + shift_us;
  return {
    ...truth,
    arrived_us: truth.arrived_us + shift_us,
    entered_us: at(truth.entered_us),
    admitted_us: at(truth.admitted_us),
    headers_us: at(truth.headers_us),
    computed_us: instants(truth.computed_us, shift_us),
    written_us: instants(truth.written_us, shift_us),
  };
}

function instants(differences: readonly number[], shift_us: Microseconds): Microseconds[] {
  let at = shift_us;
  return differences.map((difference) => (at += difference));
}
