/** @module-tag timed */
import { setImmediate as setImmediatePromise, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { Timeouts } from '../../src/client/client.ts';
import type { TimeoutKind } from '../../src/sample.ts';
import { RequestTimer } from '../../src/client/request-timer.ts';
import type { RawHandler } from './raw-server.ts';
import { chunked, eventStream, head, startRawServer, turns } from './raw-server.ts';
import { askOnce, clientOf, delta } from './support.ts';

const LIMIT = 80;

async function askServer(handler: RawHandler, timeouts: Partial<Timeouts>): ReturnType<typeof askOnce> {
  const server = await startRawServer(handler);
  try {
    return await askOnce(server.url, { timeouts });
  } finally {
    await server.close();
  }
}

describe('each timeout, over sockets', () => {
  const table: [kind: TimeoutKind, timeouts: Partial<Timeouts>, handler: RawHandler][] = [
    ['headers', { headers: LIMIT }, () => {}],
    ['first_token', { firstToken: LIMIT }, () => {}],
    ['first_token', { firstToken: LIMIT }, (_, socket) => void socket.write(eventStream([delta('')]))],
    ['idle', { idle: LIMIT }, (_, socket) => void socket.write(eventStream([delta('a')]))],
    ['idle', { idle: LIMIT }, (_, socket) => void socket.write(eventStream([delta('', 'stop')]))],
    ['total', { total: LIMIT }, (_, socket) => void socket.write(eventStream([delta('a')]))],
    ['total', { total: LIMIT }, () => {}],
  ];
  test.each(table)('%s (%j)', async (kind, timeouts, handler) => {
    const exchange = await askServer(handler, timeouts);
    expect(exchange).toMatchObject({ outcome: 'timeout', error: { kind } });
    expect(exchange.error?.message).toContain('within 80ms');
    // Never early: the timeout runs from the send or from the last progress.
    const since = kind === 'idle' ? (exchange.events_us[0] ?? exchange.sent_us!) : exchange.sent_us!;
    expect(exchange.ended_us - since).toBeGreaterThanOrEqual(LIMIT * 1000);
  });

  test('the connection of a request that timed out is closed', async () => {
    const closed = Promise.withResolvers<void>();
    await askServer((_, socket) => void socket.on('close', () => closed.resolve()), { headers: LIMIT });
    await closed.promise;
  });

  test('an error response with an endless body keeps its status', async () => {
    const exchange = await askServer(
      (_, socket) => void socket.write(head(503, { 'content-length': '1000' }) + '{"message":"loading"'),
      { firstToken: LIMIT },
    );
    expect(exchange).toMatchObject({ outcome: 'http_error', status: 503 });
    expect(exchange.error?.message).toContain('loading');
  });

  test('output that keeps coming keeps a request open', async () => {
    const exchange = await askServer(
      async (_, socket) => {
        socket.write(eventStream([delta('0')]));
        // Much longer than the timeout in all, with gaps far shorter than it.
        for (let i = 1; i < 60; i++) {
          await sleep(25);
          socket.write(chunked(`data: ${JSON.stringify(delta(`${i}`))}\n\n`));
        }
        socket.write(chunked(`data: ${JSON.stringify(delta('', 'stop'))}\n\ndata: [DONE]\n\n`));
      },
      { firstToken: 1000, idle: 1000 },
    );
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: 60 });
  });
});

