import parsePrometheus from 'parse-prometheus-text-format';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { exposition } from '../../src/exposition.ts';
import { decimalText, PrometheusHistogram } from '../../src/simulator/server/prometheus-histogram.ts';
import { resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { ServerMetrics } from '../../src/simulator/server/server-metrics.ts';
import { call } from './http.ts';
import { linear } from './linear.ts';

interface Metric {
  value?: string;
  labels?: Record<string, string>;
  /** Buckets of a histogram: `le`, and the count up to it. */
  buckets?: Record<string, string>;
  count?: string;
  sum?: string;
}

interface Family {
  name: string;
  type: string;
  help: string;
  metrics: Metric[];
}

/** An independent parser of Prometheus's text format. */
function parsed(text: string): Map<string, Family> {
  const families: Family[] = parsePrometheus(text);
  return new Map(families.map((family) => [family.name, family]));
}

/** The parser reads sum and count of a histogram only without labels. */
const withoutLabels = (text: string): string =>
  text.replaceAll(/\{engine="0",model_name="(?:[^"\\]|\\.)*"(,?)/g, '{').replaceAll('{}', '');

const COUNTERS = [
  'vllm:prefix_cache_queries_total',
  'vllm:prefix_cache_hits_total',
  'vllm:prompt_tokens_total',
  'vllm:generation_tokens_total',
  'vllm:num_preemptions_total',
];
const GAUGES = [
  'vllm:num_requests_running',
  'vllm:num_requests_waiting',
  'vllm:kv_cache_usage_perc',
  'goodput:lateness_seconds',
];
const HISTOGRAMS = [
  'vllm:time_to_first_token_seconds',
  'vllm:inter_token_latency_seconds',
  'vllm:e2e_request_latency_seconds',
  'vllm:request_queue_time_seconds',
  'vllm:request_inference_time_seconds',
  'vllm:request_prefill_time_seconds',
  'vllm:request_decode_time_seconds',
  'vllm:request_prompt_tokens',
  'vllm:request_generation_tokens',
  'goodput:write_lateness_seconds',
];

describe('/metrics', () => {
  let endpoint: Endpoint;
  let base: string;
  beforeAll(async () => {
    // Two at once, 40 blocks of 4: the third waits, and the second is preempted when they need more than 160 tokens.
    endpoint = new Endpoint(
      resolveSettings({
        cost: linear({ base: 5000 }),
        engine: { maxNumSeqs: 2, blockSize: 4, kvBlocks: 40 },
        model: 'a "quoted" \\ name',
      }),
    );
    base = await endpoint.listen();
  });
  afterAll(() => endpoint.close());

  const text = async (): Promise<string> => {
    const reply = await call(base.replace('/v1', '/metrics'), { method: 'GET' });
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    return reply.text;
  };
  const page = async (): Promise<Map<string, Family>> => parsed(await text());
  const valueOf = (families: Map<string, Family>, name: string): number =>
    Number(families.get(name)!.metrics[0]!.value);
  const histogramOf = (families: Map<string, Family>, name: string): Metric =>
    families.get(name)!.metrics[0]!;

  const ask = async (words: string, tokens: number): Promise<void> => {
    const body = { model: 'a "quoted" \\ name', prompt: words, max_tokens: tokens, stream: true };
    const reply = await call(`${base}/completions`, { body });
    expect(reply.status).toBe(200);
  };
  const words = (name: string, count: number): string =>
    Array.from({ length: count }, (_, k) => name + k).join(' ');

  it('has vLLM’s names, in Prometheus’s format, before the first request', async () => {
    const families = await page();
    for (const name of COUNTERS) expect(families.get(name)).toMatchObject({ type: 'COUNTER' });
    for (const name of GAUGES) expect(families.get(name)).toMatchObject({ type: 'GAUGE' });
    for (const name of HISTOGRAMS) expect(families.get(name)).toMatchObject({ type: 'HISTOGRAM' });
    for (const name of [...COUNTERS, ...GAUGES]) expect(valueOf(families, name)).toBe(0);
    expect(families.get('vllm:num_requests_running')!.metrics[0]!.labels).toEqual({
      engine: '0',
      model_name: String.raw`a "quoted" \ name`,
    });
  });

  it('counts tokens, hits, preemptions and waits, and each histogram adds up', async () => {
    await ask(words('same', 41), 2);
    await ask(words('same', 41), 2);
    await Promise.all([ask(words('a', 60), 60), ask(words('b', 60), 60), ask(words('c', 8), 4)]);
    const written = await text();
    const families = parsed(written);
    const bare = parsed(withoutLabels(written));
    expect(valueOf(families, 'vllm:prompt_tokens_total')).toBe(41 + 41 + 60 + 60 + 8);
    expect(valueOf(families, 'vllm:generation_tokens_total')).toBe(2 + 2 + 60 + 60 + 4);
    expect(valueOf(families, 'vllm:prefix_cache_queries_total')).toBe(210);
    expect(valueOf(families, 'vllm:prefix_cache_hits_total')).toBe(40);
    // 60 + 59 tokens take 30 blocks each: two do not fit in 40.
    expect(valueOf(families, 'vllm:num_preemptions_total')).toBeGreaterThanOrEqual(1);
    const success = families.get('vllm:request_success_total')!;
    expect(success.metrics.map(({ labels, value }) => [labels!['finished_reason'], value])).toEqual([
      ['stop', '0.0'],
      ['length', '5.0'],
      ['abort', '0.0'],
    ]);
    for (const [name, count] of [
      ['vllm:time_to_first_token_seconds', 5],
      ['vllm:inter_token_latency_seconds', 128 - 5],
      ['vllm:e2e_request_latency_seconds', 5],
      ['vllm:request_queue_time_seconds', 5],
      ['vllm:request_inference_time_seconds', 5],
      ['vllm:request_prefill_time_seconds', 5],
      ['vllm:request_decode_time_seconds', 5],
      ['vllm:request_prompt_tokens', 5],
      ['vllm:request_generation_tokens', 5],
      ['goodput:write_lateness_seconds', 128],
    ] as const) {
      const { buckets, count: counted, sum } = histogramOf(bare, name);
      const bounds = Object.keys(buckets!);
      const totals = Object.values(buckets!).map(Number);
      expect(bounds.at(-1)).toBe('+Inf');
      expect(totals.at(-1)).toBe(count);
      expect(Number(counted)).toBe(count);
      // Bounds increase, and buckets are cumulative.
      expect(bounds.slice(0, -1).map(Number)).toEqual(
        bounds
          .slice(0, -1)
          .map(Number)
          .toSorted((a, b) => a - b),
      );
      expect(totals).toEqual(totals.toSorted((a, b) => a - b));
      expect(Number(sum)).toBeGreaterThan(0);
    }
    // 123 steps of at least 5 ms between tokens; the third request waited for a place.
    expect(Number(histogramOf(bare, 'vllm:inter_token_latency_seconds').sum)).toBeGreaterThan(
      123 * 0.005 - 1e-9,
    );
    expect(Number(histogramOf(bare, 'vllm:request_queue_time_seconds').sum)).toBeGreaterThan(0.1);
    // vLLM's intervals: after the queue, prefill and decode are the inference; queue and inference are the whole
    // stay.
    const sum = (name: string): number => Number(histogramOf(bare, `vllm:${name}`).sum);
    const inference = sum('request_inference_time_seconds');
    expect(sum('request_prefill_time_seconds') + sum('request_decode_time_seconds')).toBeCloseTo(
      inference,
      6,
    );
    // The gaps between a request's tokens add up to its decode time.
    expect(sum('request_decode_time_seconds')).toBeCloseTo(sum('inter_token_latency_seconds'), 6);
    expect(sum('time_to_first_token_seconds')).toBeCloseTo(
      sum('request_queue_time_seconds') + sum('request_prefill_time_seconds'),
      6,
    );
    expect(sum('request_prompt_tokens')).toBe(210);
    expect(sum('request_generation_tokens')).toBe(128);
    // 40 blocks of 4, and the last token, which is never computed: at most 161 tokens.
    expect(Object.keys(histogramOf(bare, 'vllm:request_prompt_tokens').buckets!)).toEqual([
      '1.0',
      '2.0',
      '5.0',
      '10.0',
      '20.0',
      '50.0',
      '100.0',
      '+Inf',
    ]);
    // Prompts of 41, 41, 60, 60 and 8 tokens.
    expect(histogramOf(bare, 'vllm:request_prompt_tokens').buckets).toMatchObject({
      '5.0': '0.0',
      '10.0': '1.0',
      '50.0': '3.0',
      '100.0': '5.0',
    });
    expect(valueOf(families, 'goodput:lateness_seconds')).toBeGreaterThan(0);
  });

  it('shows running and waiting requests', async () => {
    const all = Promise.all(['x', 'y', 'z'].map((name) => ask(words(name, 4), 60)));
    let seen: [number, number, number];
    do {
      const families = await page();
      seen = [
        valueOf(families, 'vllm:num_requests_running'),
        valueOf(families, 'vllm:num_requests_waiting'),
        valueOf(families, 'vllm:kv_cache_usage_perc'),
      ];
    } while (seen[0] < 2 || seen[1] < 1);
    expect(seen[0]).toBe(2);
    expect(seen[1]).toBe(1);
    // Two requests of 4 to 64 tokens, of 160.
    expect(seen[2]).toBeGreaterThanOrEqual(2 / 40);
    expect(seen[2]).toBeLessThanOrEqual(32 / 40);
    await all;
    const families = await page();
    for (const name of ['num_requests_running', 'num_requests_waiting', 'kv_cache_usage_perc'])
      expect(valueOf(families, `vllm:${name}`)).toBe(0);
  });
});

describe('a histogram', () => {
  it('has inclusive bounds, and counts larger values in +Inf only', () => {
    const histogram = new PrometheusHistogram([1, 2.5]);
    for (const value of [0, 1, 1.0001, 2.5, 9]) histogram.observe(value);
    const family = {
      name: 'h',
      type: 'histogram',
      help: 'H.',
      series: histogram.series({ a: 'b' }),
    } as const;
    expect(exposition([family], decimalText).trimEnd().split('\n').slice(2)).toEqual([
      'h_bucket{a="b",le="1.0"} 2.0',
      'h_bucket{a="b",le="2.5"} 4.0',
      'h_bucket{a="b",le="+Inf"} 5.0',
      'h_sum{a="b"} 13.5001',
      'h_count{a="b"} 5.0',
    ]);
  });
});

describe('the gauge of lateness', () => {
  const idle = { running: 0, waiting: 0, cacheUsage: 0 };
  const gauge = (tally: ServerMetrics, at_us: number): number =>
    Number(parsed(tally.page('m', idle, at_us)).get('goodput:lateness_seconds')!.metrics[0]!.value);

  it('is the maximum of the last 10 to 20 s only', () => {
    const tally = new ServerMetrics(100);
    tally.late(3000, 1_000_000);
    tally.late(1000, 9_000_000);
    expect(gauge(tally, 9_500_000)).toBe(0.003);
    tally.late(2000, 12_000_000);
    expect(gauge(tally, 19_000_000)).toBe(0.003);
    expect(gauge(tally, 20_000_000)).toBe(0.002);
    expect(gauge(tally, 30_000_000)).toBe(0);
    tally.late(500, 31_000_000);
    expect(gauge(tally, 55_000_000)).toBe(0);
    expect(tally.lateness()).toEqual({ mean: 1.625, max: 3 });
  });
});
