import { isDeepStrictEqual } from 'node:util';
import type { ComparedRun } from './compared-run.ts';

/** A property in which compared runs should agree. */
export interface Trait {
  /** Name for the reader. */
  what: string;
  of(run: ComparedRun): unknown;
  shown(run: ComparedRun): string;
  /** Returns true for a run that does not record it, which then agrees with every other. */
  isUnknownIn?(run: ComparedRun): boolean;
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
  { what, of, shown, isUnknownIn }: Trait,
  one: ComparedRun,
  other: ComparedRun,
): string | null =>
  isUnknownIn?.(one) || isUnknownIn?.(other) || isDeepStrictEqual(of(one), of(other))
    ? null
    : `${what}: ${shown(one)} in ${one.dir}, ${shown(other)} in ${other.dir}`;

/** Returns true for a run that another tool measured: neither its scenario nor its machine is known. */
export const isImported = ({ header }: ComparedRun): boolean => header.imported !== undefined;

/** Returns the trait as one that imported runs do not record. */
export const ofMeasured = (given: Trait): Trait => ({ ...given, isUnknownIn: isImported });
