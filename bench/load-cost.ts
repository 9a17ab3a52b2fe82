import type { SuiteResult } from './report.ts';
import { figure, ratios } from './rounds.ts';
import { wholeRun } from './whole-run.ts';

/** The cost of a run: CPU time of its process per request, and how late requests were sent. */
interface LoadCost {
  cpu_us: number;
  p50_ms: number;
  p99_ms: number;
}

export const WARMUP_S = 2;

/**
 * Returns the cost of a run against a server that answers at once.
 * @param events of an answer
 * @param seconds the length of the measurement; `null`: the scenario has it
 */
export async function loadCost(events: number, scenario: string, seconds: number | null): Promise<LoadCost> {
  const load = { mode: 'answer', streams: 0, events, rate: 1, groups: 0 } as const;
  const options = {
    'no-probe': true,
    warmup: `${WARMUP_S}s`,
    drain: '5s',
    ...(seconds === null ? {} : { duration: `${seconds}s` }),
  } as const;
  const { summary, used } = await wholeRun(load, options, 120, scenario);
  const { counts, audit } = summary;
  if (counts.failed > 0) throw new Error(`${counts.failed} requests failed with ${scenario}`);
  return {
    cpu_us: used.cpu_us / counts.sent,
    p50_ms: audit.send_lag_p50_ms ?? Number.NaN,
    p99_ms: audit.send_lag_p99_ms ?? Number.NaN,
  };
}

/**
 * Returns the figures of a load, compared with another in each round.
 * @param than the other load, in words
 */
export function costFigures(
  costs: readonly LoadCost[],
  base: readonly LoadCost[],
  than: string,
): SuiteResult['rows'][number]['figures'] {
  const of = (name: keyof LoadCost, all = costs): number[] => all.map((cost) => cost[name]);
  return {
    cpu: figure('CPU per request', 'µs', of('cpu_us')),
    cpu_ratio: figure(`÷ ${than}`, '', ratios(of('cpu_us'), of('cpu_us', base))),
    p50: figure('send lag p50', 'ms', of('p50_ms')),
    p99: figure('p99', 'ms', of('p99_ms')),
    p99_ratio: figure(`p99 ÷ ${than}`, '', ratios(of('p99_ms'), of('p99_ms', base))),
  };
}
