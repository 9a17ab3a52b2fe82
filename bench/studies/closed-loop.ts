import { parseArgs } from 'node:util';
import { intervalsOf, intervalsOfAnyLength } from '../../src/analysis/intervals.ts';
import { ratesFrom, WindowRates } from '../../src/analysis/rates.ts';
import type { Rates } from '../../src/analysis/report.ts';
import { SeriesCollector, type RunSeries } from '../../src/analysis/series.ts';
import { NOTHING_STATED } from '../../src/analysis/stated-report.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import { randomStream } from '../../src/random.ts';
import type { Window } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { engineOf } from '../../src/simulate/engine-settings.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { stepTimeOf } from '../../src/simulator/engine/cost.ts';

/** Measures how close closed-loop rates are to what the server completes, and how often their intervals contain it. */
const HELP = `npm run study -- closed-loop [options]

  --seeds N     runs of each case (40)
  --intervals   how often the 95% intervals of rps hold the served rate, instead of the rates
`;

/** Step time without requests: responses of 64 tokens take 0.69 s with 64 users, and 1.08 s with 8. */
const BASE_US: Readonly<Record<number, number>> = { 4: 4000, 8: 16_000, 16: 9000, 64: 4310 };
const TOKENS = 64;
const PER_SEQUENCE_US = 100;
/** Standard deviation of the step time ÷ its mean. */
const JITTER = 0.02;
/** Requests of the run that determines what the server completes. */
const LONG = 200_000;

/** Output lengths by their standard deviation in tokens. */
const SPREADS = [0, 1, 6, 19, 38, 64] as const;

interface Case {
  users: number;
  stddev: (typeof SPREADS)[number];
  load: Readonly<Record<string, string | number>>;
}

interface Measured {
  rates: Rates;
  series: RunSeries;
}

function simulated({ users, stddev, load }: Case, seed: number): { samples: Sample[]; window: Window } {
  const lengths = { distribution: 'lognormal', mean: TOKENS, stddev, min: 1, max: 64 * TOKENS };
  const scenario = scenarioFromEcho({
    name: 'study',
    seed,
    endpoint: { url: 'simulated' },
    simulator: {
      engine: { maxNumSeqs: 256, maxBatchedTokens: 8192, prefixCaching: false, kvBlocks: 1_000_000 },
      cost: { kind: 'linear', base: BASE_US[users], prefillToken: 2, decodeSequence: PER_SEQUENCE_US },
    },
    workload: { input: { tokens: 16 }, output: stddev === 0 ? { tokens: TOKENS } : lengths },
    load: { warmup: '0s', concurrency: users, drain: '10m', ...load },
  });
  const { engine, cost } = engineOf(scenario.simulator);
  const exact = stepTimeOf(cost);
  const random = randomStream(seed, 'steps');
  return simulateRun(scenario, {
    engine,
    stepTime: (work) => Math.max(1, Math.round(exact(work) * (1 + JITTER * random.normal()))),
  });
}

/** @param rule `open`: a success counts at its end, as in an open loop; `closed`: by shares, as in docs/metrics.md */
function measured(samples: readonly Sample[], window: Window, rule: 'open' | 'closed'): Measured {
  const figures = new RequestFigures({ loop: 'closed', clock: 'sent', deadlines: null });
  const rates = new WindowRates(rule, window.start_us, window.end_us);
  const series = new SeriesCollector('closed', null);
  const sliced = new SeriesCollector(rule, window);
  for (const sample of samples) {
    figures.read(sample);
    rates.add(sample, figures, true);
    sliced.add(sample, figures, true);
    series.add(sample, figures, true);
    const isOfCohort = figures.start_us >= window.start_us && figures.start_us < window.end_us;
    if (isOfCohort) series.addOfCohort(sample, figures, 'good');
  }
  const unknown = { lost: 0, judged: 0, good: 0, failed: 0 };
  return {
    rates: ratesFrom(rates.totals(window.end_us - window.start_us, unknown), NOTHING_STATED),
    series: { ...series.series(), sliced: sliced.series().sliced },
  };
}

const residenceOf = (users: number): number => (TOKENS * (BASE_US[users]! + users * PER_SEQUENCE_US)) / 1e6;

const known = new Map<string, number>();

