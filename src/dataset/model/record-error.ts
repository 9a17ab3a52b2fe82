import { didYouMean, GoodputError } from '../../errors.ts';

/** A mistake in one record. The reader of the file adds its location. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

const LONGEST_SHOWN = 120;

/** Returns a value for a message, as JSON, cut if it is long. */
export function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

/** An error about one line of a file. */
export class LineError extends GoodputError {}

/** Receives the mistakes of records that are left out, instead of an error that ends the reading. */
export type OnMistake = (mistake: LineError) => void;

/** @throws the error, unless it is about one line and somebody receives it */
export function reportMistake(error: unknown, onMistake: OnMistake | undefined): void {
  if (onMistake === undefined || !(error instanceof LineError)) throw error;
  onMistake(error);
}

/** Returns an error about a line of a file, or about the whole file if `line` is `null`. */
export function fileError(
  file: string,
  line: number | null,
  problem: string,
  options: { hint?: string; cause?: unknown } = {},
): GoodputError {
  return line === null
    ? new GoodputError('usage', `${file}: ${problem}`, options)
    : new LineError('usage', `${file}:${line}: ${problem}`, options);
}

/** Returns `; did you mean "x"?`, or nothing if no candidate is similar. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const meant = didYouMean(word, candidates);
  return meant === null ? '' : `; did you mean "${meant}"?`;
}
