import { effectiveRequests, pooledDesign } from './noise.ts';
import { attainmentOf, counts, isDisturbed, isDoubtful, passes, type SearchWindow } from './search-window.ts';

/** The windows that the answer uses, and those that repetitions replaced. */
export interface Evidence {
  /** In their order, with single requests and void windows. */
  used: readonly SearchWindow[];
  /** Number of the window → why the answer does not use it. */
  dropped: ReadonlyMap<number, string>;
}

/** Joint standard errors above which two windows contradict each other. */
const BEYOND_CHANCE = 3;

/**
 * Leaves out windows that repetitions have shown to be wrong:
 * - those in doubt (`isDoubtful`) whose load was tested again without a disturbance, or met the target then, and refinements in doubt
 *   where most windows of the search were undisturbed: the disturbance was an exception, not how the machine always is;
 * - those outvoted: the same load was tested again, with a result on the other side of the target and beyond chance, and a third window agrees with
 *   that one. Attainment falls with the load, so what meets the target at a higher load votes for the lower one too.
 */
export function evidenceOf(all: readonly SearchWindow[], target: number): Evidence {
  const windows = all.filter(counts);
  const design = pooledDesign(windows);
  const dropped = new Map<number, string>();
  for (const window of windows) {
    const sound = isDoubtful(window, target)
      ? windows.find((other) => isSounder(other, window, target))
      : null;
    if (sound != null)
      dropped.set(window.number, `disturbed; window ${sound.number} is the same load without that`);
  }
  const isException = windows.filter(isDisturbed).length * 2 < windows.length;
  for (const { number, kind } of windows.filter((window) => isDoubtful(window, target)))
    if (isException && kind === 'refinement' && !dropped.has(number))
      dropped.set(number, 'disturbed, as most windows were not');
  const left = windows.filter(({ number }) => !dropped.has(number));
  for (const window of left) {
    const against = votesAgainst(window, left, { target, design });
    if (against.length > 0)
      dropped.set(window.number, `outvoted by windows ${against.map(({ number }) => number).join(' and ')}`);
  }
  return { used: all.filter(({ number }) => !dropped.has(number)), dropped };
}

/** Returns true if the other window repeats one in doubt without what made it doubtful. */
export const isSounder = (other: SearchWindow, window: SearchWindow, target: number): boolean =>
  isSameLoad(other, window) && !isDoubtful(other, target) && (passes(other, target) || !isDisturbed(other));

/** Returns true for two windows of one kind at one load: one repeats the other. */
export const isSameLoad = (a: SearchWindow, b: SearchWindow): boolean =>
  a.number !== b.number && a.kind === b.kind && a.level === b.level;

/** Returns the windows that outvote one; empty if none do. */
function votesAgainst(
  window: SearchWindow,
  windows: readonly SearchWindow[],
  { target, design }: { target: number; design: number },
): SearchWindow[] {
  const met = passes(window, target);
  const others = windows.filter(
    (other) => passes(other, target) !== met && doContradict(window, other, design),
  );
  const repeated = others.filter((other) => isSameLoad(other, window));
  if (repeated.length === 0) return [];
  const beside = others.filter(
    (other) => !repeated.includes(other) && (met ? other.level <= window.level : other.level >= window.level),
  );
  const against = [...repeated, ...beside];
  const agreeing = windows.filter((other) => isSameLoad(other, window) && passes(other, target) === met);
  return against.length >= 2 && against.length > agreeing.length + 1 ? against : [];
}

/** Returns true if the attainments of two windows differ by more than chance, given the design effect. */
export function doContradict(a: SearchWindow, b: SearchWindow, design: number): boolean {
  const difference = Math.abs(attainmentOf(a) - attainmentOf(b));
  return difference > BEYOND_CHANCE * Math.sqrt(variance(a, design) + variance(b, design));
}

function variance(window: SearchWindow, design: number): number {
  const p = (window.good + 0.3) / (window.n + 0.6);
  return (p * (1 - p)) / effectiveRequests(window, design);
}
