import { describe, expect, test } from 'vitest';
import { collectorSettings } from '../../../src/cli/collector/collector-settings.ts';
import { sendMetrics } from '../../../src/cli/collector/send-metrics.ts';
import { type Answer, startCollector } from './collector-stub.ts';

const SECRET = 'Bearer sk-0123456789abcdef';

function send(url: string, more: Record<string, string> = {}) {
  const found = collectorSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(SECRET)}`,
    ...more,
  });
  if (!found.ok) throw new Error(found.problem.join());
  return sendMetrics({ resourceMetrics: [] }, found.value);
}

describe('metrics for a collector', () => {
  test('are posted as JSON with the headers, compressed if wanted', async () => {
    const { url, received } = await startCollector({});
    expect(await send(url)).toEqual({ rejected: 0, message: '' });
    await send(url, { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
    expect(received.map(({ path, document }) => [path, document])).toEqual([
      ['/v1/metrics', { resourceMetrics: [] }],
      ['/v1/metrics', { resourceMetrics: [] }],
    ]);
    for (const { headers } of received)
      expect(headers).toMatchObject({ 'content-type': 'application/json', authorization: SECRET });
    expect(received.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip']);
  });

  test.each<[string, Answer, object]>([
    [
      'rejects points',
      { body: '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}' },
      { rejected: 3, message: 'too old' },
    ],
    [
      'only says something',
      { body: '{"partialSuccess":{"errorMessage":"slow"}}' },
      { rejected: 0, message: 'slow' },
    ],
    [
      'repeats a secret',
      { body: `{"partialSuccess":{"errorMessage":"${SECRET}"}}` },
      { rejected: 0, message: '***' },
    ],
    ['answers nonsense', { body: '[1,{"partialSuccess":' }, { rejected: 0, message: '' }],
    [
      'answers with another type',
      { body: '{"partialSuccess":{"rejectedDataPoints":{},"errorMessage":null}}' },
      { rejected: 0, message: '' },
    ],
  ])('a collector that %s', async (_, answer, delivery) => {
    const { url } = await startCollector(answer);
    expect(await send(url)).toEqual(delivery);
  });

  test('are sent again if the collector is busy, after the pause that it asks for', async () => {
    const busy = { status: 503, headers: { 'retry-after': '0' } };
    const { url, received } = await startCollector(busy, busy, {});
    expect(await send(url)).toEqual({ rejected: 0, message: '' });
    expect(received).toHaveLength(3);
  });

  test.each<[string, Answer, RegExp, number]>([
    ['stays busy', { status: 429, headers: { 'retry-after': '0' }, body: '' }, /^HTTP 429$/, 3],
    ['refuses them', { status: 400, body: '{"code":3,"message":"bad point"}' }, /^HTTP 400: bad point$/, 1],
    ['refuses the key and repeats it', { status: 401, body: `no: ${SECRET}` }, /^HTTP 401: no: \*\*\*$/, 1],
    // The headers are not sent to another host.
    ['redirects', { status: 307, headers: { location: 'http://127.0.0.1:9/' } }, /^HTTP 307/, 1],
    ['answers without end', { status: 500, body: 'x'.repeat(1_000_000) }, /^HTTP 500: x{300}…$/, 1],
  ])('a collector that %s', async (_, answer, message, times) => {
    const { url, received } = await startCollector(answer);
    const error = await send(url).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(message);
    expect(received).toHaveLength(times);
  });

  test('a collector that is not there, and one that never answers', async () => {
    await expect(send('http://127.0.0.1:1')).rejects.toThrow(/nothing listens there \(ECONNREFUSED\)/);
    const { url } = await startCollector(null);
    await expect(send(url, { OTEL_EXPORTER_OTLP_TIMEOUT: '50' })).rejects.toThrow(/no answer within 50 ms/);
  });

  test('a pause beyond the timeout ends with it', async () => {
    const { url } = await startCollector({ status: 503, headers: { 'retry-after': '3600' } });
    await expect(send(url, { OTEL_EXPORTER_OTLP_TIMEOUT: '100' })).rejects.toThrow(/no answer within 100 ms/);
  });
});
