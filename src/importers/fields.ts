import { GoodputError } from '../errors.ts';

/** A JSON object of a file that another tool wrote. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns an object's own value; `undefined` if it has no such key. */
const own = (from: unknown, key: string): unknown =>
  isFields(from) && Object.hasOwn(from, key) ? from[key] : undefined;

/** Returns the value at a path of keys; `undefined` if there is none. */
export const valueAt = (from: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(own, from);

export const textAt = (from: unknown, ...path: readonly string[]): string | null => {
  const value = valueAt(from, ...path);
  return typeof value === 'string' && value !== '' ? value : null;
};

export const numberAt = (from: unknown, ...path: readonly string[]): number | null => {
  const value = valueAt(from, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

export const listAt = (from: unknown, ...path: readonly string[]): readonly unknown[] | null => {
  const value = valueAt(from, ...path);
  return Array.isArray(value) ? value : null;
};

/** Returns a number of tokens or requests; `null` if there is none. */
export const countAt = (from: unknown, ...path: readonly string[]): number | null => {
  const value = numberAt(from, ...path);
  return value === null || value < 0 || !Number.isSafeInteger(value) ? null : value;
};

/** Returns an error about a value of a file. */
export const wrongValue = (where: string, problem: string): GoodputError =>
  new GoodputError('usage', `${where}: ${problem}`, {
    hint: 'The file is damaged, or was changed after the tool wrote it.',
  });

/**
 * Returns a time in seconds that a successful request must have.
 * @throws {GoodputError} of kind `usage` if it is missing, negative or not finite
 */
export function seconds(value: unknown, where: string, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  const shown = typeof value === 'number' ? String(value) : value === undefined ? 'missing' : 'not a number';
  throw wrongValue(where, `${name} is ${shown}, expected a time that is not negative`);
}

/** Returns the instants at the ends of consecutive gaps, the first at `first`. */
export function instantsFrom(first: number, gaps: readonly number[]): number[] {
  let at = first;
  return [first, ...gaps.map((gap) => (at += gap))];
}
