import { expect, test } from 'vitest';
import { auditTruth } from '../../src/analysis/truth-audit.ts';
import type { Truth, TruthLog } from '../../src/record/truth-log.ts';
import { decodeSample } from '../../src/record/samples-jsonl.ts';
import { type Sample } from '../../src/sample.ts';

/** Returns an entry of the log with instants in microseconds, computed by hand. */
const truthOf = (id: string, given: Partial<Truth> = {}): Truth => ({
  id,
  arrived_us: 1000,
  entered_us: 1010,
  admitted_us: 1010,
  headers_us: 1020,
  computed_us: [5000, 7000],
  written_us: [5100, 7300],
  end: 'complete',
  fault: null,
  prompt: 7,
  cached: 4,
  computed: 2,
  output: 2,
  preemptions: 1,
  ...given,
});

const sampleOf = (id: string | null, given: Record<string, unknown> = {}): Sample =>
  decodeSample(
    JSON.stringify({
      i: 0,
      planned_us: 700,
      sent_us: 800,
      headers_us: 1100,
      events_us: [5150, 2450],
      ended_us: 7600,
      outcome: 'ok',
      input_tokens: 7,
      cached_tokens: 4,
      output_tokens: 2,
      headers: id === null ? {} : { 'x-request-id': id },
      ...given,
    }),
  );

const logOf = (truths: Truth[], given: Partial<TruthLog> = {}): TruthLog => ({
  requests: new Map(truths.map((truth) => [truth.id, truth])),
  server: new Map(),
  totals: {
    steps: 9,
    preemptions: truths.reduce((sum, { preemptions }) => sum + preemptions, 0),
    peak_running: 1,
    peak_blocks: 1,
  },
  ...given,
});

async function* each(samples: Sample[]): AsyncGenerator<Sample> {
  yield* samples;
}

test('errors of every instant are positive if it was recorded late', async () => {
  const audit = await auditTruth(each([sampleOf('a')]), logOf([truthOf('a')]));
  const one = (ms: number) => ({ count: 1, early: 0, min: ms, p50: ms, p99: ms, max: ms });
  expect(audit.errors).toEqual({
    sent: one(0.2),
    headers: one(0.08),
    events: { count: 2, early: 0, min: 0.05, p50: 0.05, p99: 0.3, max: 0.3 },
    written: { count: 2, early: 0, min: 0.1, p50: 0.1, p99: 0.3, max: 0.3 },
  });
  expect(audit.counts).toEqual({
    input_tokens: { measured: 7, truth: 7 },
    cached_tokens: { measured: 4, truth: 4 },
    output_tokens: { measured: 2, truth: 2 },
    events: { measured: 2, truth: 2 },
    preemptions: { measured: 1, truth: 1 },
  });
  expect(audit).toMatchObject({ matched: 1, samples_alone: 0, truth_alone: 0, whole: true, agrees: true });
});

test.each([
  ['an event before its write', { events_us: [5099, 2501] }, {}],
  ['headers before they were sent', { headers_us: 1019 }, {}],
  ['a send after its arrival', { sent_us: 1001 }, {}],
  ['a token too many', { output_tokens: 3 }, {}],
  ['a cached token that was none', { cached_tokens: 5 }, {}],
  ['an event that was missed', { events_us: [5150] }, {}],
  ['a failure that was none', { outcome: 'stream_truncated' }, {}],
  ['a failure that was taken for a success', {}, { end: 'fault', fault: 'truncate' }],
  ['a failure of another kind', { outcome: 'stream_error' }, { end: 'fault', fault: 'malformed' }],
] as const)('%s does not agree', async (_, sample, truth) => {
  const audit = await auditTruth(each([sampleOf('a', sample)]), logOf([truthOf('a', truth)]));
  expect(audit.agrees).toBe(false);
});

test('preemptions differ from the count of the engine', async () => {
  const totals = { steps: 9, preemptions: 2, peak_running: 1, peak_blocks: 1 };
  const audit = await auditTruth(each([sampleOf('a')]), logOf([truthOf('a')], { totals }));
  expect([audit.agrees, audit.counts.preemptions]).toEqual([false, { measured: 1, truth: 2 }]);
});

test.each([
  ['hang', 'timeout'],
  ['hang', 'aborted'],
  ['reset', 'stream_truncated'],
  ['429', 'rate_limited'],
  ['503', 'http_error'],
  ['529', 'http_error'],
] as const)('%s is rightly called %s', async (fault, outcome) => {
  const log = logOf([truthOf('a', { end: 'fault', fault })]);
  const audit = await auditTruth(each([sampleOf('a', { outcome })]), log);
  expect(audit).toMatchObject({ agrees: true, outcomes: { [outcome]: { measured: 1, truth: 1 } } });
});

test('a fault of a later version may have any outcome', async () => {
  const log = logOf([truthOf('a', { end: 'fault', fault: 'gremlins' })]);
  const audit = await auditTruth(each([sampleOf('a', { outcome: 'tls' })]), log);
  expect(audit).toMatchObject({ agrees: true, outcomes: { tls: { measured: 1, truth: 1 } } });
});

test('requests without an id are compared by their number for each outcome', async () => {
  const gone = (id: string) => truthOf(id, { end: 'fault', fault: 'reset-before-headers', preemptions: 0 });
  const lost = sampleOf(null, { outcome: 'connect', headers_us: null, events_us: [] });
  const both = await auditTruth(each([lost, lost]), logOf([gone('a'), gone('b')]));
  expect(both).toMatchObject({ agrees: true, matched: 0, samples_alone: 2, truth_alone: 2 });
  expect(both.outcomes).toEqual({ connect: { measured: 2, truth: 2 } });
  const one = await auditTruth(each([lost]), logOf([gone('a'), gone('b')]));
  expect([one.agrees, one.outcomes]).toEqual([false, { connect: { measured: 1, truth: 2 } }]);
  const three = await auditTruth(each([lost, lost, lost]), logOf([gone('a'), gone('b')]));
  expect(three.agrees).toBe(false);
  // The server did not listen for a while, so it logged no requests of that time.
  const server = new Map([['refuse', 1]]);
  expect((await auditTruth(each([lost, lost, lost]), logOf([gone('a'), gone('b')], { server }))).agrees).toBe(
    true,
  );
  const other = sampleOf(null, { outcome: 'timeout', headers_us: null, events_us: [] });
  expect((await auditTruth(each([other]), logOf([], { server }))).agrees).toBe(false);
});

test('a request that was never sent does not count, and a log that was not closed is incomplete', async () => {
  const unsent = sampleOf(null, { sent_us: null, outcome: 'not_sent', headers_us: null, events_us: [] });
  const audit = await auditTruth(each([unsent]), logOf([], { totals: null }));
  expect(audit).toMatchObject({ whole: false, agrees: true, samples_alone: 0 });
});
