import { apiNamed } from '../../src/client/api.ts';
import { Response } from '../../src/client/response.ts';
import { randomStream } from '../../src/random.ts';
import { cutAnywhere, mutate } from './random-bytes.ts';
import { randomEvents } from './random-streams.ts';

export interface ClientCode {
  apiNamed: typeof apiNamed;
  Response: typeof Response;
}

const RIGHT: ClientCode = { apiNamed, Response };

/** Where every read of the test goes, as every read of a socket does: what is kept of it must be a copy. */
const BUFFER = Buffer.alloc(256 * 1024);

/** All that a flight learns of a body, in one string. */
function readStream(
  { apiNamed: named, Response: Reader }: ClientCode,
  api: 'chat' | 'completions',
  pieces: readonly Buffer[],
  parsesAll: boolean,
): string {
  let said = '';
  const reader = named(api).reader(parsesAll);
  const response = new Reader({ status: 200, statusText: 'OK', headers: {} }, reader, {
    step(step, stamp) {
      said += `${stamp}${step.output ? 'o' : '-'}${step.progress ? 'p' : '-'}`;
      if (step.end !== null) said += JSON.stringify(step.end);
    },
    over(failure, stamp) {
      said += `over ${stamp} ${JSON.stringify(failure)}`;
      response.stop();
    },
    read: () => (said += `read ${JSON.stringify(response.failure(null))}`),
  });
  for (const [i, piece] of pieces.entries()) {
    const lent = BUFFER.subarray(0, piece.length);
    piece.copy(lent);
    response.push(lent, i);
    lent.fill('x');
    said += response.readOneEvent() ? '!' : '';
  }
  response.finish();
  const { kept: _, ...answer } = reader.answer();
  return `${said} ${JSON.stringify(answer)}`;
}

export interface Difference {
  stream: number;
  fast: string;
  plain: string;
}

/**
 * Reads random streams twice: as it is done, and with every event decoded and parsed, which is what keeping text takes.
 * @param code what reads as it is done
 * @returns the first stream that is not read the same both ways, and how many events were read until then
 */
export function findDifference(
  { seed, events: wanted }: { seed: number; events: number },
  code: ClientCode = RIGHT,
): { difference: Difference | null; events: number } {
  let read = 0;
  for (let stream = 0; read < wanted; stream++) {
    const random = randomStream(seed, 'streams', stream);
    const { api, events } = randomEvents(random, 20 + random.below(60));
    read += events.length;
    if (random.below(4) === 0) mutate(events, random);
    const pieces = cutAnywhere(events, random);
    const fast = readStream(code, api, pieces, false);
    const plain = readStream(RIGHT, api, pieces, true);
    if (fast !== plain) return { difference: { stream, fast, plain }, events: read };
  }
  return { difference: null, events: read };
}
