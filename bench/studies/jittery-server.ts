import { analyze } from '../../src/analysis/analyze.ts';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { randomStream } from '../../src/random.ts';
import type { RunHeader } from '../../src/record/header.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { engineOf } from '../../src/simulate/engine-settings.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { audit } from '../../src/verdict/audit.ts';

/** The server of the statistics study: it saturates at 24.1 requests/s of this workload. */
export const SATURATION_RPS = 24.1;
const SIMULATOR = {
  engine: { maxNumSeqs: 32, maxBatchedTokens: 2048, prefixCaching: false, kvBlocks: 20_000 },
  cost: { kind: 'linear', base: 8000, prefillToken: 40, decodeSequence: 100, contextToken: 0.05 },
};
const WORKLOAD = {
  input: { distribution: 'lognormal', mean: 300, stddev: 200, min: 1, max: 4000 },
  output: { distribution: 'lognormal', mean: 80, stddev: 50, min: 1, max: 2000 },
};
/** Step times vary at random. */
const JITTER = 0.05;

export interface RunPlan {
  /** Seed of the plan: arrivals and lengths. */
  seed: number;
  /** Seed of the step times: two runs of one plan differ in it. */
  chance: number;
  rate_rps: number;
  /** Length by requests, after a warm-up of `warmup_s`; or by time. */
  requests?: number;
  duration_s?: number;
  warmup_s: number;
  /** Factor of the step time. */
  slower?: number;
  ttft_ms: number;
}

let count = 0;

/** Runs that server in virtual time and scores the run. */
export async function jitteryRun(plan: RunPlan): Promise<ComparedRun> {
  const { seed, chance, rate_rps, requests = null, duration_s = null, warmup_s, slower = 1 } = plan;
  const echo = {
    name: 'study',
    seed,
    endpoint: { url: 'simulated' },
    simulator: SIMULATOR,
    workload: WORKLOAD,
    load: {
      rate: `${rate_rps}/s`,
      warmup: `${warmup_s}s`,
      ...(requests === null ? { duration: `${duration_s}s` } : { requests }),
      drain: '10m',
    },
    slo: { ttft: `${plan.ttft_ms}ms` },
  };
  const scenario = scenarioFromEcho(echo);
  const { engine, cost } = engineOf(scenario.simulator);
  const exact = stepTimeOf(cost);
  const random = randomStream(chance, 'steps');
  const run = simulateRun(scenario, {
    engine,
    stepTime: (work) => Math.max(1, Math.round(exact(work) * slower * (1 + JITTER * random.normal()))),
  });
  const header: RunHeader = {
    schemaVersion: 1,
    version: 'study',
    id: `run ${count++}`,
    name: 'study',
    started: new Date(0).toISOString(),
    origin: { epoch_ms: 0, monotonic_ns: '0' },
    scenario: echo,
    seed,
    environment: { node: '', os: '', cpu: '', cores: 1, memory_bytes: 0 },
    endpoint: { url: 'simulated', api: 'chat', model: 'simulated', simulated: true, virtual: true, said: {} },
    load: {
      loop: 'open',
      arrivals: 'poisson',
      rate_rps,
      concurrency: null,
      max_concurrency: null,
      clock: 'planned',
      requests,
      warmup_s,
      duration_s,
    },
    window: run.window,
    phases: run.phases,
    planned: run.planned,
    workers: [],
    main: null,
    process: null,
    host: null,
    probe: null,
    notes: [],
    status: 'complete',
    reason: null,
  };
  const { report, values, series } = await analyze(header, '', run.samples, scenario.slo);
  return { dir: header.id, header, scenario, report, values, series, audit: audit(report, values) };
}
