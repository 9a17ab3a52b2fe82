import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { GoodputError } from '../../errors.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Microseconds } from '../../units.ts';
import type { FaultKind } from '../../faults.ts';

/** How a request ended on the server's side. */
export type TruthEnd = 'complete' | 'refused' | 'fault' | 'client_gone' | 'closed';

/**
 * One line of the truth log: what the server did with a request. Instants are whole microseconds since the log's origin, rounded down, so
 * that a client cannot have seen anything earlier.
 */
export interface Truth {
  /** The value of the response's `x-request-id`, even if no response was sent. */
  id: string;
  /** `null` if the path belongs to no API. */
  api: string | null;
  stream: boolean;
  /** Instant at which its body had arrived. */
  arrived_us: Microseconds;
  /** Instants at which it entered the engine and first ran. */
  entered_us: Microseconds | null;
  admitted_us: Microseconds | null;
  headers_us: Microseconds | null;
  /**
   * Instants at which the last token of each event with output was computed, and at which the event was written to the socket; the first
   * from the origin, each later one as the difference from the previous one.
   */
  computed_us: Microseconds[];
  written_us: Microseconds[];
  /** Tokens of each event, unless each has one. */
  tokens?: number[];
  ended_us: Microseconds;
  status: number | null;
  end: TruthEnd;
  fault: FaultKind | null;
  /** Tokens of the input, those of it found in the cache, those computed for the answer, and the output according to usage. */
  prompt: number;
  cached: number;
  computed: number;
  output: number;
  preemptions: number;
}

/** Returns the line for a request that was rejected before it was parsed. */
export function refusedTruth(
  given: Pick<Truth, 'id' | 'api' | 'status' | 'arrived_us' | 'headers_us'>,
): Truth {
  return {
    ...given,
    stream: false,
    entered_us: null,
    admitted_us: null,
    computed_us: [],
    written_us: [],
    ended_us: given.headers_us ?? given.arrived_us,
    end: 'refused',
    fault: null,
    prompt: 0,
    cached: 0,
    computed: 0,
    output: 0,
    preemptions: 0,
  };
}

/** Returns a line whose instants are relative to the log's origin. */
export function truthSince(truth: Truth, origin_us: Microseconds): Truth {
  const since = <T extends Microseconds | null>(instant: T): T =>
    (instant === null ? null : instant - origin_us) as T;
  return {
    ...truth,
    arrived_us: since(truth.arrived_us),
    entered_us: since(truth.entered_us),
    admitted_us: since(truth.admitted_us),
    headers_us: since(truth.headers_us),
    ended_us: since(truth.ended_us),
    computed_us: truth.computed_us.map(since),
    written_us: truth.written_us.map(since),
  };
}

/** Writes lines to a file as requests end, without waiting for the disk. */
export class TruthLogWriter {
  readonly #stream: WriteStream;
  #problem: Error | null = null;

  /**
   * @param head the first line
   * @throws {GoodputError} of kind `usage` if the file exists or cannot be created
   */
  constructor(path: string, head: object) {
    this.#stream = createWriteStream(path, { fd: createFile(path) });
    this.#stream.on('error', (error) => (this.#problem ??= error));
    this.#line(head);
  }

  /** Adds a fault of the server. */
  fault(kind: FaultKind, at_us: Microseconds, duration_us: Microseconds): void {
    this.#line({ server: { kind, at_us, for_us: duration_us } });
  }

  add(truth: Truth): void {
    this.#line({
      ...truth,
      computed_us: differences(truth.computed_us),
      written_us: differences(truth.written_us),
    });
  }

  /**
   * Writes the last line and closes the file.
   * @returns the error because of which it is incomplete, or `null`
   */
  close(end: object): Promise<string | null> {
    this.#line({ end });
    return new Promise((resolve) => {
      const done = (): void => resolve(this.#problem?.message ?? null);
      if (this.#stream.destroyed) done();
      else {
        this.#stream.once('close', done);
        this.#stream.end();
      }
    });
  }

  #line(value: object): void {
    if (this.#problem === null) this.#stream.write(`${JSON.stringify(value)}\n`);
  }
}

function createFile(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    const exists = codeOf(error) === 'EEXIST';
    throw new GoodputError(
      'usage',
      exists
        ? `the log ${path} already exists and was not changed`
        : `cannot write the log ${path}: ${reasonOf(error, 'write')}`,
      {
        hint: exists ? 'Choose another file name.' : 'Choose a file in a writable folder.',
        cause: error,
      },
    );
  }
}

function differences(instants: readonly Microseconds[]): Microseconds[] {
  return instants.map((instant, k) => (k === 0 ? instant : instant - instants[k - 1]!));
}
