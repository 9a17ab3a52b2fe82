import type { RecordedRun } from '../record/reader.ts';
import { eventInstants, type Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** A request of a measured run, for its repetition on the simulated engine. */
export interface RecordedRequest {
  sent_us: Microseconds;
  /** Input tokens that were computed: all but the cached ones. */
  prompt: number;
  output: number;
  /** From the send to the first event. */
  ttft_us: Microseconds;
  /** `null` with one token. */
  tpot_us: Microseconds | null;
}

/** More tokens make the repetition slow, and add little. */
const MOST_TOKENS = 30_000;

/** Returns the successful requests of a run with known token counts, in the order in which they were sent, and how many others there are. */
export async function recordedRequests(
  run: Pick<RecordedRun, 'samples'>,
): Promise<{ requests: RecordedRequest[]; skipped: number }> {
  const requests: RecordedRequest[] = [];
  let skipped = 0;
  for await (const sample of run.samples()) {
    const request = requestOf(sample);
    if (request !== null) requests.push(request);
    else if (sample.sent_us !== null) skipped++;
  }
  requests.sort((a, b) => a.sent_us - b.sent_us);
  let tokens = 0;
  const enough = requests.findIndex(({ output }) => (tokens += output) > MOST_TOKENS);
  return { requests: enough === -1 ? requests : requests.slice(0, enough), skipped };
}

function requestOf(sample: Sample): RecordedRequest | null {
  const { outcome, sent_us, input_tokens, output_tokens, cached_tokens } = sample;
  if (outcome !== 'ok' || sent_us === null || sample.events_us.length === 0) return null;
  if (input_tokens === null || output_tokens === null || output_tokens < 1) return null;
  const instants = eventInstants(sample);
  const first = instants[0]!;
  const last = instants.at(-1)!;
  return {
    sent_us,
    prompt: Math.max(1, input_tokens - (cached_tokens ?? 0)),
    output: output_tokens,
    ttft_us: first - sent_us,
    tpot_us: output_tokens > 1 && last > first ? (last - first) / (output_tokens - 1) : null,
  };
}
