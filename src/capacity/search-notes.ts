import type { Note } from '../analysis/note.ts';
import { doContradict, type Evidence } from './evidence.ts';
import { pooledDesign } from './noise.ts';
import { counts, passes, type SearchWindow } from './search-window.ts';

/** The codes of the notes of a search: doubts about its answer. */
export const SEARCH_NOTE_CODES = [
  'contended',
  'suspect',
  'dropped',
  'contradictory',
  'not_monotonic',
] as const;

export type SearchNote = Note<(typeof SEARCH_NOTE_CODES)[number]>;

/** Difference of two rates, in logarithms, below which they are one load. */
const SAME_LOAD = 0.005;

/** Returns the doubts about an answer: windows that were disturbed, not used or contradict each other. */
export function notesOn(
  all: readonly SearchWindow[],
  { used, dropped }: Evidence,
  { target, hasAnswer }: { target: number; hasAnswer: boolean },
): SearchNote[] {
  return [
    ...disturbed(all, hasAnswer ? dropped : null),
    ...[...dropped].map(([number, why]): SearchNote => ({
      code: 'dropped',
      text: `Window ${number} is left out: ${why}.`,
    })),
    ...contradictory(used.filter(counts), target),
  ];
}

/** @param dropped windows that the answer does not use; `null`: there is no answer */
function disturbed(all: readonly SearchWindow[], dropped: Evidence['dropped'] | null): SearchNote[] {
  const windows = all.filter(({ kind }) => kind !== 'single');
  const of = (key: 'contended' | 'suspect'): SearchWindow[] =>
    windows.filter((window) => window[key] !== null && (key === 'contended' || window.contended === null));
  const [contended, suspect] = [of('contended'), of('suspect')];
  const used =
    dropped === null ? 0 : contended.filter((window) => counts(window) && !dropped.has(window.number)).length;
  const notes: SearchNote[] = [];
  if (contended.length > 0) {
    const one = contended.at(-1)!;
    notes.push({
      code: 'contended',
      text: `${contended.length} of ${windows.length} windows (${numbers(contended)}) were contended: other programs competed with goodput for the CPU, which may include a server on this machine. In window ${one.number}, ${one.contended!}.${used === 0 ? '' : ` The answer uses ${used} of them: without the competition the capacity may be higher.`}`,
    });
  }
  if (suspect.length > 0) {
    const one = suspect.at(-1)!;
    notes.push({
      code: 'suspect',
      text: `${suspect.length} of ${windows.length} windows (${numbers(suspect)}) are suspect by their own audit. The audit of window ${one.number}: ${one.suspect!}`,
    });
  }
  return notes;
}

function contradictory(used: readonly SearchWindow[], target: number): SearchNote[] {
  const design = pooledDesign(used);
  return used.flatMap((one, at) =>
    used.slice(at + 1).flatMap((other): SearchNote[] => {
      if ([one, other].some(({ ended }) => ended === 'aborted') || !doContradict(one, other, design))
        return [];
      if (Math.abs(Math.log(one.level / other.level)) <= SAME_LOAD)
        return [
          {
            code: 'contradictory',
            text: `Windows ${one.number} and ${other.number} had the same load and differ by more than chance: the server may have changed between them.`,
          },
        ];
      const [low, high] = one.level < other.level ? [one, other] : [other, one];
      return !passes(low, target) && passes(high, target)
        ? [
            {
              code: 'not_monotonic',
              text: `Window ${low.number} missed the target at a lower load than window ${high.number} met it, by more than chance: the server may be slow after idling, or may have changed.`,
            },
          ]
        : [];
    }),
  );
}

const numbers = (all: readonly SearchWindow[]): string => all.map(({ number }) => number).join(', ');
