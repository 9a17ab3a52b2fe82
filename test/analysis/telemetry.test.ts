import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import { energyOver } from '../../src/analysis/telemetry-energy.ts';
import { telemetryReport } from '../../src/analysis/telemetry-figures.ts';
import { runningMeanOver } from '../../src/analysis/telemetry-gauges.ts';
import { isKnownSeries } from '../../src/analysis/telemetry-names.ts';
import type { Window } from '../../src/record/header.ts';
import type { Scrape } from '../../src/record/telemetry.ts';
import { PageReader } from '../../src/telemetry/prometheus-text.ts';
import { casesOf, relativeDifference } from '../machine/cases.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf } from './headers.ts';

interface Answer {
  target: string;
  sent_us: number;
  received_us: number;
  text: string;
}

interface Inputs {
  window: Window;
  samples: Parameters<typeof sampleOf>[0][];
  scrapes?: Answer[];
  telemetry?: Answer[];
}

type Telemetry = Record<string, unknown> & { kinds: string[] };

const scrapesOf = ({ scrapes, telemetry }: Inputs): Scrape[] =>
  (scrapes ?? telemetry ?? []).map(({ target, sent_us, received_us, text }) => ({
    target,
    sentUs: sent_us,
    receivedUs: received_us,
    error: null,
    // A report keeps only the series that it needs.
    values: Object.fromEntries(
      Object.entries(new PageReader().read(text)).filter(([series]) => isKnownSeries(series)),
    ),
  }));

async function reportOf(inputs: Inputs) {
  const header = headerOf({ window: inputs.window });
  const { client, extent } = await analyze(header, '', inputs.samples.map(sampleOf), []);
  return telemetryReport(scrapesOf(inputs), extent.window, { client });
}

const runs = casesOf<Inputs, { telemetry?: Telemetry; energy?: Record<string, unknown> }>('run').filter(
  ({ inputs }) => inputs.telemetry !== undefined,
);

const cases = [
  ...casesOf<Inputs, Telemetry>('telemetry'),
  ...runs.map((each) => ({ ...each, expect: each.expect.telemetry! })),
];

describe.each(cases)('$name: $what', ({ inputs, expect: { kinds, ...figures }, tolerance }) => {
  test('figures', async () => {
    const report = await reportOf(inputs);
    expect(report.targets.map(({ kind }) => kind)).toEqual(kinds);
    expect(relativeDifference(report, figures)).toBeLessThan(tolerance);
  });
});

test.each(runs)('$name: energy and running requests', ({ inputs, expect: { energy, telemetry } }) => {
  const scrapes = scrapesOf(inputs);
  const measured = energyOver(scrapes, inputs.window)!;
  expect(measured.from).toBe(energy!['from']);
  expect(measured.joule).toBeCloseTo(Number(energy!['joule']), 6);
  expect(measured.meanWatt).toBeCloseTo(Number(energy!['mean_watt']), 6);
  expect(runningMeanOver(scrapes, inputs.window)).toBe(telemetry!['running_mean']);
});

const WINDOW = { start_us: 0, end_us: 10e6 };
const NO_REQUESTS = {
  client: {
    firstTokens: 0,
    ttftSent: null,
    inputTokens: 0,
    uncachedTokens: 0,
    outputTokens: 0,
    serverTiming: null,
  },
};

/** Scrapes of one target, one for each value, at 0, 1, 2 … seconds. */
const counted = (series: string, values: readonly (number | null)[], target = 'http://a/metrics'): Scrape[] =>
  values.map((value, k) => ({
    target,
    sentUs: k * 1e6 - 1000,
    receivedUs: k * 1e6,
    values: value === null ? null : { [series]: value },
    error: value === null ? 'connection refused' : null,
  }));

test('a counter that decreases has counted from 0 again, also after failed scrapes, and the report says when', () => {
  const scrapes = counted('vllm:generation_tokens_total', [100, 250, null, 30, 40]);
  const { output_tokens, targets, doubts } = telemetryReport(scrapes, WINDOW, NO_REQUESTS);
  expect(output_tokens).toBe(150 + 40);
  expect(targets[0]).toMatchObject({ scrapes: 5, failed: 1, kind: 'vllm' });
  expect(doubts.join()).toMatch(/restarted.* 3\.00 s /);
});

