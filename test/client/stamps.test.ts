/** @module-tag timed */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { type IterationReads, ReadClock } from '../../src/client/connection/read-clock.ts';
import { eventInstants } from '../../src/sample.ts';
import type { Order } from './late-server.ts';
import { chunked, LAST_CHUNK, turns } from './raw-server.ts';
import { clientOf, delta } from './support.ts';

const STREAMS = 40;
const EVENTS = 100;

/** Opens streams whose server records its writes, and compares the client's stamps with them. */
async function measure(
  rounds: Int32Array | null,
  whileTheyRun: (server: Worker) => Promise<() => void>,
): Promise<number[][]> {
  const server = new Worker(new URL('truth-server.ts', import.meta.url), {
    workerData: { streams: STREAMS, events: EVENTS, rounds },
  });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const origin = process.hrtime.bigint();
  const now = (): number => Number(process.hrtime.bigint() - origin) / 1000;
  const client = clientOf(`http://127.0.0.1:${port}/v1`, { keepText: false, now });
  const said = Promise.withResolvers<bigint[][]>();
  server.on('message', ({ instants }: { instants?: bigint[][] }) => {
    if (instants !== undefined) said.resolve(instants);
  });
  const flights = Array.from({ length: STREAMS }, (_, stream) => client.send(Buffer.from(String(stream))));
  const stop = await whileTheyRun(server);
  const exchanges = await Promise.all(flights.map(({ done }) => done));
  stop();
  const instants = await said.promise;
  await client.close();
  await server.terminate();

  return exchanges.map((exchange, stream) => {
    expect(exchange.outcome).toBe('ok');
    const stamps = Array.from(eventInstants(exchange));
    expect(stamps).toHaveLength(EVENTS);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    // Rounding may cost half a microsecond.
    const early = stamps.filter((at, k) => at + 0.5 < Number(instants[stream]![k]! - origin) / 1000);
    expect(early).toEqual([]);
    return stamps;
  });
}

describe('no event is stamped before it was written', () => {
  test('with one or two events at a time, which pauses accumulate', async () => {
    await measure(null, async () => {
      const stalls = setInterval(() => {
        const until = performance.now() + 4;
        while (performance.now() < until);
      }, 7);
      return () => clearInterval(stalls);
    });
  });

  test('with all streams written while the thread is blocked: then the iteration has one stamp', async () => {
    const rounds = new Int32Array(new SharedArrayBuffer(4));
    const stamps = await measure(rounds, async (server) => {
      await once(server, 'message');
      for (let round = 0; round < EVENTS; round++) {
        server.postMessage('go');
        Atomics.wait(rounds, 0, round, 10_000);
        await turns();
      }
      return () => {};
    });
    // The first events of a stream arrive with its head, or are parsed; the machine may pause between a write and its
    // arrival.
    const shared = Array.from({ length: EVENTS }, (_, k) => new Set(stamps.map((of) => of[k])).size === 1);
    expect(shared.filter(Boolean).length).toBeGreaterThan(EVENTS / 2);
  });
});

