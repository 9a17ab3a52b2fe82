import type { Exchange } from '../client/client.ts';
import type { Streaming, TokensPerEvent } from './portrait.ts';

/** Events nearer than this came together: a read brings what the network had together. */
const TOGETHER_US = 1000;
/** All within this, or within a fiftieth of the time to the last: nothing was streamed. */
const AT_ONCE_US = 2000;
const AT_ONCE_SHARE = 0.02;
/** On average more than this many events an arrival are bursts. */
const BURST = 2;
/** Fewer events show nothing of how they come, unless one event has several tokens. */
const FEWEST = 4;

/** How the events of one answer came. `null` where there was none. */
export function streamingOf({ sent_us, events_us, output_tokens }: Exchange): Streaming | null {
  const events = events_us.length;
  if (events === 0 || sent_us === null) return null;
  let arrivals = 1;
  let span = 0;
  for (let k = 1; k < events; k++) {
    const gap = events_us[k]!;
    span += gap;
    if (gap >= TOGETHER_US) arrivals++;
  }
  const first = events_us[0]! - sent_us;
  const atOnce = span <= Math.max(AT_ONCE_US, AT_ONCE_SHARE * (first + span));
  const enough = events >= FEWEST || (output_tokens ?? 0) >= FEWEST;
  const verdict = !enough ? 'unknown' : atOnce ? 'once' : events / arrivals > BURST ? 'bursts' : 'streams';
  return { verdict, events, arrivals, first_ms: first / 1000, span_ms: span / 1000 };
}

/** How many tokens an event of this answer carried. */
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
