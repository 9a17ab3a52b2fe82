import { isDeepStrictEqual } from 'node:util';
import type { ComparedRun } from './compared-run.ts';

/** A property in which compared runs should agree. */
export interface Trait {
  /** Name for the reader. */
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

/** Returns the difference of two runs in a trait, in words; `null` if they agree. */
export const disagreement = (
  { what, of, shown }: Trait,
  one: ComparedRun,
  other: ComparedRun,
): string | null =>
  isDeepStrictEqual(of(one), of(other))
    ? null
    : `${what}: ${shown(one)} in ${one.dir}, ${shown(other)} in ${other.dir}`;