/** Returns what the server completes per second, by its log of a run so long that the edges do not matter. */
function servedBy({ users, stddev }: Pick<Case, 'users' | 'stddev'>): number {
  const key = `${users} ${stddev}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const residence = residenceOf(users);
  const load = {
    warmup: `${20 * residence}s`,
    duration: `${(LONG * residence) / users}s`,
  };
  const { samples, window } = simulated({ users, stddev, load }, 1);
  const completed = samples.filter(({ ended_us }) => ended_us > window.start_us && ended_us <= window.end_us);
  const served = completed.length / ((window.end_us - window.start_us) / 1e6);
  known.set(key, served);
  return served;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;
const rms = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)));
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
const row = (...cells: (string | number)[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);
const head = (...cells: string[]): void => {
  row(...cells);
  row(...cells.map(() => '---'));
};

const LOADS: readonly Omit<Case, 'stddev'>[] = [
  { users: 64, load: { requests: 640 } },
  { users: 64, load: { requests: 640, warmup: '3s' } },
  { users: 64, load: { duration: '7s' } },
  { users: 64, load: { duration: '20s', warmup: '3s' } },
  { users: 8, load: { duration: '5s' } },
  { users: 8, load: { duration: '30s', warmup: '5s' } },
  { users: 8, load: { requests: 100 } },
  { users: 16, load: { duration: '10s', warmup: '3s' } },
];

function rateTable(seeds: number): void {
  head(
    'users',
    'load',
    'output tokens',
    'served, req/s',
    'before',
    'off by, %',
    'rms',
    'now',
    'off by, %',
    'rms',
  );
  for (const stddev of SPREADS)
    for (const { users, load } of LOADS) {
      const served = servedBy({ users, stddev });
      const found = { open: [] as number[], closed: [] as number[] };
      for (let seed = 2; seed < seeds + 2; seed++) {
        const { samples, window } = simulated({ users, stddev, load }, seed);
        for (const rule of ['open', 'closed'] as const)
          found[rule].push(measured(samples, window, rule).rates.rps!);
      }
      const cells = (['open', 'closed'] as const).flatMap((rule) => {
        const errors = found[rule].map((rps) => rps / served - 1);
        return [mean(found[rule]).toFixed(2), signed(mean(errors)), (100 * rms(errors)).toFixed(1)];
      });
      const text = Object.entries(load).map(([key, value]) => `${key} ${value}`);
      row(users, text.join(', '), `${TOKENS} ± ${stddev}`, served.toFixed(2), ...cells);
    }
}

const WAVES = [1.5, 3, 5, 10, 20, 100];

function intervalTable(seeds: number): void {
  head(
    'users',
    'output tokens',
    'responses a slot',
    'before, %',
    '± %',
    'now, %',
    '± %',
    'error, rms %',
    'shown, %',
    'of those, %',
  );
  for (const users of [4, 16, 64])
    for (const stddev of [0, 6, 19, 38, 64] as const)
      for (const waves of WAVES) {
        const served = servedBy({ users, stddev });
        const residence = residenceOf(users);
        const load = { warmup: `${5 * residence}s`, duration: `${waves * residence}s` };
        const found = { open: { held: 0, half: 0 }, closed: { held: 0, half: 0 } };
        const errors: number[] = [];
        const shown = { runs: 0, held: 0 };
        for (let seed = 2; seed < seeds + 2; seed++) {
          const { samples, window } = simulated({ users, stddev, load }, seed);
          for (const rule of ['open', 'closed'] as const) {
            const { rates, series } = measured(samples, window, rule);
            const { low, high } = intervalsOfAnyLength(series, rates).rates['rps']!;
            const holds = low! <= served && served <= high!;
            found[rule].held += Number(holds);
            found[rule].half += (high! - low!) / 2 / served;
            if (rule === 'open') continue;
            errors.push(rates.rps! / served - 1);
            const gated = intervalsOf(series, rates, { steadyLoad: true, lost: 0 }).rates['rps'];
            shown.runs += Number(gated !== undefined);
            shown.held += Number(gated !== undefined && holds);
          }
        }
        const percent = (part: number, whole: number): string =>
          whole === 0 ? '–' : ((100 * part) / whole).toFixed(0);
        const cells = (['open', 'closed'] as const).flatMap((rule) => [
          percent(found[rule].held, seeds),
          ((100 * found[rule].half) / seeds).toFixed(2),
        ]);
        row(
          users,
          `${TOKENS} ± ${stddev}`,
          waves,
          ...cells,
          (100 * rms(errors)).toFixed(2),
          percent(shown.runs, seeds),
          percent(shown.held, shown.runs),
        );
      }
}

export function closedLoopStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '40' },
      intervals: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else (values.intervals ? intervalTable : rateTable)(Number(values.seeds));
  return Promise.resolve();
}
