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
  /** Measuring time that this call may spend. */
  budget_s: number;
  /** Of the estimate: how far either end of the 90 % interval may lie from it. */
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
  /** `null` as long as no load is known to pass and none to fail. */
  posterior: Posterior | null;
}

/** How a search meets the world; tests have worlds of their own. */
export interface WindowRunner {
  /** Carries a window out, and keeps it. */
  carryOut(plan: WindowPlan): Promise<SearchWindow>;
  /** Whether the user wants no more. */
  stopped(): boolean;
  /** A window is over: this would be the answer if the search ended now. */
  progress?(found: Found): Promise<void>;
}

const SINGLES = 5;
/** Requests in flight at the first load: about 4 of the singles' (Little). */
const FIRST_IN_FLIGHT = 4;
const FEWEST_REFINEMENTS = 4;
/** Of the target: with less the requests waited, and their time is that of a queue. */
const BORNE = 0.75;
/** Refinements in a row in which the client was late, until the search ends. */
const MOST_VOID = 3;

/**
 * Finds the highest load at which the target is met: single requests for the first load, a bracket of one that passes and
 * one that fails, then windows around the posterior's median until its interval is narrow enough or the time is spent.
 * The answer depends on the set of windows alone, so a later call adds to earlier ones.
 */
export async function search(
  settings: SearchSettings,
  earlier: readonly SearchWindow[],
  world: WindowRunner,
): Promise<Found> {
  const run = new Search(settings, earlier, world);
  return run.carryOut();
}

/** What the windows say together: `null` as long as there is no bracket. */
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
  // As in the bracket: what failed below a pass says nothing of the load that is too much.
  const used = evidence.filter(
    (window) => window.kind !== 'bracket' || window.level >= highest || attainmentOf(window) >= target,
  );
  return posteriorOf(used, { axis, target, bounds: { low: step.low, high: step.high } });
}

/**
 * Where the bracket stands; `null` before any single request was answered.
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
  /** Number of the first window of this call; `null`: it may send nothing. */
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
      // Asked for every time: the end of a bracket that was disturbed is tested again once the machine is quiet.
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
    // Before long windows have met the target and missed it, one end of the interval rests on a short one.
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

  /** Of the windows so far; to be worked out once for each number of them. */
  #posterior(): Posterior | null {
    if (this.#known.windows !== this.#windows.length)
      this.#known = {
        windows: this.#windows.length,
        posterior: posteriorOfAll(this.#windows, this.#settings),
      };
    return this.#known.posterior;
  }

  /** How long a request takes, by the latest window of a load that the server bore; else by the latest at all. */
  #e2e(): number {
    const known = this.#windows.filter(({ e2e_s }) => e2e_s !== null);
    const borne = known.findLast((window) => attainmentOf(window) >= BORNE * this.#settings.target);
    return (borne ?? known.at(-1))?.e2e_s ?? 1;
  }
}

/** Where the next window goes, as quantiles of the posterior: around its middle, where a window says most of the capacity. */
const IN_TURN = [0.5, 0.35, 0.65];
/** The same where two windows and more fell on one side of the target: towards the other. */
const FARTHER = { down: 0.25, up: 0.75 };

function nextLoad(
  { quantile }: Posterior,
  { done, passed, failed }: { done: number; passed: boolean; failed: boolean },
): number {
  if (done >= 2 && !passed) return quantile(FARTHER.down);
  if (done >= 2 && !failed) return quantile(FARTHER.up);
  return quantile(IN_TURN[done % IN_TURN.length]!);
}

/** How far the farther end of the interval lies from the estimate, as a share of it. */
const widerSide = ({ low, median, high }: Posterior): number =>
  Math.max(median - low, high - median) / median;
