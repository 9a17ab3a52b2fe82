import { apiNamed } from '../../src/client/api/apis.ts';
import { KnownEvents } from '../../src/client/stream/known-events.ts';
import { Response } from '../../src/client/stream/response.ts';
import { randomStream } from '../../src/random.ts';
import { cutAnywhere, mutate } from './random-bytes.ts';
import { randomStreams } from './random-streams.ts';

/** Events of one seed. The faults of faults.test.ts need at most 98,436 (holes without proof, seed 3 of 1 to 6). */
export const DETECTING_EVENTS = 100_000;

export interface ClientCode {
  apiNamed: typeof apiNamed;
  KnownEvents: typeof KnownEvents;
  Response: typeof Response;
}

const RIGHT: ClientCode = { apiNamed, KnownEvents, Response };

/** Shared buffer of all reads, as with sockets: the code under test must copy what it keeps. */
const BUFFER = Buffer.alloc(256 * 1024);

/** Collects everything that a flight learns of a body in one string. */
class Listener {
  #said = '';
  readonly #reader;
  readonly #response;

  /** @param known `null` to parse every event, as if text were recorded */
  constructor(code: ClientCode, api: 'chat' | 'completions', known: KnownEvents | null) {
    this.#reader = code.apiNamed(api).reader(known === null || 'history');
    const head = { status: 200, statusText: 'OK', headers: {} };
    const handler = {
      step: (step: { output: boolean; progress: boolean; end: unknown }, stamp: number) => {
        this.#said += `${stamp}${step.output ? 'o' : '-'}${step.progress ? 'p' : '-'}`;
        if (step.end !== null) this.#said += JSON.stringify(step.end);
      },
      over: (failure: unknown, stamp: number) => {
        this.#said += `over ${stamp} ${JSON.stringify(failure)}`;
        this.#response.stop();
      },
      read: () => void (this.#said += `read ${JSON.stringify(this.#response.failure(null))}`),
    };
    this.#response = new code.Response(head, this.#reader, handler, known ?? undefined);
  }

  push(piece: Buffer, stamp: number): void {
    const lent = BUFFER.subarray(0, piece.length);
    piece.copy(lent);
    try {
      this.#response.push(lent, stamp);
    } catch (error) {
      // A defect that a fault causes.
      this.#said += String(error);
    }
    lent.fill('x');
    if (this.#response.readOneEvent()) this.#said += '!';
  }

  end(): string {
    this.#response.finish();
    const { kept, ...answer } = this.#reader.answer();
    const { usage: _, ...texts } = kept!;
    return `${this.#said} ${JSON.stringify({ ...answer, ...texts })}`;
  }
}

export interface Difference {
  stream: number;
  fast: string;
  plain: string;
}

/**
 * Reads random streams twice: with templates, a few streams interleaved, and with every event decoded and parsed.
 * @param code the client code to test
 * @returns the first stream that is read differently, and the number of events read until then
 */
export function findDifference(
  { seed, events: wanted }: { seed: number; events: number },
  code: ClientCode = RIGHT,
): { difference: Difference | null; events: number } {
  let read = 0;
  const known = { chat: new code.KnownEvents(), completions: new code.KnownEvents() };
  for (let number = 0; read < wanted; number++) {
    const random = randomStream(seed, 'streams', number);
    const { api, streams } = randomStreams(random, 20 + random.below(60));
    // An endpoint may change what it sends during a run, and one address may have several servers.
    if (random.below(4) === 0) known[api] = new code.KnownEvents();
    for (const events of streams) read += events.length;
    const all = streams.map((events) => {
      if (random.below(4) === 0) mutate(events, random);
      const pieces = cutAnywhere(events, random);
      return { pieces, fast: new Listener(code, api, known[api]), plain: new Listener(RIGHT, api, null) };
    });
    const longest = Math.max(...all.map(({ pieces }) => pieces.length));
    for (let i = 0; i < longest; i++)
      for (const { pieces, fast } of all) if (i < pieces.length) fast.push(pieces[i]!, i);
    for (const { pieces, fast: listener, plain: parser } of all) {
      for (const [i, piece] of pieces.entries()) parser.push(piece, i);
      const [fast, plain] = [listener.end(), parser.end()];
      if (fast !== plain) return { difference: { stream: number, fast, plain }, events: read };
    }
  }
  return { difference: null, events: read };
}
