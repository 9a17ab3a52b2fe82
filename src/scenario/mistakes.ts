import { GoodputError } from '../errors.ts';
import { redactorOf } from '../redaction.ts';
import type { Position } from './file.ts';

/** One mistake with its location: one line of the error. */
export interface Mistake {
  /** `file:line:column`, a flag or a variable. */
  where: string;
  /** `null` for a flag or variable. */
  position: Position | null;
  text: string;
}

/** The most lines that an error lists. */
const MAX_LINES = 50;

/**
 * Returns all mistakes as one error, one per line: those of the file in the order of its lines, then those of variables and flags.
 * `secrets` are masked in every line.
 */
export function usageError(mistakes: readonly Mistake[], secrets: readonly string[]): GoodputError {
  const order = ({ position }: Mistake): number =>
    position === null ? Infinity : position.line * 1e6 + position.column;
  const sorted = mistakes.toSorted((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
  const lines = sorted.map(({ where, text }) => withoutSecrets(`${where}: ${text}`, secrets));
  const unique = [...new Set(lines)];
  const more = unique.length - MAX_LINES;
  return new GoodputError(
    'usage',
    [...unique.slice(0, MAX_LINES), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
  );
}

/** The shortest secret, in characters, that is masked in texts. Shorter ones may be ordinary words. */
const SHORTEST = 6;

export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  redactorOf(secrets, '***', SHORTEST)(text);
