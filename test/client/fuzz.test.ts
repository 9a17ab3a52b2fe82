/** @module-tag study */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import type { Answer } from '../../src/client/api/api.ts';
import type { Failure } from '../../src/client/http/failures.ts';
import { KnownEvents } from '../../src/client/stream/known-events.ts';
import { Response } from '../../src/client/stream/response.ts';
import { randomStream } from '../../src/random.ts';
import { OUTCOMES } from '../../src/sample.ts';
import type { SpokenCase } from './cases.ts';
import { loadCases } from './cases.ts';
import type { Random } from './mutations.ts';
import { mutated } from './mutations.ts';
import { chunked, head, LAST_CHUNK, startRawServer, writeBytes } from './raw-server.ts';
import { clientOf } from './support.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const cases = loadCases();
const bodies = cases.map(({ writes }) => Buffer.concat(writes.map((write) => writeBytes(write))));
const isEncoded = ({ headers }: SpokenCase): boolean => 'content-encoding' in headers;

interface Read {
  failure: Failure | null;
  answer: Answer;
  events: number;
}

/** Reads a body in random pieces to its end. Rejects if it does not end. */
function readAll(streamCase: SpokenCase, body: Buffer, known: KnownEvents, random: Random): Promise<Read> {
  const reader = apiNamed(streamCase.api).reader(random.below(2) === 0);
  const { promise, resolve } = Promise.withResolvers<Read>();
  let events = 0;
  const ended = (failure: Failure | null): void => {
    response.stop();
    resolve({ failure, answer: reader.answer(), events });
  };
  const head = { status: streamCase.status, statusText: '', headers: streamCase.headers };
  const response = new Response(
    head,
    reader,
    {
      step: ({ output }) => {
        if (output) events++;
      },
      over: ended,
      read: () => ended(response.failure(null)),
    },
    known,
  );
  for (let at = 0; at < body.length;) {
    const size = 1 + random.below(random.below(4) === 0 ? 12 : 4000);
    response.push(body.subarray(at, at + size), at);
    at += size;
  }
  response.finish();
  return promise;
}

/**
 * Returns true if some event contains a finish reason, by a search that knows nothing about choices. Line ends,
 * fields and data follow the specification, by splitting text.
 */
function hasFinish(body: string): boolean {
  return body.split(/\r\n|\r|\n/).some((line) => {
    // Data of several lines are joined before they are parsed: check for the keywords.
    return /"(finish_reason|stop_reason)"\s*:\s*"[^"]|response\.(completed|incomplete)/.test(line);
  });
}

const known = Object.fromEntries(cases.map(({ api }) => [api, new KnownEvents()]));

async function fuzz(which: readonly number[], streams: number, seed: number): Promise<Map<string, number>> {
  const random = randomStream(seed, 'fuzz');
  const outcomes = new Map<string, number>();
  let settled = 0;
  for (let i = 0; i < streams; i++) {
    const k = which[i % which.length]!;
    const streamCase = cases[k]!;
    const body = mutated(bodies[k]!, bodies[random.below(bodies.length)]!, random);
    const { failure, answer, events } = await readAll(streamCase, body, known[streamCase.api]!, random);
    const outcome = failure?.outcome ?? 'ok';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (!OUTCOMES.includes(outcome)) expect.fail(`${streamCase.name}: an outcome of no kind: ${outcome}`);
    if (failure !== null && failure.error.message === '')
      expect.fail(`${streamCase.name}: a failure without a word`);
    if ((failure?.error.message.length ?? 0) > 4096) expect.fail(`${streamCase.name}: a message without end`);
    if (failure === null) {
      if (answer.finish === null) expect.fail(`${streamCase.name}, stream ${i}: ok without a finish reason`);
      if (!isEncoded(streamCase) && !hasFinish(body.toString('utf8')))
        expect.fail(`${streamCase.name}, stream ${i}: ok, and nobody wrote a finish reason`);
    }
    checkCounts(answer, events, `${streamCase.name}, stream ${i}`);
    if (i === Math.floor(streams / 4)) settled = heap();
  }
  // Retained memory must not grow with the number of streams.
  expect(heap() - settled).toBeLessThan(8 * 1024 * 1024);
  return outcomes;
}

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const isCount = (value: number | null): boolean =>
  value === null || (Number.isSafeInteger(value) && value >= 0);