describe('with an artificial clock', () => {
  const timeouts: Timeouts = { connect: 10, headers: 20, firstToken: 30, idle: 40, total: 1000 };

  /** Lets the timer read a clock that is stopped at `at`, in ms. */
  async function kindAt(
    at: number,
    steps: (timer: RequestTimer) => void,
    limits = timeouts,
  ): Promise<TimeoutKind | null> {
    let now = 0;
    let expired: TimeoutKind | null = null;
    const timer = new RequestTimer(limits, () => now * 1000, {
      isBusy: () => false,
      expired: (kind) => (expired = kind),
    });
    steps(timer);
    now = at;
    await sleep(60);
    await turns();
    timer.stop();
    return expired;
  }

  test('the send ends the connect timeout', async () => {
    expect(await kindAt(10, () => {})).toBe('connect');
    expect(await kindAt(9.999, () => {})).toBeNull();
    expect(await kindAt(15, (timer) => timer.sent(0))).toBeNull();
  });

  test('the earliest deadline determines the failure', async () => {
    expect(await kindAt(500, (timer) => timer.sent(0))).toBe('headers');
    expect(await kindAt(500, (timer) => timer.sent(0), { ...timeouts, headers: 31 })).toBe('first_token');
    expect(await kindAt(500, (timer) => timer.sent(0), { ...timeouts, headers: 30 })).toBe('headers');
    expect(await kindAt(500, (timer) => timer.sent(0), { ...timeouts, total: 5 })).toBe('total');
  });

  test('headers end only their own timeout', async () => {
    const steps = (timer: RequestTimer): void => {
      timer.sent(0);
      timer.headers();
    };
    expect(await kindAt(29, steps)).toBeNull();
    expect(await kindAt(30, steps)).toBe('first_token');
  });

  test('the idle timeout runs from the latest progress', async () => {
    const steps = (timer: RequestTimer): void => {
      timer.sent(0);
      timer.headers();
      timer.progress(5000);
      timer.progress(12_000);
    };
    expect(await kindAt(51, steps)).toBeNull();
    expect(await kindAt(52, steps)).toBe('idle');
  });

  test('an idle timeout shorter than the previous timeout fires in time', async () => {
    const limits = { ...timeouts, headers: 1_000_000, firstToken: 1_000_000, idle: 5, total: 1_000_000 };
    const steps = (timer: RequestTimer): void => {
      timer.sent(0);
      timer.progress(0);
    };
    expect(await kindAt(5, steps, limits)).toBe('idle');
  });

  test('timeouts longer than Node’s maximum do not fire immediately', async () => {
    const long = 2 ** 40;
    const limits = { connect: long, headers: long, firstToken: long, idle: long, total: long };
    expect(await kindAt(1, (timer) => timer.sent(0), limits)).toBeNull();
    expect(await kindAt(1, () => {}, { ...limits, connect: Infinity })).toBeNull();
  });

  test('unread bytes delay the decision', async () => {
    let now = 0;
    let busy = true;
    let expired: TimeoutKind | null = null;
    const timer = new RequestTimer(timeouts, () => now, {
      isBusy: () => busy,
      expired: (kind) => (expired = kind),
    });
    now = 1_000_000;
    await sleep(40);
    expect(expired).toBeNull();
    busy = false;
    await turns();
    expect(expired).toBe('connect');
    timer.stop();
  });
});

/** Sends one token, and the rest while the client is blocked; signals when it is in the kernel. */
const SERVER = `
const { workerData, parentPort } = require('node:worker_threads');
const state = new Int32Array(workerData.state);
const server = require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    socket.write(workerData.first);
    Atomics.wait(state, 0, 0);
    socket.write(workerData.rest, () => { Atomics.store(state, 1, 1); Atomics.notify(state, 1); });
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('a pause of the client is not a timeout of the server', async () => {
  const state = new SharedArrayBuffer(8);
  const flags = new Int32Array(state);
  const rest = chunked(`data: ${JSON.stringify(delta('b', 'stop'))}\n\ndata: [DONE]\n\n`).toString();
  const worker = new Worker(SERVER, {
    eval: true,
    workerData: { state, first: eventStream([delta('a')]), rest },
  });
  const port = await new Promise<number>((resolve) => {
    worker.once('message', resolve);
  });
  const client = clientOf(`http://127.0.0.1:${port}/v1`, { timeouts: { idle: LIMIT } });
  const flight = client.send(Buffer.from('{}'));
  while (client.counters.outputEvents === 0) await setImmediatePromise();
  const stalledAt = performance.now();
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);
  // Blocks this thread until the rest is in the kernel and the deadline has passed.
  Atomics.wait(flags, 1, 0, 20_000);
  while (performance.now() - stalledAt < 4 * LIMIT);
  expect(await flight.done).toMatchObject({ outcome: 'ok', text: 'ab' });
  await client.close();
  await worker.terminate();
});
