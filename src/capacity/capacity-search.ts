import { fitting, nextBracketStep } from './bracket.ts';
import type { BracketStep } from './bracket-step.ts';
import { evidenceOf } from './evidence.ts';
import { bracketLengths, PAUSE_S, refinementLengths } from './window-lengths.ts';
import { type Posterior, posteriorOf } from './posterior.ts';
import {
  attainmentOf,
  type Axis,
  counts,
  passes,
  type SearchWindow,
  type WindowPlan,
} from './search-window.ts';
import { refinementRepeat } from './repeats.ts';

export interface SearchSettings {
  axis: Axis;
  /** Share of requests that must be good, in (0, 1). */
  target: number;
  /** Measuring time that this call may use, in seconds. */
  budget_s: number;
  /** Largest distance of either end of the 90% interval from the estimate, as a share of the estimate. */
  width: number;
  seed: number;
}

/** Why a search stopped. */
export type Stopped =
  | 'width'
  | 'budget'
  | 'never_met'
  | 'never_the_limit'
  | 'client_limited'
  | 'undecided'
  | 'unanswered'
  | 'interrupted';

export interface Found {
  windows: readonly SearchWindow[];
  stopped: Stopped;
  /** `null` until one load is known to pass and one to fail. */
  posterior: Posterior | null;
}

/** Measures the windows of a search. Tests have simulated runners. */
export interface WindowRunner {
  /** Measures a window, and records it. */
  carryOut(plan: WindowPlan): Promise<SearchWindow>;
  /** Returns true if the user interrupted the search. */
  stopped(): boolean;
  /** Called after each window, with the answer if the search ended now. */
  progress?(found: Found): Promise<void>;
}

const SINGLES = 5;
/** Requests in flight at the first load, by the latency of the single requests (Little). */
const FIRST_IN_FLIGHT = 4;
const FEWEST_REFINEMENTS = 4;
/** Share of the target below which latencies are those of a queue. */
const UNQUEUED = 0.75;
/** Successive refinements in which the client was late, after which the search ends. */
const MOST_VOID = 3;

/**
 * Finds the highest load at which the target is met: single requests for the first load, a bracket of one that passes and
 * one that fails, then windows around the posterior's median until its interval is narrow enough or the time budget is spent.
 * The answer depends only on the set of windows, so a later call adds to earlier ones.
 */
export async function search(
  settings: SearchSettings,
  earlier: readonly SearchWindow[],
  world: WindowRunner,
): Promise<Found> {
  const run = new Search(settings, earlier, world);
  return run.carryOut();
}

/** Returns the posterior from all windows; `null` until there is a bracket. */
function posteriorOfAll(
  windows: readonly SearchWindow[],
  { axis, target }: Pick<SearchSettings, 'axis' | 'target'>,
): Posterior | null {
  const step = bracketOf(windows, { axis, target });
  if (step?.step !== 'found') return null;
  const evidence = evidenceOf(windows, target).used;
  const passed = evidence.filter(
    (window) => window.kind === 'bracket' && counts(window) && attainmentOf(window) >= target,
  );
  const highest = Math.max(0, ...passed.map(({ level }) => level));
  // A fail below a pass is not evidence about the load that is too high, as in the bracket.
  const used = evidence.filter(
    (window) => window.kind !== 'bracket' || window.level >= highest || attainmentOf(window) >= target,
  );
  return posteriorOf(used, { axis, target, bounds: { low: step.low, high: step.high } });
}

/**
 * Returns the next step of the bracket; `null` before any single request was answered.
 * @param since number of the first window of this call; `null`: nothing more can be tested
 */
export function bracketOf(
  windows: readonly SearchWindow[],
  { axis, target }: Pick<SearchSettings, 'axis' | 'target'>,
  since: number | null = null,
): BracketStep | null {
  const alone = windows.find((window) => window.kind === 'single' && window.e2e_s !== null);
  if (alone === undefined) return null;
  const first = axis === 'rate' ? FIRST_IN_FLIGHT / Math.max(1e-3, alone.e2e_s!) : FIRST_IN_FLIGHT;
  return nextBracketStep(windows, { axis, target, first, since });
}

type NextProbe = Omit<WindowPlan, 'number' | 'seed'>;

class Search {
  readonly #settings: SearchSettings;
  readonly #world: WindowRunner;
  readonly #windows: SearchWindow[];
  /** Number of the first window of this call; `null`: this call may send nothing. */
  readonly #since: number | null;
  #spent_s = 0;
  #known: { windows: number; posterior: Posterior | null } = { windows: -1, posterior: null };

  constructor(settings: SearchSettings, earlier: readonly SearchWindow[], world: WindowRunner) {
    this.#settings = settings;
    this.#world = world;
    this.#windows = [...earlier];
    this.#since = settings.budget_s === 0 ? null : this.#next();
  }

