import { describe, expect, test } from 'vitest';
import { REQUEST_METRICS, type RequestMetricName } from '../../src/metrics/registry.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import type { RequestContext } from '../../src/metrics/request-figures.ts';
import { randomStream } from '../../src/random.ts';
import type { Random } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from './samples.ts';

const CASES = 3000;

const pick = <T>(random: Random, ...choices: T[]): T => choices[random.below(choices.length)]!;

/** Returns a random request that a client could record: bursts, hidden reasoning, known or unknown counts, failures, cut-offs. */
function randomSample(random: Random): Sample {
  const planned_us = random.below(1_000_000);
  const released_us = pick(random, null, planned_us + random.below(300_000));
  const connect_us = pick(random, null, random.below(50_000));
  const outcome = pick(random, 'ok', 'ok', 'ok', 'stream_error', 'aborted', 'not_sent', 'connect');
  const unsent = outcome === 'not_sent' || outcome === 'connect';
  const sent_us = unsent ? null : (released_us ?? planned_us) + (connect_us ?? 0) + random.below(2000);
  const K = unsent ? 0 : random.below(12);
  const events_us = Array.from({ length: K }, (_, k) =>
    k === 0 ? sent_us! + 1 + random.below(400_000) : pick(random, 0, random.below(90_000)),
  );
  const n = pick(
    random,
    null,
    null,
    events_us.map(() => random.below(5)),
  );
  const answer = K === 0 ? null : pick(random, null, 0, 0, random.below(K));
  const hidden_tokens = pick(random, null, null, 0, 1 + random.below(40));
  const output_tokens = pick(random, null, (hidden_tokens ?? 0) + random.below(3 * K + 2));
  const ended_us =
    events_us.reduce((at, step) => at + step, sent_us ?? planned_us) -
    (K > 0 ? sent_us! : 0) +
    random.below(100);
  return sampleOf({
    planned_us,
    released_us,
    connect_us,
    outcome,
    sent_us,
    events_us,
    n,
    answer,
    hidden_tokens,
    output_tokens,
    ended_us,
  });
}

/** The definitions of docs/metrics.md, implemented independently, one token at a time. */
function slowly(
  sample: Sample,
  context: RequestContext,
): { single: Record<string, number>; itl: number[]; gaps: number[]; arrivals: number[] } {
  const steps = Array.from(sample.events_us);
  const at = steps.map((_, k) => steps.slice(0, k + 1).reduce((a, b) => a + b, 0));
  const K = at.length;
  const {
    planned_us: planned,
    sent_us: sent,
    released_us: released,
    connect_us: connect,
    n,
    answer,
  } = sample;
  const fromSent = context.loop === 'closed' || context.clock === 'sent';
  const start = sent !== null && fromSent ? sent : planned;
  const H = sample.hidden_tokens ?? 0;
  const N = sample.output_tokens ?? (n === null ? K : n.reduce((a, b) => a + b, 0));
  const d = H === 0 ? 0 : answer === null ? K : answer;
  const M = K - d;
  const V = n === null ? N - H : n.slice(d).reduce((a, b) => a + b, 0);
  const tokensAt = at.map((_, k) => {
    if (k < d) return 0;
    if (n !== null) return n[k]!;
    if (V === M) return 1;
    if (V <= 0) return 0;
    if (M === 1) return V;
    if (k === d) return 1;
    const upTo = (j: number): number => Number((BigInt(j) * BigInt(V - 1)) / BigInt(M - 1));
    return upTo(k - d) - upTo(k - d - 1);
  });
  const single: Record<string, number> = {};
  if (K >= 1) single['ttft'] = (at[0]! - start) / 1000;
  if (K >= 1) single['ttft_sent'] = (at[0]! - sent!) / 1000;
  if (answer !== null) single['ttfa'] = (at[answer]! - start) / 1000;
  const ok = sample.outcome === 'ok';
  if (ok && K >= 1) single['e2e'] = (at[K - 1]! - start) / 1000;
  if (ok && K >= 1) single['e2e_sent'] = (at[K - 1]! - sent!) / 1000;
  if (ok && K >= 1 && N >= 1) single['ntpot'] = (at[K - 1]! - start) / 1000 / N;
  const first = n === null || d >= K ? 1 : Math.max(1, n[d]!);
  if (M >= 2 && V > first) single['tpot'] = (at[K - 1]! - at[d]!) / 1000 / (V - first);
  if (single['tpot'] !== undefined && single['tpot'] > 0) single['user_tps'] = 1000 / single['tpot'];
  if (K >= 2) single['max_gap'] = Math.max(...steps.slice(1)) / 1000;
  const arrivals = tokensAt.flatMap((count, k) => Array<number>(count).fill(at[k]!));
  if (context.deadlines !== null && H === 0 && K > 0 && V > 0) {
    const { ttft, tpot } = context.deadlines;
    single['on_time_share'] =
      arrivals.filter((arrival, i) => arrival <= start + ttft * 1000 + i * tpot * 1000).length / V;
  }
  if (sent !== null && context.loop === 'open') single['dispatch_lag'] = (sent - planned) / 1000;
  if (released !== null && context.loop === 'open') single['queue_wait'] = (released - planned) / 1000;
  if (sent !== null) single['send_lag'] = (sent - (released ?? planned) - (connect ?? 0)) / 1000;
  if (connect !== null) single['connect'] = connect / 1000;
  const itl: number[] = [];
  let before = at[d];
  for (let k = d + 1; k < K; k++) {
    if (tokensAt[k] === 0) continue;
    for (let i = 0; i < tokensAt[k]!; i++) itl.push((at[k]! - before!) / 1000 / tokensAt[k]!);
    before = at[k];
  }
  if (K > 0) arrivals.push(...Array<number>(H).fill(d < K ? at[d]! : at[K - 1]!));
  return { single, itl, gaps: steps.slice(1).map((gap) => gap / 1000), arrivals };
}

