import { describe, expect, test } from 'vitest';
import type { HistogramPoint, OtlpMetric } from '../../../src/render/export/otlp-document.ts';
import { otlpDocument, renderOtlp } from '../../../src/render/export/otlp.ts';
import { renderPrometheus } from '../../../src/render/run/prometheus.ts';
import type { ScoredRun } from '../../../src/render/run/scored-run.ts';
import { failed, requests } from '../../analysis/run.ts';
import { headerOf, seconds } from '../../analysis/headers.ts';
import { readExposition } from '../../exposition.ts';
import { scoredRun } from './runs.ts';

const EPOCH_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** Ten requests at 0 to 0.9 s in a window of 1 s: six with TTFT 50 ms and one with 40 ms, two failures, one cut off. */
const made = (): Promise<ScoredRun> =>
  scoredRun(
    requests(10, (i) => {
      if (i === 2) return failed('http_error', { status: 500, ended_us: i * 100_000 + 30_000 });
      if (i === 3) return failed('timeout', { ended_us: i * 100_000 + 5_000_000 });
      if (i === 4) return failed('aborted');
      if (i === 5)
        return { events_us: [i * 100_000 + 40_000, 30_000], tokens_from: 'events', output_tokens: null };
      return i === 6 ? { input_tokens: null } : {};
    }),
    {
      header: headerOf({
        id: 'r1',
        name: 'chat',
        origin: { epoch_ms: EPOCH_MS, monotonic_ns: '0' },
        window: seconds(0, 1),
        endpoint: { url: 'https://api.example.com/v1', api: 'chat', model: 'm', simulated: false, said: {} },
        scenario: { endpoint: { provider: 'mistral' } },
      }),
      limits: { ttft: 45 },
    },
  );

const metricsOf = async (run: ScoredRun): Promise<Map<string, OtlpMetric>> => {
  const { resourceMetrics } = await otlpDocument([run]);
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics),
  );
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  return new Map(metrics.map((metric) => [metric.name, metric]));
};

const plain = (attributes: HistogramPoint['attributes']): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A histogram's series by the value of one attribute: count, sum, smallest, largest, and its buckets that are not empty. */
function seriesOf(metric: OtlpMetric, key: string): Record<string, unknown> {
  return Object.fromEntries(
    metric.histogram!.dataPoints.map(({ attributes, count, sum, min, max, explicitBounds, bucketCounts }) => {
      expect(bucketCounts).toHaveLength(explicitBounds.length + 1);
      const filled = bucketCounts.flatMap((n, at) =>
        n === '0' ? [] : [[explicitBounds[at] ?? Infinity, Number(n)]],
      );
      return [String(plain(attributes)[key]), [Number(count), Number(sum.toFixed(9)), min, max, filled]];
    }),
  );
}

