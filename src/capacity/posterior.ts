import { type Likelihood, likelihoodOf, logistic, logit } from './likelihood.ts';
import { DESIGNS, designPrior } from './noise.ts';
import { type Axis, counts, type SearchWindow } from './search-window.ts';

/**
 * The posterior of the capacity from all windows.
 *
 * Model: the log-odds of attainment fall in a straight line with the logarithm of the load, logit p = logit(target) −
 * s·(u − θ): θ is the logarithm of the capacity, s the slope. The scatter of windows around that line, the design effect,
 * is estimated with them: from the blocks of the windows, and from windows at similar loads. All
 * three are evaluated on a grid. The prior is uniform in the logarithm of the slope and, within the bracket, of the capacity.
 */
export interface Posterior {
  /** Quantiles of the capacity (5%, 50% and 95%), in the unit of the axis. */
  low: number;
  median: number;
  high: number;
  /** Returns the value that the capacity is below with this probability. */
  quantile(probability: number): number;
  /** Design effect: the mean of its logarithm, as a factor. */
  design: number;
  /** Attainment at a load, in the unit of the axis: 5%, 50% and 95% quantiles. */
  attainmentAt(load: number): { low: number; value: number; high: number };
}

const CAPACITIES = 121;
const SLOPES = Array.from({ length: 13 }, (_, k) => 1.6 * (102 / 1.6) ** (k / 12));
/** Distance outside of the bracket, in logarithms, at which a capacity is e times less likely: short windows err, but seldom by much. */
const BEYOND = 0.4;
/** Share of the difference between planned and offered load that counts. */
const OFFERED_SHARE = 0.7;

/**
 * Returns the logarithm of the load of a window. For a rate it is corrected in part by the offered load: a window
 * in which more sessions (or single requests) began than planned is evidence about a higher rate.
 */
export function loadOf(window: SearchWindow, axis: Axis): number {
  const planned = Math.log(window.level);
  if (axis === 'concurrency' || window.sessions === 0) return planned;
  const seconds = window.warmup_s + window.window_s;
  return planned + OFFERED_SHARE * Math.log(window.sessions / (window.level * seconds));
}

/**
 * @param bounds the loads that passed and failed, between which the capacity is expected
 * @returns `null` if no window counts
 */
export function posteriorOf(
  windows: readonly SearchWindow[],
  { axis, target, bounds }: { axis: Axis; target: number; bounds: { low: number; high: number } },
): Posterior | null {
  const used = windows.filter(counts);
  if (used.length === 0) return null;
  const loads = used.map((window) => loadOf(window, axis));
  const goal = logit(target);
  const priors = designPrior(used);
  const supposed = DESIGNS.map((design, d) => ({
    design,
    prior: priors[d]!,
    likelihoods: used.map((window) => likelihoodOf(window, design, target)),
  }));
  const grid = fit(loads, supposed, goal, bounds);
  const quantile = (probability: number): number => Math.exp(grid.quantile(probability));
  return {
    low: quantile(0.05),
    median: quantile(0.5),
    high: quantile(0.95),
    quantile,
    design: grid.design,
    attainmentAt: (load) => grid.attainment(Math.log(load), goal),
  };
}

/** A design effect of the grid, with the likelihoods of the windows under it. */
interface Supposed {
  design: number;
  /** Logarithm of its prior, up to a constant. */
  prior: number;
  likelihoods: readonly Likelihood[];
}

/** Probabilities of θ (rows) and slopes on a grid of equal steps; the design effect is summed out. */
class Grid {
  readonly design: number;
  readonly #from: number;
  readonly #step: number;
  readonly #weights: readonly Float64Array[];
  /** P(θ ≤ grid point). */
  readonly #cumulated: Float64Array;

  constructor(from: number, step: number, weights: readonly Float64Array[], design: number) {
    this.design = design;
    this.#from = from;
    this.#step = step;
    this.#weights = weights;
    const rows = weights.map((row) => row.reduce((sum, each) => sum + each, 0));
    const total = rows.reduce((sum, each) => sum + each, 0);
    let sum = 0;
    this.#cumulated = Float64Array.from(rows, (row) => (sum += row / total));
  }

  /** Returns a quantile of θ. Each grid point represents the step around it. */
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

/** Finds the range of θ that holds the posterior: starts from the bracket, widens it if the posterior is near an edge, and narrows it if the posterior fills little of it. */
function fit(
  loads: readonly number[],
  supposed: readonly Supposed[],
  goal: number,
  bounds: { low: number; high: number },
): Grid {
  let from = Math.log(bounds.low / 1.4);
  let to = Math.log(bounds.high * 1.25);
  let grid = gridOver(from, to, loads, supposed, goal, bounds);
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
    grid = gridOver(from, to, loads, supposed, goal, bounds);
  }
  return grid;
}

function gridOver(
  from: number,
  to: number,
  loads: readonly number[],
  supposed: readonly Supposed[],
  goal: number,
  bounds: { low: number; high: number },
): Grid {
  const step = (to - from) / (CAPACITIES - 1);
  const logs = supposed.map(({ prior, likelihoods }) =>
    Array.from({ length: CAPACITIES }, (_, at) => {
      const theta = from + at * step;
      const outside = Math.max(0, Math.log(bounds.low) - theta, theta - Math.log(bounds.high));
      return Float64Array.from(SLOPES, (slope) => {
        let sum = prior - outside / BEYOND;
        for (let k = 0; k < loads.length; k++) sum += likelihoods[k]!(goal - slope * (loads[k]! - theta));
        return sum;
      });
    }),
  );
  const highest = Math.max(...logs.flat().map((row) => Math.max(...row)));
  const weights = Array.from({ length: CAPACITIES }, () => new Float64Array(SLOPES.length));
  let total = 0;
  let design = 0;
  logs.forEach((rows, d) => {
    for (let at = 0; at < CAPACITIES; at++) {
      for (let k = 0; k < SLOPES.length; k++) {
        const weight = Math.exp(rows[at]![k]! - highest);
        weights[at]![k]! += weight;
        total += weight;
        design += weight * Math.log(supposed[d]!.design);
      }
    }
  });
  return new Grid(from, step, weights, Math.exp(design / total));
}
