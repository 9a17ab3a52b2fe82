import { analyze } from '../../src/analysis/analyze.ts';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { audit } from '../../src/verdict/audit.ts';
import { requests } from '../analysis/run.ts';
import { headerOf } from '../analysis/headers.ts';

type Header = Partial<Omit<RunHeader, 'load'>> & { load?: Partial<RunHeader['load']> };

/** A run of given samples, scored. */
export async function comparedRun(samples: Iterable<Sample>, header: Header = {}): Promise<ComparedRun> {
  const whole = headerOf({ scenario: SCENARIO, ...header, id: header.id ?? `id ${count++}` });
  const scenario = scenarioFromEcho(whole.scenario);
  const { report, values, series } = await analyze(whole, '', samples, scenario.slo);
  return {
    dir: `reports/${whole.id}`,
    header: whole,
    scenario,
    report,
    values,
    series,
    audit: audit(report, values),
  };
}

let count = 0;

export const SCENARIO = {
  endpoint: { url: 'http://127.0.0.1/v1' },
  load: { rate: '10/s', warmup: '0s', duration: '60s' },
  slo: { ttft: '200ms' },
};

/** 600 requests in a minute, one every 100 ms, TTFT given in ms, TPOT 20 ms. */
export const withTtft = (ttft: (i: number) => number, header: Header = {}): Promise<ComparedRun> =>
  comparedRun(
    requests(600, (i) => {
      const first = i * 100_000 + Math.round(ttft(i) * 1000);
      return { events_us: [first, 20_000], ended_us: first + 20_000 };
    }),
    header,
  );

/** Returns a run of the simulated engine with this cost, on a virtual clock. */
export function simulated(
  seed: number,
  {
    slower = 1,
    rate = '8/s',
    minutes = 2,
    scenario = {},
  }: { slower?: number; rate?: string; minutes?: number; scenario?: object } = {},
): Promise<ComparedRun> {
  const echo = {
    seed,
    endpoint: { url: 'simulated' },
    simulator: {
      engine: { maxNumSeqs: 32, maxBatchedTokens: 2048, prefixCaching: false },
      cost: {
        kind: 'linear',
        base: 8000 * slower,
        prefillToken: 40 * slower,
        decodeSequence: 100 * slower,
        contextToken: 0.05 * slower,
      },
    },
    workload: {
      input: { distribution: 'lognormal', mean: 300, stddev: 200, min: 1, max: 4000 },
      output: { distribution: 'lognormal', mean: 80, stddev: 50, min: 1, max: 2000 },
    },
    load: { rate, warmup: '30s', duration: `${minutes}m` },
    slo: { ttft: '150ms', tpot: '20ms' },
    ...scenario,
  };
  const run = simulateRun(scenarioFromEcho(echo));
  return comparedRun(run.samples, {
    scenario: echo,
    seed,
    window: run.window,
    endpoint: { url: 'simulated', api: 'chat', model: 'simulated', simulated: true, virtual: true, said: {} },
    load: { warmup_s: 30, duration_s: minutes * 60 },
  });
}
