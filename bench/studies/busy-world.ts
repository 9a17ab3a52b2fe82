import { blocksOf, designEffect } from '../../src/capacity/noise.ts';
import type { Axis, SearchWindow, WindowEnd, WindowPlan } from '../../src/capacity/search-window.ts';
import { type Random, randomStream } from '../../src/random.ts';

/** A server with known capacity, on a machine that other programs use at times. */
export interface BusyMachine {
  axis: Axis;
  capacity: number;
  /** Slope of the log-odds of attainment over the logarithm of the load. */
  slope: number;
  target: number;
  /** Constant attainment instead of the curve. */
  attainment?: number;
  /**
   * Mean lengths, in seconds, of exponential busy and idle periods; `null` if nothing else runs, idle 0 if something
   * else always runs.
   */
  bursts: { idle_s: number; busy_s: number } | null;
  /** Share of the requests that meet the SLO during a burst, of those that would without it. */
  left: number;
  /** Windows record the competition, as they do if it is on this machine. */
  recorded: boolean;
}

const E2E_S = 1;
/** Share of a window from which on the competition is recorded (`OTHERS_SHARE` of src/verdict/contention.ts). */
const RECORDED_SHARE = 0.25;
const FEWEST_DECIDED = 20;

/** Runs search windows without waiting, request by request, with the rules by which a real window ends early. */
export class BusyWorld {
  readonly #machine: BusyMachine;
  readonly #seed: number;
  readonly #bursts: Bursts;
  #now_s = 0;

  constructor(machine: BusyMachine, seed: number) {
    this.#machine = machine;
    this.#seed = seed;
    this.#bursts = new Bursts(machine.bursts, randomStream(seed, 'bursts'));
  }

  carryOut(plan: WindowPlan): SearchWindow {
    const { number, kind, level, seed, warmup_s } = plan;
    const { axis, recorded } = this.#machine;
    const single = kind === 'single';
    const rate = single || axis === 'concurrency' ? level / E2E_S : level;
    const from_s = this.#now_s + warmup_s;
    const { results, window_s, ended } = this.#window(plan, rate, from_s);
    const n = results.length;
    const good = results.filter(Boolean).length;
    const busy = this.#bursts.share(from_s, from_s + window_s) > RECORDED_SHARE;
    const took_s = warmup_s + window_s + E2E_S;
    this.#now_s += took_s + 2;
    return {
      number,
      kind,
      level,
      seed,
      ended,
      void: null,
      contended: recorded && busy ? 'other programs kept 1.6 of 2 processors busy' : null,
      suspect: null,
      run: null,
      warmup_s,
      window_s,
      took_s,
      sent: Math.round(rate * (warmup_s + window_s)),
      sessions: Math.round(rate * (warmup_s + window_s)),
      n,
      good,
      design: designOf(results, window_s),
      e2e_s: E2E_S,
      completed_rps: rate,
      growth_rps: 0,
      missed: good === n ? {} : { ttft: n - good },
    };
  }

  #window(
    { kind, level, seed, window_s, least_s }: WindowPlan,
    rate: number,
    from_s: number,
  ): { results: boolean[]; window_s: number; ended: WindowEnd } {
    const { target, left } = this.#machine;
    const random = randomStream(this.#seed, 'requests', seed);
    const share = kind === 'single' ? 1 : this.#attainment(level);
    const all = kind === 'single' ? 5 : Math.max(1, Math.round(rate * window_s));
    const results: boolean[] = [];
    let good = 0;
    for (let n = 1; n <= all; n++) {
      const at_s = n / rate;
      const isGood = random.uniform() < share * (this.#bursts.isBusy(from_s + at_s) ? left : 1);
      results.push(isGood);
      if (isGood) good++;
      if (kind !== 'bracket') continue;
      if (n >= FEWEST_DECIDED && good < (5 / 9) * target * n)
        return { results, window_s: at_s, ended: 'aborted' };
      const p = (good + 0.3) / (n + 0.6);
      const clear = Math.abs(good / n - target) > 2 * Math.sqrt((p * (1 - p)) / n);
      if (at_s >= least_s && clear) return { results, window_s: at_s, ended: 'clear' };
    }
    return { results, window_s: all / rate, ended: 'full' };
  }

  #attainment(level: number): number {
    const { target, capacity, slope, attainment } = this.#machine;
    const goal = Math.log(target / (1 - target));
    return attainment ?? 1 / (1 + Math.exp(-(goal - slope * Math.log(level / capacity))));
  }
}

/** Returns the design effect by blocks of equal counts: the requests are evenly spaced. */
function designOf(results: readonly boolean[], window_s: number): number | null {
  const blocks = blocksOf(window_s);
  const blockOf = (at: number): number => Math.floor((at * blocks) / results.length);
  const count = Array.from({ length: blocks }, () => 0);
  const good = [...count];
  for (const [at, isGood] of results.entries()) {
    count[blockOf(at)]!++;
    if (isGood) good[blockOf(at)]!++;
  }
  return designEffect(good, count);
}

/** Returns the periods in which something else runs: the first is idle or busy at random. */
class Bursts {
  readonly #lengths: BusyMachine['bursts'];
  readonly #random: Random;
  readonly #busy: { from_s: number; to_s: number }[] = [];
  #until_s = 0;

  constructor(lengths: BusyMachine['bursts'], random: Random) {
    this.#lengths = lengths;
    this.#random = random;
    if (lengths === null) return;
    // The length of the first period is memoryless, so the search begins at a random time within it.
    const { idle_s, busy_s } = lengths;
    if (random.uniform() < idle_s / (idle_s + busy_s)) this.#until_s = idle_s * random.exponential();
  }

  isBusy(at_s: number): boolean {
    this.#extend(at_s);
    return this.#busy.some(({ from_s, to_s }) => from_s <= at_s && at_s < to_s);
  }

  /** Returns the share of an interval in which something else ran. */
  share(from_s: number, to_s: number): number {
    this.#extend(to_s);
    const overlap = ({ from_s: a, to_s: b }: { from_s: number; to_s: number }): number =>
      Math.max(0, Math.min(b, to_s) - Math.max(a, from_s));
    return this.#busy.reduce((sum, each) => sum + overlap(each), 0) / Math.max(1e-9, to_s - from_s);
  }

  #extend(to_s: number): void {
    if (this.#lengths === null) return;
    while (this.#until_s <= to_s) {
      const from_s = this.#until_s;
      const end_s = from_s + this.#lengths.busy_s * this.#random.exponential();
      this.#busy.push({ from_s, to_s: end_s });
      this.#until_s = end_s + this.#lengths.idle_s * this.#random.exponential();
    }
  }
}