const contexts: RequestContext[] = [
  { loop: 'open', clock: 'planned', deadlines: { ttft: 150, tpot: 20 } },
  { loop: 'open', clock: 'sent', deadlines: { ttft: 0, tpot: 0 } },
  { loop: 'closed', clock: 'planned', deadlines: null },
];

function values(figures: RequestFigures): Record<string, number> {
  return Object.fromEntries(
    REQUEST_METRICS.map(({ name }) => [name, figures.value(name)] as const).filter(
      (entry): entry is [RequestMetricName, number] => entry[1] !== null,
    ),
  );
}

function pooled(figures: RequestFigures, which: 'tokenGaps' | 'chunkGaps'): number[] {
  const found: number[] = [];
  figures[which]((gap_us, tokens) => {
    for (let i = 0; i < tokens; i++) found.push(gap_us / 1000 / tokens);
  });
  return found;
}

const close = (value: number): unknown => expect.closeTo(value, 6);

describe.each(contexts)('random requests, $loop loop from $clock', (context) => {
  const random = randomStream(11, `${context.loop}${context.clock}`);
  const figures = new RequestFigures(context);

  test('have the metrics of the definitions, from one object that is used for all', () => {
    for (let c = 0; c < CASES; c++) {
      const sample = randomSample(random);
      figures.read(sample);
      const wanted = slowly(sample, context);
      expect(values(figures)).toEqual(
        Object.fromEntries(Object.entries(wanted.single).map(([name, value]) => [name, close(value)])),
      );
      expect(pooled(figures, 'tokenGaps')).toEqual(wanted.itl.map(close));
      expect(pooled(figures, 'chunkGaps')).toEqual(wanted.gaps.map(close));
    }
  });

  test('have tokens that arrive once, for any division of time into windows', () => {
    for (let c = 0; c < CASES; c++) {
      const sample = randomSample(random);
      figures.read(sample);
      const { arrivals } = slowly(sample, context);
      const cuts = [-1, random.below(1_500_000), random.below(1_500_000), 1e12].sort((a, b) => a - b);
      for (let w = 1; w < cuts.length; w++) {
        const [from, to] = [cuts[w - 1]!, cuts[w]!];
        const wanted = arrivals.filter((arrival) => arrival > from && arrival <= to).length;
        expect(figures.tokensWithin(from, to)).toBe(wanted);
        let arrived = 0;
        figures.arrivals((at, tokens) => {
          if (at > from && at <= to) arrived += tokens;
        });
        expect(arrived).toBe(wanted);
      }
    }
  });

  test('e2e = ttft + tpot·(N − n) without hidden or unattributed tokens', () => {
    let held = 0;
    for (let c = 0; c < CASES; c++) {
      const sample = randomSample(random);
      figures.read(sample);
      const { hidden, unattributed, total, visible, inFirst } = figures.tokens;
      const [ttft, tpot, e2e] = [figures.value('ttft'), figures.value('tpot'), figures.value('e2e')];
      if (
        hidden > 0 ||
        unattributed > 0 ||
        total !== visible ||
        ttft === null ||
        tpot === null ||
        e2e === null
      )
        continue;
      held++;
      expect(e2e).toBeCloseTo(ttft + tpot * (total - inFirst), 6);
    }
    expect(held).toBeGreaterThan(100);
  });
});

test('the textbook: e2e = TTFT + TPOT × tokens after the first, also for events with several tokens', () => {
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  figures.read(
    sampleOf({ sent_us: 0, events_us: [200_000, 300_000, 300_000], n: [3, 3, 3], output_tokens: 9 }),
  );
  expect(figures.value('tpot')).toBe(100);
  expect(figures.value('e2e')).toBe(200 + 100 * (9 - 3));
});
