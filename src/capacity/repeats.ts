import { doContradict, type Evidence, isSameLoad, isSounder } from './evidence.ts';
import { pooledDesign } from './noise.ts';
import { counts, isDisturbed, isDoubtful, passes, type SearchWindow } from './search-window.ts';

/** A load to be tested again. */
export interface Repeat {
  level: number;
  /** For the status line. */
  why: string;
}

/** Windows of one call at one load that decide by majority: the best of three. */
export const BEST_OF = 3;
/** Maximum of windows of one call at one load. */
export const MOST_AT_ONE_LOAD = 5;
/** Successive disturbed windows after which the disturbance counts as permanent: testing again does not help. */
const LASTING = 3;

/** Counts the windows of one call of the command, so that it does not repeat a load without end. */
export class Allowance {
  /** The windows of this call, in their order. */
  readonly #own: readonly SearchWindow[];
  readonly #kind: SearchWindow['kind'];
  readonly #isOpen: boolean;

  /** @param since number of the first window of this call; `null`: nothing more can be tested */
  constructor(all: readonly SearchWindow[], kind: SearchWindow['kind'], since: number | null) {
    this.#isOpen = since !== null;
    this.#kind = kind;
    this.#own = all.filter(
      (window) => window.kind !== 'single' && window.number >= (since ?? 0) && window.ended !== 'interrupted',
    );
  }

  /** Returns true if this call may test the load again. */
  allows(level: number, most: number): boolean {
    const tested = this.#own.filter((window) => window.kind === this.#kind && window.level === level);
    return this.#isOpen && tested.length < most;
  }

  /** Returns true if this call may test the load again because a window was disturbed. */
  allowsUndisturbed(level: number): boolean {
    const latest = this.#own.slice(-LASTING);
    const isLasting = latest.length === LASTING && latest.every(isDisturbed);
    return !isLasting && this.allows(level, MOST_AT_ONE_LOAD);
  }
}

/**
 * Returns the load of a refinement window that must be tested again: one that was disturbed, or one of two that contradict each other, a
 * lower load that missed the target and a higher one that met it, beyond chance.
 */
export function refinementRepeat(
  windows: readonly SearchWindow[],
  { used }: Evidence,
  { target, since }: { target: number; since: number | null },
): Repeat | null {
  const allowance = new Allowance(windows, 'refinement', since);
  const all = windows.filter((window) => window.kind === 'refinement' && counts(window));
  const doubtful = all.findLast(
    (window) =>
      isDoubtful(window, target) &&
      !all.some((other) => isSounder(other, window, target)) &&
      allowance.allowsUndisturbed(window.level),
  );
  if (doubtful !== undefined) return { level: doubtful.level, why: becauseDisturbed(doubtful) };

  const kept = all.filter((window) => used.includes(window));
  const design = pooledDesign(used.filter(counts));
  for (const low of kept.filter((window) => !passes(window, target))) {
    const high = kept.find(
      (window) => window.level > low.level && passes(window, target) && doContradict(low, window, design),
    );
    if (high === undefined) continue;
    for (const one of [low, high]) {
      const repeats = kept.filter((window) => isSameLoad(window, one));
      const isTie = repeats.length === 1 && passes(repeats[0]!, target) !== passes(one, target);
      if ((repeats.length === 0 || isTie) && allowance.allows(one.level, BEST_OF))
        return { level: one.level, why: `windows ${low.number} and ${high.number} contradict each other` };
    }
  }
  return null;
}

export const becauseDisturbed = ({ number, contended }: SearchWindow): string =>
  `window ${number} was ${contended === null ? 'suspect' : 'contended'}`;
