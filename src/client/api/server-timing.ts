import type { ServerTiming } from '../../sample.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asObject } from '../http/json-values.ts';

/** The longest time that is believed: 104 days, as of any instant of a run. */
const LONGEST_MS = 9e9;

const KEYS = {
  /** llama.cpp. */
  timings: { prefill_ms: 'prompt_ms', decode_ms: 'predicted_ms' },
  /** vLLM with --enable-per-request-metrics, if the body has `include_metrics`. */
  metrics: { ttft_ms: 'time_to_first_token_ms', queue_ms: 'queue_time_ms' },
} as const;

/** Returns the server's own times of the request, from the event that has them; `null` for any other event. */
export function serverTimingOf(payload: JsonObject): ServerTiming | null {
  // This runs for every event, and one in a whole answer has them.
  if (payload['timings'] === undefined && payload['metrics'] === undefined) return null;
  for (const [object, keys] of Object.entries(KEYS)) {
    const given = asObject(payload[object]);
    if (given === null) continue;
    const times = Object.entries(keys).flatMap(([name, key]) => {
      const value = given[key];
      return typeof value === 'number' && value >= 0 && value <= LONGEST_MS ? [[name, value] as const] : [];
    });
    if (times.length > 0) return Object.fromEntries(times);
  }
  return null;
}
