import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { seriesOf } from '../../src/series/series.ts';
import type { SeriesDocument } from '../../src/series/series-document.ts';
import { headerOf, slosOf } from '../analysis/headers.ts';
import { failed, run } from '../analysis/run.ts';
import { sampleOf } from '../metrics/samples.ts';

/** Requests with random instants, lengths and failures, from before W until after it. */
export function randomRequests(seed: number, { count = 600, from_s = -5, to_s = 62 } = {}): Sample[] {
  const random = randomStream(seed, 'requests');
  const start_us = Math.max(0, from_s) * 1e6;
  const span_us = to_s * 1e6 - start_us;
  return Array.from({ length: count }, (_, i) => {
    const planned_us = Math.round(start_us + random.uniform() * span_us);
    const sent_us = planned_us + random.below(20_000);
    const first = Math.round(50_000 + 400_000 * random.exponential());
    const gaps = Array.from({ length: random.below(30) }, () => Math.round(20_000 * random.exponential()));
    const events_us = [sent_us + first, ...gaps];
    const last_us = events_us.reduce((sum, each) => sum + each, 0);
    const usual = {
      i,
      phase: 'measure',
      planned_us,
      sent_us,
      headers_us: sent_us + 1000,
      events_us,
      answer: 0,
      status: 200,
      finish: 'stop',
      tokens_from: 'usage',
      output_tokens: events_us.length,
      input_tokens: 1 + random.below(500),
      planned_input: 100,
      ended_us: last_us + random.below(1000),
    };
    const kind = random.below(20);
    if (kind === 0)
      return sampleOf({ ...usual, ...failed('http_error', { status: 500, ended_us: sent_us + 900 }) });
    if (kind === 1) return sampleOf({ ...usual, ...failed('timeout', { ended_us: sent_us + 2_000_000 }) });
    if (kind === 2) return sampleOf({ ...usual, outcome: 'aborted' });
    return sampleOf(usual);
  });
}

export type Options = NonNullable<Parameters<typeof run>[1]>;

/** Returns the series of a run with its analysis. */
export async function seriesOfRun(samples: readonly Sample[], options: Options = {}) {
  const { header = headerOf(), limits = {} } = options;
  const analysis = await run(samples, options);
  const series: SeriesDocument = await seriesOf({
    header,
    ...analysis,
    slos: slosOf(limits),
    async *samples() {
      yield* samples;
    },
  });
  return { ...analysis, document: series };
}
