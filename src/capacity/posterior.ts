import { normalTail } from '../statistics/special.ts';
import { type Evidence, evidenceOf, logistic, logit, pooledDesign } from './noise.ts';
import { type Axis, counts, type Probe } from './probe.ts';

/**
 * What the probes together say of the capacity.
 *
 * Model: the log-odds of attainment fall in a straight line with the logarithm of the load, logit p = logit(target) −
 * s·(u − θ): θ is the logarithm of the capacity, s the slope. Both are looked for on a grid, each as likely as any other on
 * its logarithmic scale beforehand.
 */
export interface Posterior {
  /** Of the capacity, in the unit of the axis: 5 %, 25 %, 50 %, 75 % and 95 % points. */
  low: number;
  lower: number;
  median: number;
  upper: number;
  high: number;
  /** Design effect that the probes were weighed with. */
  design: number;
  /** Attainment at a load, in the unit of the axis: 5 %, 50 % and 95 % points of what the probes leave open. */
  attainmentAt(load: number): { low: number; value: number; high: number };
}

const CAPACITIES = 121;
const SLOPES = Array.from({ length: 13 }, (_, k) => 1.6 * (102 / 1.6) ** (k / 12));
/** Beyond what any single probe may say against a value: a probe may be wrong for reasons that no model has. */
const FLOOR = -40;
/** Share of the difference between planned and offered load that the server felt. */
const OFFERED_SHARE = 0.7;

/**
 * Where a probe stands on the axis: the logarithm of its load. Of a rate that of the load really offered, in part: a window
 * that happened to get more requests than planned says more of a higher rate.
 */
export function loadOf(probe: Probe, axis: Axis): number {
  const planned = Math.log(probe.level);
  if (axis === 'concurrency' || probe.sent === 0) return planned;
  const seconds = probe.warmup_s + probe.window_s;
  return planned + OFFERED_SHARE * Math.log(probe.sent / (probe.level * seconds));
}

/**
 * @param bounds the loads that passed and failed, between which the capacity is thought to lie
 * @returns `null` where no probe counts
 */
export function posteriorOf(
  probes: readonly Probe[],
  { axis, target, bounds }: { axis: Axis; target: number; bounds: { low: number; high: number } },
): Posterior | null {
  const used = probes.filter(counts);
  if (used.length === 0) return null;
  const loads = used.map((probe) => loadOf(probe, axis));
  const goal = logit(target);
  const design = pooledDesign(used);
  const fitted = (value: number): Grid =>
    fit(
      used,
      loads,
      used.map((probe) => evidenceOf(probe, value, target)),
      goal,
      bounds,
    );
  const first = fitted(design);
  const raised = Math.max(design, dispersion(used, loads, first, goal));
  const grid = raised === design ? first : fitted(raised);
  return {
    low: Math.exp(grid.quantile(0.05)),
    lower: Math.exp(grid.quantile(0.25)),
    median: Math.exp(grid.quantile(0.5)),
    upper: Math.exp(grid.quantile(0.75)),
    high: Math.exp(grid.quantile(0.95)),
    design: raised,
    attainmentAt: (load) => grid.attainment(Math.log(load), goal),
  };
}

/** Probabilities over θ (rows) and slopes, on a grid of equal steps. */
class Grid {
  readonly #from: number;
  readonly #step: number;
  readonly #weights: readonly Float64Array[];
  /** P(θ at or below grid point). */
  readonly #cumulated: Float64Array;

  constructor(from: number, step: number, weights: readonly Float64Array[]) {
    this.#from = from;
    this.#step = step;
    this.#weights = weights;
    const rows = weights.map((row) => row.reduce((sum, each) => sum + each, 0));
    const total = rows.reduce((sum, each) => sum + each, 0);
    let sum = 0;
    this.#cumulated = Float64Array.from(rows, (row) => (sum += row / total));
  }

  /** Each grid point stands for the step around it. */
  quantile(p: number): number {
    const at = Math.min(
      CAPACITIES - 1,
      this.#cumulated.findIndex((each) => each >= p),
    );
    if (at < 0) return this.#from + (CAPACITIES - 1) * this.#step;
    const before = at === 0 ? 0 : this.#cumulated[at - 1]!;
    const share = (p - before) / (this.#cumulated[at]! - before);
    return this.#from + (at - 0.5 + share) * this.#step;
  }

  /** The most likely pair. */
  best(): { theta: number; slope: number } {
    let best = { theta: 0, slope: 0, weight: -1 };
    this.#each((theta, slope, weight) => {
      if (weight > best.weight) best = { theta, slope, weight };
    });
    return best;
  }

  attainment(u: number, goal: number): { low: number; value: number; high: number } {
    const values: { p: number; weight: number }[] = [];
    let total = 0;
    this.#each((theta, slope, weight) => {
      values.push({ p: logistic(goal - slope * (u - theta)), weight });
      total += weight;
    });
    values.sort((a, b) => a.p - b.p);
    const at = (share: number): number => {
      let sum = 0;
      for (const { p, weight } of values) if ((sum += weight) >= share * total) return p;
      return values.at(-1)!.p;
    };
    return { low: at(0.05), value: at(0.5), high: at(0.95) };
  }

  #each(use: (theta: number, slope: number, weight: number) => void): void {
    this.#weights.forEach((row, at) => {
      for (let k = 0; k < row.length; k++) use(this.#from + at * this.#step, SLOPES[k]!, row[k]!);
    });
  }
}

