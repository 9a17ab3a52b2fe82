/**
 * Maximum plausible token count of one request. The largest context windows have about 10 million tokens. All sums stay exact: 4,194,304
 * events times this are below 2^53, as are 500 million requests with this many tokens.
 */
export const MAX_TOKEN_COUNT = 2 ** 24;

/** Returns true for a possible token count of one request. */
export const isTokenCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKEN_COUNT;

/** Token counts of one request; `null` if unknown. */
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
 * Sets impossible counts to `null`: those that are not counts, and parts that exceed their whole.
 * @returns the first problem, or `null`
 */
export function rejectImpossible(counts: TokenCounted): string | null {
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

/** Token counts of a sample. */
type Tokens = TokenCounted & { n: readonly number[] | null; tokens_from: string; usage_problem?: string };

/**
 * Removes impossible token counts from a sample, whatever their source. Without a valid output count, tokens are counted by events.
 * Modifies and returns its argument.
 */
export function plausibleTokens<T extends Tokens>(tokens: T): T {
  const reported = tokens.output_tokens;
  const problem = rejectImpossible(tokens);
  const isSpread = tokens.n === null || tokens.n.every(isTokenCount);
  if (problem === null && isSpread) return tokens;
  tokens.usage_problem ??= problem ?? 'n contains a number that is not a count';
  const isCounted = reported === tokens.output_tokens;
  if (!isSpread || !isCounted) tokens.n = null;
  if (!isCounted) Object.assign(tokens, { tokens_from: 'events', hidden_tokens: null });
  return tokens;
}
