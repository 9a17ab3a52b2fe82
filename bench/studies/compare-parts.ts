import { intervalsOfAnyLength } from '../../src/analysis/intervals.ts';
import { compare } from '../../src/compare/comparison.ts';
import type { ComparedRun, Sides } from '../../src/compare/compared-run.ts';
import type { ComparedFigure } from '../../src/compare/comparison-document.ts';
import { DEFAULT_DECIDING } from '../../src/compare/figures.ts';
import { RunGroups } from '../../src/compare/run-groups.ts';
import { RunPair } from '../../src/compare/run-pair.ts';
import { nameOf } from '../../src/slo/deciding.ts';
import { randomStream } from '../../src/random.ts';
import { atMost, QuantileSeries } from '../../src/statistics/quantile.ts';
import { shareInterval } from '../../src/statistics/share.ts';
import {
  DECIDING,
  LOADS,
  truthOf,
  type FamilyRow,
  type Outcome,
  type PairRow,
  type PairValues,
  type Single,
  type SingleRow,
  type TruthRow,
} from './compare-rows.ts';
import { jitteryRun, SATURATION_RPS } from './jittery-server.ts';

const TRUTH_REQUESTS = 200_000;
const REQUESTS = 1000;
const ROUNDS = 5;
/** Standard deviation of a run's speed, for servers that drift. */
const DRIFT = 0.01;
/** Factor of the step time on the slower side. */
const SLOWER = { rounds: 1.05, pair: 1.1 };
const PAIR = { rate_rps: 8, duration_s: 120, warmup_s: 30, ttft_ms: 150 };

/** Distance between seeds: no two runs of the study share a plan unless intended. */
const seedOf = (part: 1 | 2 | 3 | 4, load: number, number: number): number =>
  part * 1_000_000_000 + (LOADS.indexOf(load) + 1) * 100_000_000 + number * 100;

/** A warm-up of a thousand requests. */
const planOf = (load: number) => {
  const rate_rps = load * SATURATION_RPS;
  return { rate_rps, warmup_s: Math.ceil(1000 / rate_rps) };
};

export async function truthRow(load: number, number: number): Promise<Omit<TruthRow, 'number'>> {
  const seed = seedOf(1, load, number);
  const { values } = await jitteryRun({
    ...planOf(load),
    seed,
    chance: seed,
    requests: TRUTH_REQUESTS,
    ttft_ms: 1000,
  });
  const figures: Record<string, number> = {};
  for (const metric of ['ttft', 'tpot', 'e2e'])
    for (const aggregation of ['mean', 'p50', 'p90', 'p95', 'p99'])
      figures[`${metric} ${aggregation}`] = values.value(metric, aggregation).value!;
  for (const rate of ['rps', 'output_tps']) figures[rate] = values.value(rate, null).value!;
  return { figures };
}

export async function familyRow(load: number, number: number): Promise<Omit<FamilyRow, 'number'>> {
  const truth = truthOf(load);
  const ttft_ms = truth['ttft p90']!;
  const seed = seedOf(2, load, number);
  const drift = randomStream(seed, 'drift');
  const side = async (name: number, speed: () => number): Promise<ComparedRun[]> => {
    const runs: ComparedRun[] = [];
    for (let round = 0; round < ROUNDS; round++)
      runs.push(
        await jitteryRun({
          ...planOf(load),
          seed: seed + round,
          chance: seed + round * 10 + name,
          requests: REQUESTS,
          slower: speed(),
          ttft_ms,
        }),
      );
    return runs;
  };
  const drifting = (): number => 1 + DRIFT * drift.normal();
  const base = await side(0, () => 1);
  const equal = await side(1, () => 1);
  const slower = await side(4, () => SLOWER.rounds);
  return {
    equals: outcomeOf({ base, new: equal }),
    drifting: outcomeOf({ base: await side(2, drifting), new: await side(3, drifting) }),
    slower: outcomeOf({ base, new: slower }),
    singles: base.map((run) => singleOf(run, truth)),
    pairs: base.map((run, round) => ({
      equals: pairValues(run, equal[(round + 1) % ROUNDS]!),
      slower: pairValues(run, slower[(round + 1) % ROUNDS]!),
    })),
  };
}

export async function singleRow(
  load: number,
  requests: number,
  number: number,
): Promise<Omit<SingleRow, 'number'>> {
  const truth = truthOf(load);
  const seed = seedOf(3, load, number) + requests / 100;
  const run = await jitteryRun({
    ...planOf(load),
    seed,
    chance: seed,
    requests,
    ttft_ms: truth['ttft p90']!,
  });
  return { single: singleOf(run, truth) };
}

export async function pairRow(number: number): Promise<Omit<PairRow, 'number'>> {
  const first = seedOf(4, LOADS[0]!, number);
  const drift = randomStream(first, 'drift');
  const drifting = (): number => 1 + DRIFT * drift.normal();
  const speeds = [1, 1, SLOWER.pair, drifting(), drifting()];
  const runs: ComparedRun[] = [];
  for (const [k, slower] of speeds.entries())
    runs.push(await jitteryRun({ ...PAIR, seed: first + k, chance: first + k, slower }));
  const [base, equal, slower, one, other] = runs as [
    ComparedRun,
    ComparedRun,
    ComparedRun,
    ComparedRun,
    ComparedRun,
  ];
  return {
    equals: outcomeOf({ base: [base], new: [equal] }),
    drifting: outcomeOf({ base: [one], new: [other] }),
    slower: outcomeOf({ base: [base], new: [slower] }),
  };
}

/** Returns the verdict of `goodput compare`, with each figure's own p-value. */
function outcomeOf(sides: Sides): Outcome {
  const { verdict, metrics, rates } = compare(sides);
  const single = sides.base.length === 1;
  const source = single ? new RunPair(sides.base[0]!, sides.new[0]!) : new RunGroups(sides, true);
  const figures: Outcome['figures'] = {};
  for (const figure of DEFAULT_DECIDING) {
    const { metric, aggregation } = figure;
    const found: ComparedFigure = aggregation === null ? rates[metric]! : metrics[metric]![aggregation]!;
    const name = DECIDING.find((each) => each === nameOf(figure))!;
    figures[name] = {
      p: source.difference(figure)?.p ?? 1,
      low_pct: found.low_pct,
      high_pct: found.high_pct,
      verdict: found.verdict,
    };
  }
  return { status: verdict.status, figures };
}

function pairValues(base: ComparedRun, next: ComparedRun): PairValues {
  const pair = new RunPair(base, next);
  const entries = DEFAULT_DECIDING.map((figure) => [nameOf(figure), pair.difference(figure)?.p ?? null]);
  return Object.fromEntries(entries) as PairValues;
}

function singleOf({ series, report }: ComparedRun, truth: Readonly<Record<string, number>>): Single {
  const { metrics, rates } = intervalsOfAnyLength(series, report.rates);
  const intervals: Single['intervals'] = {};
  for (const [metric, figures] of Object.entries(metrics))
    for (const [name, { low, high }] of Object.entries(figures)) intervals[`${metric} ${name}`] = [low, high];
  for (const [rate, { low, high }] of Object.entries(rates)) intervals[rate] = [low, high];
  const ttft = series.metrics.ttft.values();
  const rare = shareInterval(atMost(ttft, truth['ttft p99']!), new QuantileSeries(ttft).burstSize)!;
  intervals['attainment of 99%'] = [rare.low, rare.high];
  return { effective: report.intervals.effective, intervals };
}