  async carryOut(): Promise<Found> {
    const stopped = await this.#search();
    return { windows: this.#windows, stopped, posterior: this.#posterior() };
  }

  async #search(): Promise<Stopped> {
    for (;;) {
      if (this.#world.stopped()) return 'interrupted';
      // Computed every time: a disturbed end of the bracket is tested again when the machine is quiet.
      const step = bracketOf(this.#windows, this.#settings, this.#since);
      const next = step === null ? this.#single() : this.#after(step);
      if (typeof next === 'string') return next;
      await this.#window(next);
    }
  }

  #single(): NextProbe | Stopped {
    if (this.#settings.budget_s === 0) return 'budget';
    const tried = this.#windows.some(({ kind, ended }) => kind === 'single' && ended !== 'interrupted');
    if (tried && this.#spent_s > 0) return 'unanswered';
    return {
      kind: 'single',
      level: 1,
      warmup_s: 0,
      window_s: SINGLES,
      least_s: SINGLES,
      cooldown_s: 0,
      repeats: null,
    };
  }

  #after(step: BracketStep): NextProbe | Stopped {
    const { axis, budget_s } = this.#settings;
    if (step.step === 'found') return this.#refinement();
    if (step.step !== 'measure') return step.step;
    const lengths = bracketLengths(axis, step.level, this.#e2e());
    if (this.#spent_s + lengths.warmup_s + lengths.least_s > budget_s) return 'budget';
    return { kind: 'bracket', level: step.level, ...lengths, repeats: step.repeats ?? null };
  }

  #refinement(): NextProbe | Stopped {
    const { axis, budget_s, target, width } = this.#settings;
    const posterior = this.#posterior()!;
    const evidence = evidenceOf(this.#windows, target);
    const windows = evidence.used.filter((window) => window.kind === 'refinement' && counts(window));
    const done = windows.length;
    const passed = windows.some((window) => passes(window, target));
    const failed = windows.some((window) => !passes(window, target));
    const repeat = refinementRepeat(this.#windows, evidence, { target, since: this.#since });
    // Until long windows have met and missed the target, one end of the interval depends on a short one.
    const enough = done >= FEWEST_REFINEMENTS && passed && failed && repeat === null;
    if (enough && widerSide(posterior) < width) return 'width';
    const latest = this.#windows.filter(({ number }) => number >= (this.#since ?? 0)).slice(-MOST_VOID);
    if (
      latest.length === MOST_VOID &&
      latest.every((window) => window.kind === 'refinement' && window.void !== null)
    )
      return 'client_limited';
    const level = repeat?.level ?? fitting(nextLoad(posterior, { done, passed, failed }), axis);
    const left_s = budget_s - this.#spent_s;
    const lengths = refinementLengths(axis, level, this.#e2e(), { budget_s, left_s });
    if (lengths === null) return 'budget';
    return { kind: 'refinement', level, ...lengths, repeats: repeat?.why ?? null };
  }

  async #window(plan: NextProbe): Promise<void> {
    const number = this.#next();
    const window = await this.#world.carryOut({ ...plan, number, seed: this.#settings.seed + number });
    this.#spent_s += window.took_s + PAUSE_S;
    this.#windows.push(window);
    await this.#world.progress?.({
      windows: this.#windows,
      stopped: 'interrupted',
      posterior: this.#posterior(),
    });
  }

  #next(): number {
    return Math.max(0, ...this.#windows.map((window) => window.number)) + 1;
  }

  /** Returns the posterior of the windows so far; computed once for each number of them. */
  #posterior(): Posterior | null {
    if (this.#known.windows !== this.#windows.length)
      this.#known = {
        windows: this.#windows.length,
        posterior: posteriorOfAll(this.#windows, this.#settings),
      };
    return this.#known.posterior;
  }

  /** Returns the end-to-end latency in seconds, by the latest window without a queue; else by the latest window. */
  #e2e(): number {
    const known = this.#windows.filter(({ e2e_s }) => e2e_s !== null);
    const unqueued = known.findLast((window) => attainmentOf(window) >= UNQUEUED * this.#settings.target);
    return (unqueued ?? known.at(-1))?.e2e_s ?? 1;
  }
}

/** Loads of the next windows, as quantiles of the posterior: around its median, where a window is most informative. */
const NEXT_QUANTILES = [0.5, 0.35, 0.65];
/** The same if two or more windows were on one side of the target: towards the other side. */
const FARTHER = { down: 0.25, up: 0.75 };

function nextLoad(
  { quantile }: Posterior,
  { done, passed, failed }: { done: number; passed: boolean; failed: boolean },
): number {
  if (done >= 2 && !passed) return quantile(FARTHER.down);
  if (done >= 2 && !failed) return quantile(FARTHER.up);
  return quantile(NEXT_QUANTILES[done % NEXT_QUANTILES.length]!);
}

/** Returns the distance of the farther end of the interval from the estimate, as a share of the estimate. */
const widerSide = ({ low, median, high }: Posterior): number =>
  Math.max(median - low, high - median) / median;
