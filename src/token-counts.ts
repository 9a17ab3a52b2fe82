/**
 * The most tokens that a count of one request is believed to be. The largest context windows are of some 10 million tokens. All
 * sums stay exact: 4,194,304 events times this are below 2^53, as are 500 million requests of as many tokens.
 */
export const MOST_TOKENS = 2 ** 24;

/** Returns true for a whole number that tokens of one request can be counted by. */
export const isTokenCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS;

/** Counts of one request; `null` where unknown. */
export interface TokenCounted {
  input_tokens: number | null;
  cached_tokens: number | null;
  output_tokens: number | null;
  reasoning_tokens: number | null;
  hidden_tokens: number | null;
}

const KEYS = ['input_tokens', 'cached_tokens', 'output_tokens', 'reasoning_tokens', 'hidden_tokens'] as const;

const PARTS = [
  ['cached_tokens', 'input_tokens'],
  ['reasoning_tokens', 'output_tokens'],
  ['hidden_tokens', 'output_tokens'],
] as const;

/**
 * Sets counts to `null` that cannot be: those that are no count, and parts that are more than their whole.
 * @returns what was wrong with the first of them, or `null`
 */
export function disbelieve(counts: TokenCounted): string | null {
  let problem: string | null = null;
  for (const key of KEYS) {
    const value = counts[key];
    if (value === null || isTokenCount(value)) continue;
    problem ??= `${key} is ${String(value)}`;
    counts[key] = null;
  }
  for (const [part, whole] of PARTS) {
    const [some, all] = [counts[part], counts[whole]];
    if (some === null || all === null || some <= all) continue;
    problem ??= `${part} is ${some}, more than the ${all} of ${whole}`;
    counts[part] = null;
  }
  return problem;
}

/** The tokens of a sample. */
type Tokens = TokenCounted & { n: readonly number[] | null; tokens_from: string; usage_problem?: string };

/**
 * Takes out what cannot be from the tokens of a sample, whoever wrote them; without a count of the output they are counted by events.
 * Changes the object that it is given, and returns it.
 */
export function believed<T extends Tokens>(tokens: T): T {
  const told = tokens.output_tokens;
  const problem = disbelieve(tokens);
  const isSpread = tokens.n === null || tokens.n.every(isTokenCount);
  if (problem === null && isSpread) return tokens;
  tokens.usage_problem ??= problem ?? 'n holds a number that is no count';
  const isCounted = told === tokens.output_tokens;
  if (!isSpread || !isCounted) tokens.n = null;
  if (!isCounted) Object.assign(tokens, { tokens_from: 'events', hidden_tokens: null });
  return tokens;
}
