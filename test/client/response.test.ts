import { expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { Response } from '../../src/client/stream/response.ts';

const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';

/** Returns for each read, given as its chunks, whether it was a single event. */
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

// The stamp of such a read may be that of its iteration: see event[k] in docs/metrics.md.
test('a read is a single event if the event starts and ends in it, in one chunk', () => {
  const half = EVENT.length / 2;
  const [start, end] = [EVENT.slice(0, half), EVENT.slice(half)];
  expect(oneEvents([EVENT], [EVENT], [EVENT])).toEqual([false, true, true]);
  expect(oneEvents([EVENT], [EVENT + EVENT], [EVENT])).toEqual([false, false, true]);
  expect(oneEvents([EVENT], [start], [end], [EVENT])).toEqual([false, false, false, true]);
  // The first half may have triggered the read, and the second may have been written later.
  expect(oneEvents([EVENT], [start, end], [EVENT])).toEqual([false, false, true]);
  expect(oneEvents([EVENT], [], [EVENT])).toEqual([false, false, true]);
  expect(oneEvents([EVENT], [': keep-alive\n\n', EVENT])).toEqual([false, false]);
});

test.each([
  [503, '', {}, 'Service Unavailable'],
  [403, 'Quota used up', {}, 'Quota used up'],
  [599, '', {}, 'no message'],
  [302, 'Found', { location: 'https://login/?token=s' }, 'a redirect to https://login/'],
])(
  'status %i %j without a body: the message is %j, without the status',
  (status, statusText, headers, message) => {
    const handler = { step: () => undefined, over: () => undefined, read: () => undefined };
    const response = new Response({ status, statusText, headers }, apiNamed('chat').reader(false), handler);
    expect(response.failure(null)).toEqual({ outcome: 'http_error', error: { message } });
  },
);
