import { expect, test } from 'vitest';
import type { TelemetryReport } from '../../src/analysis/telemetry-figures.ts';
import { renderMarkdown } from '../../src/render/run/markdown.ts';
import { telemetryTexts } from '../../src/render/run/telemetry.ts';
import { renderText } from '../../src/render/run/text.ts';
import { passing } from './reports.ts';

const NOTHING: TelemetryReport = {
  targets: [{ url: 'http://a/metrics', kind: 'tgi', scrapes: 60, failed: 2, scrape_p99_ms: 4.21 }],
  running_mean: null,
  waiting_mean: null,
  waiting_max: null,
  kv_use_mean: null,
  kv_use_max: null,
  prefix_hit_share: null,
  preemptions: null,
  requests: null,
  input_tokens: null,
  output_tokens: null,
  queue_ms: null,
  prefill_ms: null,
  decode_ms: null,
  server_ttft_ms: null,
  residual_ms: null,
  client: { requests: 105, input_tokens: 21_000, output_tokens: 2100, ttft_ms: 133 },
  gpu: {
    busy: null,
    power_watt: null,
    energy_joule: null,
    memory_bytes: null,
    tensor_active: null,
    dram_active: null,
  },
  doubts: [],
};

const textOf = (telemetry: TelemetryReport): string =>
  renderText(
    { ...passing(), report: { ...passing().report, telemetry } },
    { color: false, unicode: true, width: 80 },
  );

test('figures that no target reports are left out', () => {
  expect(telemetryTexts({})).toEqual([]);
  expect(telemetryTexts({ telemetry: NOTHING }).map(({ label }) => label)).toEqual(['Telemetry']);
  expect(textOf(NOTHING)).toMatch(
    /\nTelemetry +http:\/\/a\/metrics \(tgi\): 60 scrapes, 2 failed, p99 4\.21 ms\n/,
  );
});

test('the server’s figures stand next to ours, within 80 columns', () => {
  const text = textOf({
    ...NOTHING,
    running_mean: 25.25,
    waiting_mean: 3.5,
    waiting_max: 12,
    kv_use_mean: 0.41,
    kv_use_max: 0.63,
    prefix_hit_share: 0.37,
    preemptions: 1,
    requests: 105,
    input_tokens: 21_000,
    output_tokens: 2300,
    queue_ms: 40,
    prefill_ms: 75,
    decode_ms: 900,
    server_ttft_ms: 120,
    residual_ms: 13,
    gpu: { ...NOTHING.gpu, busy: 0.97, power_watt: 402.5, energy_joule: 1449, memory_bytes: 70 * 1024 ** 3 },
    doubts: ['The server counted 2300 output tokens, goodput 2100: someone else used the server.'],
  });
  const plain = text.replaceAll(/\s+/g, ' ');
  for (const part of [
    'running 25.3, waiting 3.50 (max 12.0)',
    'KV cache 41% (max 63%), input from the prefix cache 37%, 1 preemption',
    'mean TTFT 120 ms (ours 133 ms), queue 40.0 ms, prefill 75.0 ms, decode 900 ms',
    'residual 13.0 ms of our TTFT',
    '105 requests, 21,000 input, 2300 output tokens (ours 2100)',
    'busy 97%, 403 W each, 70.0 GiB each, 1449 J in all',
    'Doubts The server counted 2300',
  ])
    expect(plain).toContain(part);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('residuals of single answers need no telemetry', () => {
  const server_timing = {
    requests: 9,
    from: 'prefill' as const,
    residual_p50_ms: 1.5,
    residual_p99_ms: 20,
    residual_max_ms: 30,
  };
  const [{ label, texts }] = telemetryTexts({ server_timing }) as [{ label: string; texts: string[] }];
  expect(label).toBe('Server');
  expect(texts.join()).toMatch(/prefill.*queue.*p50 1\.50 ms, p99 20\.0 ms, max 30\.0 ms; 9 answers/);
});

test('Markdown has the same texts', () => {
  const { report, ...rest } = passing();
  const text = renderMarkdown({ ...rest, report: { ...report, telemetry: { ...NOTHING, running_mean: 4 } } });
  expect(text).toMatch(/\| server \| running 4\.00 \|/);
});
