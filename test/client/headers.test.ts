import { describe, expect, test } from 'vitest';
import { bearer, keptHeaders, requestHeaders, retryAfterMs } from '../../src/client/http/headers.ts';

test('headers are kept by name and by prefix; others are dropped', () => {
  expect(
    keptHeaders({
      date: 'd',
      server: 's',
      'x-request-id': 'r',
      'x-ratelimit-reset-tokens': '6m0s',
      'anthropic-ratelimit-x': '1',
      'fireworks-server-time': '2',
      'x-compute-time': '3',
      via: ['a', 'b'],
      'set-cookie': 'secret=1',
      'openai-organization': 'acme',
      'x-ratelimit': 'no prefix',
      location: 'https://elsewhere.invalid',
    }),
  ).toEqual({
    date: 'd',
    server: 's',
    'x-request-id': 'r',
    'x-ratelimit-reset-tokens': '6m0s',
    'anthropic-ratelimit-x': '1',
    'fireworks-server-time': '2',
    'x-compute-time': '3',
    via: 'a, b',
  });
});

describe('retry-after', () => {
  const now = Date.parse('2025-01-01T00:00:00Z');
  test.each([
    [{}, null],
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': '20', 'retry-after-ms': '19850' }, 19_850],
    [{ 'retry-after-ms': '12.6' }, 13],
    [{ 'retry-after': 'Wed, 01 Jan 2025 00:00:30 GMT' }, 30_000],
    // The server's clock is a day slow: only the difference of its two dates counts.
    [{ 'retry-after': 'Tue, 31 Dec 2024 00:00:30 GMT', date: 'Tue, 31 Dec 2024 00:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Tue, 31 Dec 2024 23:59:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-5' }, null],
  ])('%j', (headers, wanted) => {
    expect(retryAfterMs(headers, now)).toBe(wanted);
  });
});

describe('request headers', () => {
  const asObject = (list: string[]): Record<string, string> =>
    Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]!]] : [])));

  test('request identity, so that no proxy delays events', () => {
    expect(asObject(requestHeaders({}, {}))).toEqual({
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'user-agent': 'goodput',
    });
  });

  test('the key is a bearer token, and the user’s header overrides it', () => {
    expect(asObject(requestHeaders({}, bearer('k')))['authorization']).toBe('Bearer k');
    expect(
      asObject(requestHeaders({ Authorization: 'Basic x', 'X-Tenant': 'bench' }, bearer('k'))),
    ).toMatchObject({
      authorization: 'Basic x',
      'x-tenant': 'bench',
    });
  });

  test.each([
    [{ 'bad name': 'x' }],
    [{ 'x-key': 'sk-secret\n' }],
    [{ Connection: 'close' }],
    [{ 'content-length': '1' }],
    [{ 'transfer-encoding': 'chunked' }],
  ])('%j is rejected, and the error does not contain its value', (headers) => {
    expect(() => requestHeaders(headers, {})).toThrow(TypeError);
    expect(() => requestHeaders(headers, {})).not.toThrow(/secret/);
  });
});