/** Checks that all counts are valid or null, and that lists per event have one entry per event. */
function checkCounts(answer: Answer, events: number, where: string): void {
  const { input_tokens, cached_tokens, output_tokens, reasoning_tokens, hidden_tokens, n } = answer;
  const counts = [input_tokens, cached_tokens, output_tokens, reasoning_tokens, hidden_tokens, ...(n ?? [])];
  if (!counts.every(isCount)) expect.fail(`${where}: ${JSON.stringify(counts)} are no counts`);
  if (n !== null && n.length !== events)
    expect.fail(`${where}: counts of ${n.length} events, of which there are ${events}`);
}

describe('seeded mutations of all cases', () => {
  const plain = cases.flatMap((streamCase, k) => (isEncoded(streamCase) ? [] : [k]));
  const encoded = cases.flatMap((streamCase, k) => (isEncoded(streamCase) ? [k] : []));

  // What one stream of 10,000 shows is found with a probability of 96 %; `npm run fuzz` has other seeds and more streams.
  test(
    '33,000 streams end, each in a class, and none is ok without a finish reason',
    { timeout: 180_000 },
    async () => {
      const outcomes = await fuzz(plain, 33_000, 1);
      // The mutations reach every way that a stream can end.
      for (const outcome of [
        'ok',
        'stream_truncated',
        'stream_error',
        'protocol_error',
        'http_error',
        'rate_limited',
      ])
        expect(outcomes.get(outcome)).toBeGreaterThan(150);
    },
  );

  test('and 1,000 compressed ones', { timeout: 60_000 }, async () => {
    const outcomes = await fuzz(encoded, 1000, 2);
    expect(outcomes.get('ok')).toBeGreaterThan(10);
    expect(outcomes.get('protocol_error')).toBeGreaterThan(10);
  });

  test('1,000 over sockets, with ends of all kinds', { timeout: 120_000 }, async () => {
    const random = randomStream(3, 'fuzz over sockets');
    const bodiesSent: Buffer[] = [];
    const server = await startRawServer((request, socket) => {
      const k = Number(/x-case: (\d+)/.exec(request.head)![1]);
      const streamCase = cases[k]!;
      const body = mutated(bodies[k]!, bodies[random.below(bodies.length)]!, random);
      bodiesSent[Number(/x-stream: (\d+)/.exec(request.head)![1])] = body;
      const { 'content-length': _, ...headers } = streamCase.headers;
      socket.write(head(streamCase.status, { ...headers, 'transfer-encoding': 'chunked' }));
      for (let at = 0; at < body.length;) {
        const size = 1 + random.below(2000);
        socket.write(chunked(body.subarray(at, at + size)));
        at += size;
      }
      const end = random.below(10);
      if (end === 0) socket.resetAndDestroy();
      else if (end === 1) socket.end('no chunk\r\n');
      else if (end === 2) socket.end();
      // One response hangs until a timeout.
      else if (end !== 3) socket.write(LAST_CHUNK);
    });
    const SHORT = { headers: 4000, firstToken: 400, idle: 400, total: 4000 };
    try {
      for (let i = 0; i < 1000; i += 50) {
        await Promise.all(
          Array.from({ length: 50 }, async (_, j) => {
            const k = (i + j) % cases.length;
            const client = clientOf(server.url, {
              api: cases[k]!.api,
              timeouts: SHORT,
              headers: { 'x-case': String(k), 'x-stream': String(i + j) },
            });
            const exchange = await client.send(Buffer.from('{}')).done;
            await client.close();
            expect(OUTCOMES).toContain(exchange.outcome);
            if (exchange.outcome !== 'ok') return;
            expect(exchange.finish).not.toBeNull();
            if (!isEncoded(cases[k]!)) expect(hasFinish(bodiesSent[i + j]!.toString('utf8'))).toBe(true);
          }),
        );
      }
    } finally {
      await server.close();
    }
  });
});
