import { arrivals } from '../../src/plan/arrivals.ts';
import { BatchingEngine } from '../../src/simulator/engine/batching-engine.ts';
import { stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import type { Pair } from './virtual-prober.ts';

/** Requests at the beginning that are not judged, while the queue reaches its length. */
const SETTLING = 3000;
const BATCHES = 20;

export interface LongRun {
  attainment: number;
  /** Standard error, from twenty batches. */
  error: number;
}

/**
 * Returns the long-run attainment at one rate, on the engine alone: it shares only the plan with a search.
 * @returns early if the gate is unreachable; then `error` is `null`
 */
function longRun(pair: Pair, rate: number, requests: number, seed: number): LongRun | null {
  const { scenario } = pair;
  const limit = (metric: string): number =>
    (scenario.slo.find((slo) => slo.metric === metric)?.value ?? Infinity) * 1000;
  const [ttft_us, tpot_us] = [limit('ttft'), limit('tpot')];
  const plan = { seed, load: { ...scenario.load, rate, warmup: 0, duration: null, requests: 1e9 } };
  const workload = openWorkload({ ...scenario, seed });
  const engine = new BatchingEngine(pair.engine, stepTimeOf(pair.cost));
  const flights = new Map<number, { i: number; start_us: number; first_us: number; output: number }>();
  const total = SETTLING + requests;
  const good = new Float64Array(BATCHES);
  const size = requests / BATCHES;
  let decided = 0;
  let met = 0;
  const onToken = (id: number, k: number, due_us: number): void => {
    const flight = flights.get(id)!;
    if (k === 0) flight.first_us = due_us;
    if (k < flight.output - 1) return;
    flights.delete(id);
    if (flight.i < SETTLING || flight.i >= total) return;
    decided++;
    const pace = due_us - flight.first_us <= tpot_us * (flight.output - 1);
    if (!pace || flight.first_us - flight.start_us > ttft_us) return;
    met++;
    good[Math.floor((flight.i - SETTLING) / size)]!++;
  };
  for (const { i, planned_us } of arrivals(plan)) {
    for (let next = engine.next_us(); next !== null && next <= planned_us; next = engine.next_us())
      engine.advance(next, onToken);
    if (decided >= requests) break;
    if (decided > 2000 && met < 0.3 * decided) return null;
    if (flights.size > 20_000) return null;
    const { input, output } = workload.session(i).turns[0]!;
    const id = engine.submit(planned_us, { prompt: input!, output, chain: [] });
    flights.set(id, { i, start_us: planned_us, first_us: 0, output });
  }
  const attainment = met / requests;
  const squares = good.reduce((sum, each) => sum + (each / size - attainment) ** 2, 0);
  return { attainment, error: Math.sqrt(squares / (BATCHES - 1) / BATCHES) };
}

export interface Truth {
  rate: number;
  /** Standard error of its logarithm. */
  error: number;
  /** −d logit p / d ln rate at the capacity. */
  slope: number;
}

/** Rates around the capacity at which attainment is measured precisely. */
const AROUND = [-0.05, -0.025, 0, 0.025, 0.05];

/** Returns the highest rate with that attainment in the long run; `null` if the range has none. */
export function bruteForce(
  pair: Pair,
  target: number,
  { low, high, requests }: { low: number; high: number; requests: number },
): Truth | null {
  const at = (rate: number, count: number, seed: number): number =>
    longRun(pair, rate, count, seed)?.attainment ?? 0;
  let [from, to] = [Math.log(low), Math.log(high)];
  if (at(low, 2000, 1) < target || at(high, 5000, 1) >= target) return null;
  while (to - from > 0.02) {
    const middle = (from + to) / 2;
    if (at(Math.exp(middle), to - from > 0.3 ? 5000 : 20_000, 2) >= target) from = middle;
    else to = middle;
  }
  const centre = (from + to) / 2;
  const points = AROUND.flatMap((by, k) => {
    const run = longRun(pair, Math.exp(centre + by), requests, 10 + k);
    return run === null ? [] : [{ by, ...run }];
  });
  return crossing(centre, points, target);
}

/** Weighted least squares of the log-odds against the logarithm of the rate; returns where it meets the target. */
function crossing(
  centre: number,
  points: readonly (LongRun & { by: number })[],
  target: number,
): Truth | null {
  const goal = Math.log(target / (1 - target));
  const rows = points
    .filter(({ attainment }) => attainment > 0.3 && attainment < 0.9999)
    .map(({ by, attainment: p, error }) => ({
      x: by,
      y: Math.log(p / (1 - p)) - goal,
      // A curve is only locally a line: a point far from the target counts less.
      w: 1 / ((Math.max(error, 1e-4) / (p * (1 - p))) ** 2 + (0.1 * (Math.log(p / (1 - p)) - goal)) ** 2),
    }));
  if (rows.length < 2) return null;
  const sum = (f: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + f(row), 0);
  const w = sum((row) => row.w);
  const x = sum((row) => row.w * row.x) / w;
  const y = sum((row) => row.w * row.y) / w;
  const slope = sum((row) => row.w * (row.x - x) * (row.y - y)) / sum((row) => row.w * (row.x - x) ** 2);
  if (!(slope < 0)) return null;
  const shift = x - y / slope;
  return { rate: Math.exp(centre + shift), error: Math.sqrt(1 / w) / -slope, slope: -slope };
}
