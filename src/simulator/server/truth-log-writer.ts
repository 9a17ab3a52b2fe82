import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { GoodputError } from '../../errors.ts';
import type { Microseconds } from '../../units.ts';
import type { FaultKind } from '../../faults.ts';

/** How a request ended, as the server knows it. */
export type TruthEnd = 'complete' | 'refused' | 'fault' | 'client_gone' | 'closed';

/**
 * What the server did with one request: a line of the truth log. Instants are whole microseconds since the log's origin,
 * rounded down, so that nobody can have seen anything earlier.
 */
export interface Truth {
  /** As in the answer's `x-request-id`; also of a request that was never answered. */
  id: string;
  /** `null`: no API has the path. */
  api: string | null;
  stream: boolean;
  /** When its body had arrived. */
  arrived_us: Microseconds;
  /** When it entered the engine, and when it first ran. */
  entered_us: Microseconds | null;
  admitted_us: Microseconds | null;
  headers_us: Microseconds | null;
  /**
   * Of every event with output, when its last token was computed and when it was handed to the socket; the first from the
   * origin, each later one as the difference to the one before.
   */
  computed_us: Microseconds[];
  written_us: Microseconds[];
  /** Tokens of each event, where not all have one. */
  tokens?: number[];
  ended_us: Microseconds;
  status: number | null;
  end: TruthEnd;
  fault: FaultKind | null;
  /** Tokens: of the input, of it found in the cache, computed for the answer, and what usage says of it. */
  prompt: number;
  cached: number;
  computed: number;
  output: number;
  preemptions: number;
}

/** Returns the truth of a request that was refused before it was read as one. */
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

/** Returns a truth whose instants count from the log's origin. */
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

/** Writes lines to a file as requests end, without ever waiting for the disk. */
export class TruthLog {
  readonly #stream: WriteStream;
  #problem: Error | null = null;

  /**
   * @param head the first line
   * @throws {GoodputError} of kind `usage` where the file exists, or cannot be made
   */
  constructor(path: string, head: object) {
    this.#stream = createWriteStream(path, { fd: created(path) });
    this.#stream.on('error', (error) => (this.#problem ??= error));
    this.#line(head);
  }

  /** Of the whole server. */
  fault(kind: FaultKind, at_us: Microseconds, lasts_us: Microseconds): void {
    this.#line({ server: { kind, at_us, for_us: lasts_us } });
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
   * @returns what kept it from being whole, `null` where nothing did
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

function created(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new GoodputError(
      'usage',
      exists
        ? `the log ${path} exists, and was left as it is`
        : `cannot write the log ${path}: ${(error as Error).message}`,
      {
        hint: exists ? 'Another name keeps both.' : 'Name a file in a folder that you may write to.',
        cause: error,
      },
    );
  }
}

function differences(instants: readonly Microseconds[]): Microseconds[] {
  return instants.map((instant, k) => (k === 0 ? instant : instant - instants[k - 1]!));
}