/** Finds the stretch of θ that holds the posterior: from the bracket, wider where that nears an edge, narrower where it fills little. */
function fit(
  probes: readonly Probe[],
  loads: readonly number[],
  evidence: readonly Evidence[],
  goal: number,
  bounds: { low: number; high: number },
): Grid {
  let from = Math.log(bounds.low / 1.4);
  let to = Math.log(bounds.high * 1.25);
  let grid = gridOver(from, to, probes, loads, evidence, goal);
  for (let tries = 0; tries < 40; tries++) {
    const low = grid.quantile(0.05);
    const high = grid.quantile(0.95);
    const near = (to - from) / 20;
    const before = { from, to };
    if (low - from < near) from -= 0.3;
    if (to - high < near) to += 0.3;
    if (from === before.from && to === before.to && high - low < (to - from) / 4) {
      from = Math.max(from, low - (high - low));
      to = Math.min(to, high + (high - low));
    }
    if (from === before.from && to === before.to) break;
    grid = gridOver(from, to, probes, loads, evidence, goal);
  }
  return grid;
}

function gridOver(
  from: number,
  to: number,
  probes: readonly Probe[],
  loads: readonly number[],
  evidence: readonly Evidence[],
  goal: number,
): Grid {
  const step = (to - from) / (CAPACITIES - 1);
  const logs = Array.from({ length: CAPACITIES }, (_, at) => {
    const theta = from + at * step;
    return Float64Array.from(SLOPES, (slope) => {
      let sum = 0;
      for (let k = 0; k < probes.length; k++) {
        const model = goal - slope * (loads[k]! - theta);
        sum += Math.max(FLOOR, logLikelihood(evidence[k]!, model, probes[k]!));
      }
      return sum;
    });
  });
  const highest = Math.max(...logs.map((row) => Math.max(...row)));
  return new Grid(
    from,
    step,
    logs.map((row) => row.map((each) => Math.exp(each - highest))),
  );
}

/** How often a short window from an empty server is taken for flattered, when it says more than the others. */
const FLATTERED = 0.1;

/**
 * Relative to a model that fits the probe exactly, so at most 0. `model`: log-odds that it gives.
 *
 * A probe that was aborted because it looked bad says only that attainment is at most what was seen. A bracket probe may be
 * flattered: it begins with an empty server, and at a cliff the queue needs minutes to show. So it may speak against a lower
 * attainment only up to ln 0.1; one such probe at 1.15 times the capacity of a cliff outweighed three long windows.
 */
function logLikelihood(
  { p, smoothed, effective, modelError }: Evidence,
  model: number,
  { kind, ended }: Pick<Probe, 'kind' | 'ended'>,
): number {
  const spread = smoothed * (1 - smoothed);
  const sigma = Math.sqrt(1 / (effective * spread) + modelError ** 2);
  const atMost = Math.max(1e-30, 1 - normalTail((logit(smoothed) - model) / sigma));
  if (ended === 'aborted') return Math.log(atMost);
  const worth = 1 / (1 / effective + modelError ** 2 * spread);
  const q = logistic(model);
  const hit = p === 0 ? 0 : p * (Math.log(Math.max(1e-300, q)) - Math.log(p));
  const miss = p === 1 ? 0 : (1 - p) * (Math.log(Math.max(1e-300, logistic(-model))) - Math.log(1 - p));
  const exact = worth * (hit + miss);
  return kind === 'bracket' ? Math.log((1 - FLATTERED) * Math.exp(exact) + FLATTERED * atMost) : exact;
}

/** Near the best θ, in logarithms of the load. */
const NEAR = 0.25;
/** Beyond these a fitted share is so sure that any miss at all would be infinitely surprising. */
const SUREST = 0.05;

/**
 * How far refinements near the capacity scatter around the fitted curve, as a design effect (Pearson's dispersion); 0 for fewer
 * than three. Bracket probes are left out: they begin with an empty server and end early, and so flatter.
 */
function dispersion(probes: readonly Probe[], loads: readonly number[], grid: Grid, goal: number): number {
  const { theta, slope } = grid.best();
  const near = probes
    .map((probe, k) => ({ probe, load: loads[k]! }))
    .filter(({ probe, load }) => Math.abs(load - theta) <= NEAR && probe.kind === 'refinement');
  if (near.length < 3) return 0;
  const sum = near.reduce((total, { probe, load }) => {
    const fitted = logistic(goal - slope * (load - theta));
    const p = Math.min(1 - SUREST, Math.max(SUREST, fitted));
    // What lies between the bound and the fitted share is no scatter.
    const from = probe.n * Math.min(p, fitted);
    const to = probe.n * Math.max(p, fitted);
    const off = Math.max(0, probe.good - to, from - probe.good);
    return total + off ** 2 / (probe.n * p * (1 - p));
  }, 0);
  return sum / (near.length - 1);
}
