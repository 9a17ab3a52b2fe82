import { describe, expect, it } from 'vitest';
import { analyzeGroups } from '../../src/analysis/groups.ts';
import { parseGate, type Gate } from '../../src/slo/grammar.ts';
import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { FailFast, type PlannedRun } from '../../src/verdict/fail-fast.ts';
import { judgeGate } from '../../src/verdict/gate.ts';
import { judge } from '../../src/verdict/judge.ts';
import { headerOf, slosOf } from '../analysis/headers.ts';
import { failed, requests, run } from '../analysis/run.ts';

const LIMITS = { ttft: 200 };

function gateOf(text: string): Gate {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(gate.problem[0]!.message);
  return gate.value;
}

const planned = (most: number | null): PlannedRun => ({
  load: { loop: 'open', clock: 'planned', requests: null, max_concurrency: null },
  window: { start_us: 0, end_us: 60_000_000 },
  most,
  model: null,
});

/** Changes a request of the tests, whose first token is after 50 ms and the second 20 ms later. */
const slow = (at: number, ttft_ms: number): object => ({
  events_us: [at * 100_000 + ttft_ms * 1000, 20_000],
  ended_us: at * 100_000 + (ttft_ms + 20) * 1000,
});

/** Returns true if the analysis of these samples meets the gate. */
async function passes(samples: readonly Sample[], text: string): Promise<boolean> {
  const { report, values } = await run(samples, { header: headerOf(), limits: LIMITS });
  return judgeGate(gateOf(text), report, values).pass;
}

/** Returns the number of samples after which there is a reason to stop; `null` if there never is. */
function stopsAfter(samples: readonly Sample[], text: string, most: number | null): number | null {
  const watch = new FailFast([gateOf(text)], slosOf(LIMITS), planned(most));
  for (const [k, sample] of samples.entries()) {
    if (watch.add([sample]) !== null) return k + 1;
  }
  return null;
}

/** A request that is bad for every gate on a latency. */
const bad = (i: number): object => slow(i, 5000);

describe('the cohort', () => {
  const LOADS: [string, Partial<PlannedRun['load']>][] = [
    ['open loop', {}],
    ['open loop with a cap', { max_concurrency: 4 }],
    ['open loop, from the send on', { clock: 'sent' }],
    ['closed loop', { loop: 'closed' }],
    ['a number of requests', { requests: 20 }],
  ];

  it.each(LOADS)('is that of the analysis: %s', async (_, changes) => {
    const load = { ...planned(null).load, ...changes };
    const window = { start_us: 10_000_000, end_us: 20_000_000 };
    const random = randomStream(5, 'cohort');
    const sizes = new Set<number>();
    for (let k = 0; k < 200; k++) {
      // Around both edges of the window; sent late, or never.
      const edge = random.uniform() < 0.5 ? window.start_us : window.end_us;
      const planned_us = edge + random.below(3) - 1;
      const sent_us = random.uniform() < 0.2 ? null : planned_us + random.below(3);
      const times = { planned_us, sent_us, events_us: [], ended_us: planned_us + 1000 };
      const phase = random.uniform() < 0.5 ? 'warmup' : 'measure';
      const [sample] = requests(1, () => ({ ...failed('timeout'), ...times, phase }));
      const { report } = await run([sample!], { header: headerOf({ load, window }) });
      const watch = new FailFast([gateOf('attainment >= 100%')], [], {
        load,
        window,
        most: null,
        model: null,
      });
      expect(watch.add([sample!]) !== null).toBe(report.counts.cohort === 1);
      sizes.add(report.counts.cohort);
    }
    expect(sizes).toEqual(new Set([0, 1]));
  });
});

