import { GoodputError } from '../errors.ts';
import { redactorOf } from '../redaction.ts';
import type { Position } from './file.ts';

/** One mistake with its place, as a line of the error. */
export interface Mistake {
  /** `file:line:column`, a flag or a variable. */
  where: string;
  /** `null` outside the file. */
  position: Position | null;
  text: string;
}

/** Nobody reads more at once, and most of so many come from one. */
const MOST_TOLD = 50;

/**
 * All mistakes as one error, a line each: the file's in the order of its lines, then those of variables and flags.
 * `secrets` are cut out of every line, whatever path they took into it.
 */
export function usageError(mistakes: readonly Mistake[], secrets: readonly string[]): GoodputError {
  const order = ({ position }: Mistake): number =>
    position === null ? Infinity : position.line * 1e6 + position.column;
  const sorted = mistakes.toSorted((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
  const lines = sorted.map(({ where, text }) => withoutSecrets(`${where}: ${text}`, secrets));
  const told = [...new Set(lines)];
  const more = told.length - MOST_TOLD;
  return new GoodputError(
    'usage',
    [...told.slice(0, MOST_TOLD), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
  );
}

/** Secrets this short may be ordinary words: the places that hold them never show them. */
const SHORTEST = 6;

export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  redactorOf(secrets, '***', SHORTEST)(text);
