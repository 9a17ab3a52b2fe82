/** @module-tag study */
import { expect, test } from 'vitest';
import { AnalysisPass } from '../../src/analysis/analyze.ts';
import { randomStream } from '../../src/random.ts';
import { bytesInUse } from '../buffers.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, seconds, slosOf } from './headers.ts';

test('a report keeps at most 100 bytes of numbers per request, also of a run of 18 hours', async () => {
  const random = randomStream(1, 'memory');
  const below = (limit: number): number => Math.floor(random.uniform() * limit);
  const count = 64 * 1024;
  const every = 1e6;
  const before = await bytesInUse();
  const header = headerOf({ window: seconds(0, count) });
  const pass = new AnalysisPass(header, slosOf({ ttft: 300 }));
  for (let i = 0; i < count; i++) {
    const planned_us = i * every;
    const sent_us = planned_us + below(300);
    const gaps = Array.from({ length: 3 + below(5) }, () => below(100_000));
    const first_us = sent_us + below(10e6);
    const last_us = gaps.reduce((sum, gap) => sum + gap, first_us);
    pass.add(
      sampleOf({
        i,
        phase: 'measure',
        planned_us,
        sent_us,
        events_us: [first_us, ...gaps],
        ended_us: last_us + below(100),
        tokens_from: 'usage',
        output_tokens: gaps.length + 1,
      }),
    );
  }
  const perRequest = ((await bytesInUse()) - before) / count;
  // The three rates of tokens are fractions, which take 8 bytes each; fewer than 40 bytes in all would mean that they are lost.
  expect(perRequest).toBeGreaterThan(40);
  expect(perRequest).toBeLessThan(100);
  expect(pass.finish('', pass.extent(null)).report.counts.cohort).toBe(count);
});