describe('a gate that can no longer be met', () => {
  it.each<[string, (i: number) => object, number]>([
    // The last column is one request more than the gate allows of 100.
    ['attainment >= 90%', bad, 11],
    ['attainment >= 90%', () => failed('timeout'), 11],
    ['attainment >= 100%', bad, 1],
    ['attainment >= 95.5%', bad, 5],
    ['attainment >= 90% with 95% confidence', bad, 11],
    ['error_rate <= 5%', () => failed('timeout'), 6],
    ['error_rate <= 0%', () => failed('timeout'), 1],
    ['ttft p99 <= 400ms', bad, 2],
    ['ttft p50 <= 400ms', bad, 51],
    ['ttft p95 <= 400ms', bad, 6],
    ['ttft max <= 400ms', bad, 1],
    // 5 s each; 100 requests may take 40 s together.
    ['ttft mean <= 400ms', bad, 9],
    // One token in 20 ms is 50 tok/s; half of the requests may be slower.
    [
      'user_tps p50 >= 30',
      (i) => ({ events_us: [i * 100_000 + 50_000, 60_000], ended_us: i * 100_000 + 110_000 }),
      50,
    ],
    [
      'user_tps min >= 30',
      (i) => ({ events_us: [i * 100_000 + 50_000, 60_000], ended_us: i * 100_000 + 110_000 }),
      1,
    ],
  ])('%s stops at the first bad request above the allowed number', async (text, worse, expected) => {
    const all = requests(100, worse);
    expect(stopsAfter(all, text, 100)).toBe(expected);
    // The oracle: with all others perfect, one bad request fewer passes, and this many fail. (For a mean the others would have to be 0 ms;
    // an interval is stricter than its figure.)
    const withBad = (count: number): Sample[] => requests(100, (i) => (i < count ? worse(i) : {}));
    if (!/confidence|mean/.test(text)) expect(await passes(withBad(expected - 1), text)).toBe(true);
    expect(await passes(withBad(expected), text)).toBe(false);
    // The requests until then fail by themselves too, which is what the report shows.
    expect(await passes(withBad(expected).slice(0, expected), text)).toBe(false);
  });

  it('is missed by every continuation of the run: random runs, any gate', async () => {
    const random = randomStream(7, 'fail fast');
    const texts = [
      'attainment >= 80%',
      'error_rate <= 10%',
      'ttft p90 <= 300ms',
      'ttft mean <= 200ms',
      'e2e p75 <= 250ms',
    ];
    let stopped = 0;
    for (let k = 0; k < 60; k++) {
      const share = random.uniform() / 2;
      const samples = requests(120, (i) => {
        if (random.uniform() > share) return {};
        return random.below(2) === 0 ? failed('timeout') : slow(i, 100 + random.below(1500));
      });
      for (const text of texts) {
        const after = stopsAfter(samples, text, 120);
        if (after === null) continue;
        stopped++;
        // It is missed even if the rest is perfect.
        const best = requests(120).map((sample, i) => (i < after ? samples[i]! : sample));
        expect(await passes(best, text)).toBe(false);
        expect(await passes(samples, text)).toBe(false);
        expect(await passes(samples.slice(0, after), text)).toBe(false);
      }
    }
    expect(stopped).toBeGreaterThan(60);
  });
});

