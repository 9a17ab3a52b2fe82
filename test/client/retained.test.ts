import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { EndingQueue } from '../../src/client/ending-queue.ts';
import { EventTimes } from '../../src/client/stream/event-times.ts';
import { KnownEvents } from '../../src/client/stream/known-events.ts';
import type { ResponseHandler } from '../../src/client/stream/response.ts';
import { Response } from '../../src/client/stream/response.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Returns the bytes in use on the heap and in typed arrays. */
function inUse(): { heap: number; arrays: number } {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, arrays: arrayBuffers };
}

const EVENTS = 200_000;
/** The smallest object of V8 has 12 bytes. */
const LESS_THAN_AN_OBJECT = 4 * EVENTS;

const TEXT = Buffer.from(
  'data: {"id":"x","choices":[{"index":0,"delta":{"content":"token  0"},"finish_reason":null}]}\n\n',
);
/** Events with tool calls are parsed. */
const CALL = Buffer.from(
  'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"token  0"}}]},"finish_reason":null}]}\n\n',
);
const DIGITS = 3;

test.each([
  ['compared by its bytes', TEXT, 1],
  ['parsed', CALL, 1],
  ['cut by a read', TEXT, 2],
])('nothing of an event is retained if it is %s', (_, example, pieces) => {
  // One buffer for all reads, as with sockets; each event has another text.
  const event = Buffer.from(example);
  const digitsAt = event.indexOf('token') + 'token'.length;
  const cut = pieces === 1 ? event.length : digitsAt;
  let seen = 0;
  const handler: ResponseHandler = {
    step: ({ output }) => void (seen += Number(output)),
    over: () => {},
    read: () => {},
  };
  const head = { status: 200, statusText: 'OK', headers: {} };
  const response = new Response(head, apiNamed('chat').reader(false), handler, new KnownEvents());
  const read = (events: number): void => {
    for (let k = 0; k < events; k++) {
      event.write(String(k % 1000).padStart(DIGITS), digitsAt, 'latin1');
      response.push(event.subarray(0, cut), k);
      if (cut < event.length) response.push(event.subarray(cut), k);
    }
  };
  read(EVENTS / 4);
  const before = inUse();
  read(EVENTS);
  const after = inUse();
  expect(seen).toBe(1.25 * EVENTS);
  expect(after.heap - before.heap).toBeLessThan(LESS_THAN_AN_OBJECT);
  expect(after.arrays - before.arrays).toBeLessThan(LESS_THAN_AN_OBJECT);
});

test('the instant of an event takes four bytes, outside of the heap', () => {
  const times = new EventTimes();
  for (let k = 0; k < 1000; k++) times.add(k);
  const before = inUse();
  for (let k = 1000; k < EVENTS; k++) times.add(k * 20_000);
  const after = inUse();
  expect(times.count).toBe(EVENTS);
  expect(after.heap - before.heap).toBeLessThan(LESS_THAN_AN_OBJECT);
  // The array doubles as it grows.
  expect(after.arrays - before.arrays).toBeLessThan(2 * 4 * EVENTS);
});

test('a finished answer is released, even while others are always waiting', async () => {
  const endings = new EndingQueue();
  const ENDS = 40_000;
  const KILOBYTE = 1024;
  let finished = 0;
  const done = Promise.withResolvers<number>();
  const add = (): void => {
    const facts = Array.from({ length: KILOBYTE / 8 }, (_, k) => k + 0.5);
    endings.add(() => {
      finished += Number(facts.length > 0);
      if (finished === ENDS) done.resolve(inUse().heap);
      if (finished < ENDS) add();
    });
  };
  const before = inUse().heap;
  for (let k = 0; k < 64; k++) add();
  const heap = await done.promise;
  expect(heap - before).toBeLessThan((ENDS * KILOBYTE) / 10);
});
