import { expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/api.ts';
import { Response } from '../../src/client/stream/response.ts';

const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';

/** Of each read, given as its pieces, whether it was one event and nothing else. */
function oneEvents(...reads: readonly (readonly string[])[]): boolean[] {
  const handler = { step: () => undefined, over: () => undefined, read: () => undefined };
  const response = new Response(
    { status: 200, statusText: 'OK', headers: {} },
    apiNamed('chat').reader(false),
    handler,
  );
  return reads.map((pieces) => {
    for (const piece of pieces) response.push(Buffer.from(piece), 1);
    return response.readOneEvent();
  });
}

// Its stamp may be that of the turn: see the definition of event[k] in metrics.md.
test('a read is one event where the event began, ended and stood alone in it, in one piece', () => {
  const half = EVENT.length / 2;
  const [start, end] = [EVENT.slice(0, half), EVENT.slice(half)];
  expect(oneEvents([EVENT], [EVENT], [EVENT])).toEqual([false, true, true]);
  expect(oneEvents([EVENT], [EVENT + EVENT], [EVENT])).toEqual([false, false, true]);
  expect(oneEvents([EVENT], [start], [end], [EVENT])).toEqual([false, false, false, true]);
  // The first half may have woken the reader, and the second have been written since.
  expect(oneEvents([EVENT], [start, end], [EVENT])).toEqual([false, false, true]);
  expect(oneEvents([EVENT], [], [EVENT])).toEqual([false, false, true]);
  expect(oneEvents([EVENT], [': keep-alive\n\n', EVENT])).toEqual([false, false]);
});