describe('the metrics of a run', () => {
  test('histograms of the GenAI conventions have the requests of the cohort, in seconds and tokens', async () => {
    const metrics = await metricsOf(await made());
    expect(seriesOf(metrics.get('gen_ai.server.time_to_first_token')!, '')).toEqual({
      undefined: [
        7,
        0.34,
        0.04,
        0.05,
        [
          [0.04, 1],
          [0.06, 6],
        ],
      ],
    });
    expect(seriesOf(metrics.get('gen_ai.server.time_per_output_token')!, '')).toEqual({
      undefined: [
        7,
        0.15,
        0.02,
        0.03,
        [
          [0.025, 6],
          [0.05, 1],
        ],
      ],
    });
    expect(seriesOf(metrics.get('gen_ai.client.operation.duration')!, 'error.type')).toEqual({
      undefined: [7, 0.49, 0.07, 0.07, [[0.08, 7]]],
      500: [1, 0.03, 0.03, 0.03, [[0.04, 1]]],
      timeout: [1, 5, 5, 5, [[5.12, 1]]],
    });
    // Tokens that were not counted are left out: events are no count of tokens.
    expect(seriesOf(metrics.get('gen_ai.client.token.usage')!, 'gen_ai.token.type')).toEqual({
      input: [9, 90, 10, 10, [[16, 9]]],
      output: [6, 12, 2, 2, [[4, 6]]],
    });
    const units = [...metrics.values()]
      .filter(({ name }) => name.startsWith('gen_ai.'))
      .map(({ unit }) => unit);
    expect(units).toEqual(['s', '{token}', 's', 's']);
  });

  test('points have the attributes of the conventions, and the times of the window', async () => {
    const run = await made();
    for (const { histogram, gauge, summary } of (await metricsOf(run)).values())
      for (const point of [
        ...(histogram?.dataPoints ?? []),
        ...(gauge?.dataPoints ?? []),
        ...(summary?.dataPoints ?? []),
      ]) {
        expect(plain(point.attributes)).toMatchObject({
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'mistral_ai',
          'gen_ai.request.model': 'm',
          'server.address': 'api.example.com',
          'server.port': '443',
        });
        expect(point.startTimeUnixNano).toBe(`${EPOCH_MS}000000`);
        expect(point.timeUnixNano).toBe(`${EPOCH_MS + 1000}000000`);
      }
    const { resourceMetrics } = await otlpDocument([run]);
    expect(plain(resourceMetrics[0]!.resource.attributes)).toMatchObject({
      'goodput.simulated': false,
      'service.name': 'goodput',
      'goodput.run.id': 'r1',
      'goodput.run.name': 'chat',
    });
  });

  test('all other figures are those of Prometheus text, with the same numbers', async () => {
    const run = await made();
    const metrics = await metricsOf(run);
    const theirs = readExposition(renderPrometheus([run]));
    const names = [...metrics.keys()].filter((name) => !name.startsWith('gen_ai.'));
    expect(names).toEqual([...theirs.keys()].map((name) => name.replace('_', '.')));
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      const { gauge, summary } = metrics.get(name)!;
      const numbers =
        gauge?.dataPoints.map(({ asDouble }) => asDouble) ??
        summary!.dataPoints.flatMap(({ quantileValues, sum, count }) =>
          quantileValues.map(({ value }) => value).concat(sum, Number(count)),
        );
      const expected = theirs.get(name.replace('.', '_'))!.samples.map(({ value }) => value);
      expect([name, numbers]).toEqual([name, expected]);
    }
    const { summary, unit } = metrics.get('goodput.ttft_seconds')!;
    expect(unit).toBe('s');
    expect(summary!.dataPoints[0]!.quantileValues[0]).toEqual({ quantile: 0.5, value: 0.05 });
    const outcomes = metrics
      .get('goodput.requests')!
      .gauge!.dataPoints.map(({ attributes, asDouble }) => [plain(attributes)['goodput.outcome'], asDouble]);
    expect(Object.fromEntries(outcomes)).toEqual({ ok: 7, http_error: 1, timeout: 1, aborted: 1 });
    expect(metrics.get('goodput.run_output_tps')!.unit).toBe('{token}/s');
    expect(metrics.get('goodput.run_attainment')!.unit).toBe('1');
  });

  test('a run without a request has no histogram, and a run that never closed has no instant in the far future', async () => {
    const metrics = await metricsOf(await scoredRun([], { header: headerOf({ window: null }) }));
    expect([...metrics.keys()].filter((name) => name.startsWith('gen_ai.'))).toEqual([]);
    const odd = await scoredRun(requests(1), {
      header: headerOf({ origin: { epoch_ms: 1e300, monotonic_ns: '0' } }),
    });
    expect((await metricsOf(odd)).get('goodput.exit_code')!.gauge!.dataPoints[0]!.timeUnixNano).toBe('0');
  });

  test('the document is JSON with a resource per run; the same run twice is one', async () => {
    const [run, other] = [await made(), await scoredRun(requests(2))];
    const document = JSON.parse(await renderOtlp([run, other, run])) as { resourceMetrics: unknown[] };
    expect(document).toEqual(JSON.parse(JSON.stringify(await otlpDocument([run, other]))));
    expect(document.resourceMetrics).toHaveLength(2);
  });
});
