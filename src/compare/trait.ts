import { isDeepStrictEqual } from 'node:util';
import type { ComparedRun } from './compared-run.ts';

/** One way in which two runs may differ so that their figures are of different things. */
export interface Trait {
  /** As the reader knows it. */
  what: string;
  of(run: ComparedRun): unknown;
  shown(run: ComparedRun): string;
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? 'none');

export const trait = (
  what: string,
  of: (run: ComparedRun) => unknown,
  shown: (run: ComparedRun) => string = (run) => plain(of(run)),
): Trait => ({ what, of, shown });

/** In words, where two runs differ in it. */
export const disagreement = (
  { what, of, shown }: Trait,
  one: ComparedRun,
  other: ComparedRun,
): string | null =>
  isDeepStrictEqual(of(one), of(other))
    ? null
    : `${what}: ${shown(one)} in ${one.dir}, ${shown(other)} in ${other.dir}`;
