import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare } from '../../src/compare/comparison.ts';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import type { Comparison } from '../../src/compare/document.ts';
import { randomStream } from '../../src/random.ts';
import { batchedInterval, batchedMean } from '../../src/statistics/batches.ts';
import type { Interval } from '../../src/statistics/interval.ts';
import { QuantileSeries } from '../../src/statistics/quantile.ts';
import { shareInterval } from '../../src/statistics/share.ts';
import { compareReport } from './compare-report.ts';
import { jitteryRun, SATURATION_RPS } from './jittery-server.ts';

/** How often `goodput compare` is right, on a simulated server whose steps vary by chance. */
const HELP = `npm run study -- compare --part PART [options]

  --part truth      what the figures are of a run of 200,000 requests, and the TTFT limit that 90% of them meet; first of all
  --part families   five rounds of 1,000 requests: of equals, of equals whose speed drifts by 1% a run, against a step 5% slower
  --part pairs      two single runs of two minutes at 8 requests/s: equals, and against a step 10% slower
  --report          the tables of all that was done so far, as Markdown

  --load SHARE      of saturation: 0.3, 0.6, 0.8 or 0.9 (truth, families)
  --from N --to N   which of them, from 1; what is done already is left out
`;

export const LOADS = [0.3, 0.6, 0.8, 0.9];
const FOLDER = join('.cache', 'studies', 'compare');
const TRUTH_REQUESTS = 200_000;
const REQUESTS = 1000;
const ROUNDS = 5;
const DRIFT = 0.01;
const PAIR = { rate_rps: 8, duration_s: 120, warmup_s: 30, ttft_ms: 150 };

export interface Truth {
  ttft_p90: number;
  ttft_mean: number;
  ttft_p50: number;
  ttft_p95: number;
  tpot_mean: number;
}

/** What a comparison said, short. */
export interface Outcome {
  status: Comparison['verdict']['status'];
  /** Deciding figures whose interval leaves 0 out. */
  apart: string[];
}

/** An interval of one run. */
export type Single = Record<string, Interval | null>;

export interface Family {
  family: number;
  equals: Outcome;
  drifting: Outcome;
  slower: Outcome;
  /** Of the runs of the base, by figure. */
  singles: Single[];
}

export interface PairRow {
  pair: number;
  equals: Outcome;
  slower: Outcome;
}

export async function compareStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      part: { type: 'string' },
      load: { type: 'string', default: '0.3' },
      from: { type: 'string', default: '1' },
      to: { type: 'string', default: '60' },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  mkdirSync(FOLDER, { recursive: true });
  const load = Number(values.load);
  const range = { from: Number(values.from), to: Number(values.to) };
  if (values.report) process.stdout.write(compareReport());
  else if (values.part === 'truth') await truth(load);
  else if (values.part === 'families') await families(load, range);
  else if (values.part === 'pairs') await pairs(range);
  else process.stdout.write(HELP);
}

export const truthFile = (load: number): string => join(FOLDER, `truth-${load}.json`);
export const familiesFile = (load: number): string => join(FOLDER, `families-${load}.jsonl`);
export const pairsFile = (): string => join(FOLDER, 'pairs.jsonl');

/** A warm-up of a thousand requests. */
const planOf = (load: number) => {
  const rate_rps = load * SATURATION_RPS;
  return { rate_rps, warmup_s: Math.ceil(1000 / rate_rps) };
};

async function truth(load: number): Promise<void> {
  const plan = { ...planOf(load), seed: 900_000_001, chance: 1, requests: TRUTH_REQUESTS, ttft_ms: 1000 };
  const { values } = await jitteryRun(plan);
  const at = (metric: string, aggregation: string): number => values.value(metric, aggregation).value!;
  const found: Truth = {
    ttft_p90: at('ttft', 'p90'),
    ttft_mean: at('ttft', 'mean'),
    ttft_p50: at('ttft', 'p50'),
    ttft_p95: at('ttft', 'p95'),
    tpot_mean: at('tpot', 'mean'),
  };
  writeFileSync(truthFile(load), `${JSON.stringify(found, null, 2)}\n`);
}

async function families(load: number, { from, to }: { from: number; to: number }): Promise<void> {
  const { ttft_p90 } = JSON.parse(readFileSync(truthFile(load), 'utf8')) as Truth;
  const done = new Set(rowsIn<Family>(familiesFile(load)).map(({ family }) => family));
  for (let family = from; family <= to; family++) {
    if (done.has(family)) continue;
    const drift = randomStream(family, `drift ${load}`);
    const side = (name: number, speed: () => number): Promise<ComparedRun[]> =>
      Promise.all(
        Array.from({ length: ROUNDS }, (_, round) =>
          jitteryRun({
            ...planOf(load),
            seed: family * 1000 + round,
            chance: family * 1000 + round * 10 + name,
            requests: REQUESTS,
            slower: speed(),
            ttft_ms: ttft_p90,
          }),
        ),
      );
    const base = await side(0, () => 1);
    const drifting = (): number => 1 + DRIFT * drift.normal();
    const row: Family = {
      family,
      equals: outcomeOf(base, await side(1, () => 1)),
      drifting: outcomeOf(await side(2, drifting), await side(3, drifting)),
      slower: outcomeOf(base, await side(4, () => 1.05)),
      singles: base.map(singleOf),
    };
    appendFileSync(familiesFile(load), `${JSON.stringify(row)}\n`);
  }
}

async function pairs({ from, to }: { from: number; to: number }): Promise<void> {
  const done = new Set(rowsIn<PairRow>(pairsFile()).map(({ pair }) => pair));
  for (let pair = from; pair <= to; pair++) {
    if (done.has(pair)) continue;
    const [base, equal, slower] = await Promise.all(
      [1, 1, 1.1].map((slower, k) =>
        jitteryRun({ ...PAIR, seed: 5_000_000 + pair * 10 + k, chance: pair * 10 + k, slower }),
      ),
    );
    const row: PairRow = {
      pair,
      equals: outcomeOf([base!], [equal!]),
      slower: outcomeOf([base!], [slower!]),
    };
    appendFileSync(pairsFile(), `${JSON.stringify(row)}\n`);
  }
}

function outcomeOf(base: readonly ComparedRun[], next: readonly ComparedRun[]): Outcome {
  const { verdict, metrics, rates } = compare({ base, new: next });
  const apart = verdict.deciding.filter((name) => {
    const [metric, aggregation] = name.split(' ') as [string, string?];
    const { low, high } = aggregation === undefined ? rates[metric]! : metrics[metric]![aggregation]!;
    return (low !== null && low > 0) || (high !== null && high < 0);
  });
  return { status: verdict.status, apart };
}

/** The intervals of statistics.md's table, before any gate. */
function singleOf({ series }: ComparedRun): Single {
  const ttft = new QuantileSeries(series.metrics.ttft);
  return {
    'ttft mean': batchedInterval(batchedMean(series.metrics.ttft)!),
    'tpot mean': batchedInterval(batchedMean(series.metrics.tpot)!),
    attainment: shareInterval(series.good, ttft.burstSize),
    'ttft p50': ttft.interval(0.5),
    'ttft p95': ttft.interval(0.95),
  };
}

export const rowsIn = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    : [];
