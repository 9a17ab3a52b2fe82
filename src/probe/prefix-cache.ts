import type { Exchange } from '../client/client.ts';
import type { PrefixCache } from './endpoint-profile.ts';

/** A unique prompt that was sent twice. */
export interface Pair {
  first: Exchange;
  again: Exchange;
}

/** Number of pairs. The chance that all second requests are faster by accident is one in twenty: 1 ÷ (6 over 3). */
export const PAIRS = 3;
const FASTER = 0.9;

/** Returns whether repeated prompts were answered sooner; `null` if a request failed. */
export function prefixCache(words: number, pairs: readonly Pair[]): PrefixCache | null {
  const first = pairs.map((pair) => firstToken(pair.first));
  const again = pairs.map((pair) => firstToken(pair.again));
  if (pairs.length === 0 || [...first, ...again].some(Number.isNaN)) return null;
  const cached = pairs.map((pair) => pair.again.cached_tokens).filter((tokens) => tokens !== null);
  return {
    words,
    first_ms: first,
    again_ms: again,
    cached_tokens: cached.length === 0 ? null : Math.max(...cached),
    faster: Math.max(...again) < Math.min(...first) && median(again) <= FASTER * median(first),
  };
}

const firstToken = ({ outcome, sent_us, events_us }: Exchange): number =>
  outcome !== 'ok' || sent_us === null || events_us.length === 0 ? NaN : (events_us[0]! - sent_us) / 1000;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1]!;
}