const chunk = (text: string): string => chunked(text).toString();
const line = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify(delta(content, finish))}\n\n`;
const LONG = chunk(line('x'.repeat(3000)));

describe('bytes that arrive after the first stamp of an iteration do not get that stamp', () => {
  const EVENT = chunk(line('b'));
  // For the second socket: bytes of an earlier iteration, bytes that the kernel reports, and bytes that arrive after
  // the first socket's stamp.
  test.each<[what: string, opened: string, before: string, after: string, isShared: boolean]>([
    ['nothing', '', EVENT, '', true],
    ['a second event', '', EVENT, EVENT, false],
    ['an event behind a comment', '', chunk(': ping\n\n'), EVENT, false],
    ['an event behind a comment in its first line', '', chunk(': ping\n'), EVENT, false],
    ['an event behind the end of the chunk before', EVENT.slice(0, -2), '\r\n', EVENT, false],
    ['the end of an event that had begun', EVENT.slice(0, 9), EVENT.slice(9, 20), EVENT.slice(20), false],
    ['the second half of a long event', '', LONG.slice(0, 2000), LONG.slice(2000), false],
  ])('%s', async (_, opened, before, after, isShared) => {
    const written = new Int32Array(new SharedArrayBuffer(4));
    const server = new Worker(new URL('late-server.ts', import.meta.url), { workerData: written });
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    /** Makes the server write while this thread is blocked. */
    const write = (orders: Order[]): void => {
      const count = written[0]!;
      server.postMessage(orders);
      Atomics.wait(written, 0, count, 10_000);
    };
    let inRead: (() => void) | null = null;
    let latest = 0;
    const now = (): number => {
      const at = performance.now() * 1000;
      latest = at;
      const then = inRead;
      inRead = null;
      then?.();
      return at;
    };
    const client = clientOf(`http://127.0.0.1:${port}/v1`, { keepText: false, now });
    const ready = once(server, 'message');
    const flights = [0, 1].map((stream) => client.send(Buffer.from(String(stream))));
    await ready;
    const each = (bytes: string): void => write([0, 1].map((stream) => ({ stream, bytes })));
    for (let i = 0; i < 5; i++) {
      each(chunk(line('w')));
      while (client.counters.outputEvents < 2 * (i + 1)) await turns();
    }
    if (opened !== '') write([{ stream: 1, bytes: opened }]);
    await turns();

    let first = 0;
    let lateAt = 0;
    write([
      { stream: 0, bytes: chunk(line('x')) },
      { stream: 1, bytes: before },
    ]);
    inRead = () => {
      first = latest;
      lateAt = performance.now() * 1000;
      if (after !== '') write([{ stream: 1, bytes: after }]);
    };
    await turns();
    const end = chunk(line('z', 'stop')) + chunk('data: [DONE]\n\n') + LAST_CHUNK;
    await turns();
    each(end);
    const [one, other] = await Promise.all(flights.map(({ done }) => done));
    await client.close();
    await server.terminate();

    expect([one!.outcome, other!.outcome]).toEqual(['ok', 'ok']);
    const stamps = Array.from(eventInstants(other!));
    const last = stamps.at(-2)!;
    if (isShared) expect(last).toBe(Math.round(first));
    else expect(last + 0.5).toBeGreaterThanOrEqual(lateAt);
    expect(eventInstants(one!).at(-2)).toBe(Math.round(first));
  });
});

describe('the stamp of an iteration', () => {
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  test('is that of its first read, while each read has its own', async () => {
    let at = 10.4;
    const clock = new ReadClock(() => at);
    expect(clock.read()).toBe(10);
    at = 25;
    expect(clock.read()).toBe(25);
    expect(clock.share()).toBe(10);
    const first = clock.iteration;
    await turn();
    at = 30;
    expect(clock.read()).toBe(30);
    expect(clock.share()).toBe(30);
    expect(clock.iteration).not.toBe(first);
  });

  test('is not used after more reads than a single report of the kernel is certain to cover', async () => {
    let at = 0;
    const clock = new ReadClock(() => at++);
    for (let i = 0; i < 512; i++) clock.read();
    expect(clock.share()).toBe(0);
    clock.read();
    expect(clock.share()).toBeNull();
    await turn();
    const next = clock.read();
    expect(clock.share()).toBe(next);
  });

  test('tells how late the reads may be: since the loop last asked, if it found them ready', async () => {
    let [at, idle] = [100, 5];
    const seen: IterationReads[] = [];
    const clock = new ReadClock(
      () => at,
      (reads) => seen.push(reads),
      () => idle,
    );
    const readAt = (instant: number, isShared: boolean): void => {
      at = instant;
      clock.read();
      if (isShared) clock.share();
    };
    readAt(100, true);
    readAt(130, false);
    readAt(150, true);
    at = 160;
    await turn();
    // The loop did not wait: what it reads now arrived after it asked at 100.
    readAt(170, true);
    await turn();
    // It waited.
    idle = 6;
    readAt(900, false);
    readAt(910, false);
    await turn();
    expect(seen).toEqual([
      { for_us: 60, since_us: 0, shared: 2, own_us: [30] },
      { for_us: 0, since_us: 70, shared: 1, own_us: [] },
      { for_us: 10, since_us: 0, shared: 0, own_us: [0, 10] },
    ]);
  });
});