test('a counter whose label appears during the run counts from 0', () => {
  const [first, second] = counted('vllm:request_success_total{finished_reason="stop"}', [7, 9]);
  second!.values = { ...second!.values, 'vllm:request_success_total{finished_reason="abort"}': 2 };
  expect(telemetryReport([first!, second!], WINDOW, NO_REQUESTS).requests).toBe(4);
});

test('requests of several servers add up, shares are averaged, and the maximum is of one instant', () => {
  const two = (series: string, one: number[], other: number[]): Scrape[] => [
    ...counted(series, one),
    ...counted(series, other, 'http://b/metrics'),
  ];
  const waiting = telemetryReport(two('sglang:num_queue_reqs', [4, 0, 2], [0, 3, 3]), WINDOW, NO_REQUESTS);
  expect(waiting.waiting_mean).toBeCloseTo(2 + 2, 12);
  expect(waiting.waiting_max).toBe(5);
  const use = telemetryReport(two('sglang:token_usage', [0.2, 0.4], [0.6, 1]), WINDOW, NO_REQUESTS);
  expect(use.kv_use_mean).toBeCloseTo(0.55, 12);
  expect(use.kv_use_max).toBeCloseTo(0.7, 12);
});

test('the old name of a gauge is not read next to the new one', () => {
  const scrapes = counted('vllm:kv_cache_usage_perc', [0.5]);
  scrapes[0]!.values = { ...scrapes[0]!.values, 'vllm:gpu_cache_usage_perc': 0.1 };
  expect(telemetryReport(scrapes, WINDOW, NO_REQUESTS).kv_use_mean).toBe(0.5);
});

test('energy needs a scrape on both sides of the window, else it comes from power', () => {
  const scrapes = counted('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', [0, 1000, 2000]);
  for (const scrape of scrapes) scrape.values = { ...scrape.values, DCGM_FI_DEV_POWER_USAGE: 3 };
  expect(energyOver(scrapes, { start_us: 500_000, end_us: 1_500_000 })).toEqual({
    from: 'counter',
    joule: 1,
    meanWatt: 1,
  });
  expect(energyOver(scrapes, { start_us: 500_000, end_us: 4_500_000 })).toEqual({
    from: 'power',
    joule: 12,
    meanWatt: 3,
  });
  expect(energyOver(scrapes, { start_us: 5e6, end_us: 6e6 })).toBeNull();
});

test.each([
  [1009, false],
  [1011, true],
  [980, true],
])('a server that counted %d output tokens of our 1000 is doubted: %s', (server, isDoubted) => {
  const { doubts } = telemetryReport(counted('vllm:generation_tokens_total', [0, server]), WINDOW, {
    client: { ...NO_REQUESTS.client, outputTokens: 1000 },
  });
  expect(doubts.some((doubt) => /\b1000\b/.test(doubt))).toBe(isDoubted);
});

test('devices that two targets report are read from one of them', () => {
  const scrapes = [
    ...counted('DCGM_FI_DEV_POWER_USAGE{gpu="0"}', [400, 400]),
    ...counted('power.draw{index="0"}', [390, 390], 'nvidia-smi'),
  ];
  expect(energyOver(scrapes, { start_us: 0, end_us: 1e6 })?.joule).toBe(400);
});

test.each([
  [0.5, 0.31, false],
  [0.5, 0.29, true],
  [0.5, null, false],
])('tensor cores at %d and a computed MFU of %d are doubted: %s', (active, mfu, isDoubted) => {
  const scrapes = counted('DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', [active, active]);
  const { doubts } = telemetryReport(scrapes, WINDOW, { ...NO_REQUESTS, machine: { mfu, mbu: null } });
  expect(doubts.some((doubt) => /tensor.*50%.*MFU/.test(doubt))).toBe(isDoubted);
});
