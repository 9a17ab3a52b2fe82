import type { Exchange } from '../client/client.ts';
import { arrivalsOf } from '../metrics/delivery.ts';
import type { Streaming, TokensPerEvent } from './endpoint-profile.ts';

/** Events that are enough to judge one long response: fewer than a run needs. */
const FEWEST = 4;
/** Events closer to each other than this count as one arrival. */
const ONE_INSTANT_US = 1000;

/** Returns how the events of one response arrived; `null` if there was none. */
export function streamingOf({ sent_us, events_us, output_tokens }: Exchange): Streaming | null {
  const events = events_us.length;
  if (events === 0 || sent_us === null) return null;
  const { delivery, span_us } = arrivalsOf({ sent_us, events_us }, FEWEST);
  const arrivals = 1 + Array.from(events_us).filter((gap, k) => k > 0 && gap >= ONE_INSTANT_US).length;
  const isWhole = events < FEWEST && (output_tokens ?? 0) >= FEWEST && arrivals === 1;
  return {
    verdict: isWhole ? 'once' : delivery,
    events,
    arrivals,
    first_ms: (events_us[0]! - sent_us) / 1000,
    span_ms: span_us / 1000,
  };
}

/** Returns how many tokens an event of this response carried. */
export function tokensPerEvent({
  events_us,
  n,
  output_tokens,
  hidden_tokens,
  tokens_from,
  choices = 1,
}: Exchange): TokensPerEvent {
  const common = { output: output_tokens, choices, from: tokens_from };
  const events = events_us.length;
  if (n !== null && events > 0) {
    let sum = 0;
    for (const count of n) sum += count;
    return { ...common, mean: sum / events, most: Math.max(...n), exact: true };
  }
  const known = tokens_from !== 'events' && output_tokens !== null && events > 0;
  const visible = (output_tokens ?? 0) - (hidden_tokens ?? 0);
  return { ...common, mean: known ? visible / events : null, most: null, exact: false };
}