describe('a gate of a group', () => {
  /** Every third request is of turn 1. */
  const turnOf = (i: number): object => ({ turn: i % 3 === 1 ? 1 : 0 });

  it.each([
    // All 100 requests may belong to the group, so its gate allows as many bad ones as that of the run.
    ['attainment by turn=1 >= 90%', 11],
    ['error_rate by turn=1 <= 10%', 11],
    ['ttft p95 by turn=1 <= 400ms', 6],
    ['ttft max by turn=1 <= 400ms', 1],
  ])('%s counts only its requests', (text, allowed) => {
    const worse = (i: number): object => (text.startsWith('error_rate') ? failed('timeout') : bad(i));
    const others = requests(100, (i) => ({ ...turnOf(i), ...(i % 3 === 1 ? {} : worse(i)) }));
    expect(stopsAfter(others, text, 100)).toBeNull();
    const own = requests(100, (i) => ({ ...turnOf(i), ...(i % 3 === 1 ? worse(i) : {}) }));
    // The k-th request of turn 1 is request 3k − 2, from 0.
    expect(stopsAfter(own, text, 100)).toBe(3 * allowed - 1);
  });

  it('is missed by every continuation of the run', async () => {
    const random = randomStream(9, 'groups fail fast');
    const header = headerOf();
    const failing = async (samples: readonly Sample[], gate: Gate): Promise<boolean> => {
      const { report, values, extent } = await run(samples, { header, limits: LIMITS });
      const selection = { keys: [], groups: [gate.group!] };
      const groups = await analyzeGroups(header, '', () => samples, slosOf(LIMITS), extent, selection);
      const { gates } = judge(report, values, { status: 'valid' }, [gate], { strict: false, groups });
      return !gates[0]!.pass;
    };
    let stopped = 0;
    for (let k = 0; k < 30; k++) {
      const share = random.uniform();
      const samples = requests(60, (i) => ({
        tags: { model: 'ab'[random.below(2)] },
        ...(random.uniform() > share
          ? {}
          : random.below(2) === 0
            ? failed('timeout')
            : slow(i, 100 + random.below(1500))),
      }));
      for (const text of [
        'attainment by model=a >= 80%',
        'error_rate by model=b <= 10%',
        'ttft p90 by model=a <= 300ms',
        'ttft mean by model=b <= 200ms',
      ]) {
        const after = stopsAfter(samples, text, 60);
        if (after === null) continue;
        stopped++;
        // Whatever group the perfect rest belongs to.
        for (const model of ['a', 'b']) {
          const best = requests(60, () => ({ tags: { model } })).map((each, i) =>
            i < after ? samples[i]! : each,
          );
          expect(await failing(best, gateOf(text))).toBe(true);
        }
        expect(await failing(samples.slice(0, after), gateOf(text))).toBe(true);
      }
    }
    expect(stopped).toBeGreaterThan(20);
  });

  it('by tokens is decided at the end, because a tokenizer may count them then', () => {
    const gates = ['ttft max by output_tokens=2-3 <= 400ms', 'ttft max by input_tokens=8-15 <= 400ms'];
    expect(new FailFast(gates.map(gateOf), [], planned(100)).gates).toEqual([]);
  });
});

describe('what cannot be decided early', () => {
  it('without a planned number: all gates but those that one request decides', () => {
    const all = requests(500, (i) => (i % 2 === 0 ? bad(i) : {}));
    expect(stopsAfter(all, 'attainment >= 100%', null)).toBe(1);
    expect(stopsAfter(all, 'ttft max <= 1s', null)).toBe(1);
    expect(stopsAfter(all, 'attainment >= 99%', null)).toBeNull();
    expect(stopsAfter(all, 'ttft p99 <= 1s', null)).toBeNull();
    expect(stopsAfter(all, 'ttft mean <= 1s', null)).toBeNull();
  });

  it('rates, pooled metrics, and minima with an upper limit', () => {
    const gates = [
      'goodput_rpm >= 25',
      'itl p99 <= 30ms',
      'ttft min <= 1s',
      'attainment >= 90%',
      'user_tps mean >= 20',
    ];
    const watch = new FailFast(gates.map(gateOf), slosOf(LIMITS), planned(100));
    expect(watch.gates.map(({ text }) => text)).toEqual(['attainment >= 90%']);
  });

  it('requests outside of the cohort are not counted', () => {
    const outside = (i: number): object => ({ phase: 'warmup', planned_us: 60_000_000 + i * 100_000 });
    const all = requests(100, (i) => Object.assign({}, bad(i), outside(i)));
    expect(stopsAfter(all, 'attainment >= 90%', 100)).toBeNull();
    const byNumber = new FailFast([gateOf('attainment >= 90%')], slosOf(LIMITS), {
      ...planned(100),
      load: { ...planned(100).load, requests: 100 },
    });
    expect(byNumber.add(all)).toBeNull();
    expect(byNumber.add(requests(100, bad))).toMatch(/^attainment >= 90% .* 11 of at most 100 requests/);
  });
});
