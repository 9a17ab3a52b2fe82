import { describe, expect, it } from 'vitest';
import { parseGate, type Gate } from '../../src/slo/grammar.ts';
import type { Sample } from '../../src/sample.ts';
import { audit } from '../../src/verdict/audit.ts';
import type { LiveRun } from '../../src/verdict/live-cohort.ts';
import { LiveJudgement } from '../../src/verdict/live-judgement.ts';
import { randomStream } from '../../src/random.ts';
import { headerOf, slosOf } from '../analysis/headers.ts';
import { failed, requests, run } from '../analysis/run.ts';

const WINDOW = { start_us: 2_000_000, end_us: 8_000_000 };
const LOAD: LiveRun['load'] = { loop: 'open', clock: 'planned', requests: null, max_concurrency: null };
const LIMITS = { ttft: 200 };

function gateOf(text: string): Gate {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(gate.problem[0]!.message);
  return gate.value;
}

function judge(samples: readonly Sample[], gates: readonly string[] = [], limits: object = LIMITS) {
  const live = new LiveJudgement(slosOf({ ...limits }), gates.map(gateOf), { load: LOAD, window: WINDOW });
  // In two parts, as the load workers report them.
  live.add(samples.slice(0, samples.length >> 1));
  live.add(samples.slice(samples.length >> 1));
  return live;
}

/** Requests around the window: good, slow, failed in two ways, cut off. */
function mixed(seed: number): Sample[] {
  const random = randomStream(seed, 'live');
  return requests(100, (i) => {
    const at = i * 100_000;
    const ttft = Math.round(random.uniform() * 400_000);
    const kind = random.uniform();
    if (kind < 0.1) return failed('timeout', { error: { message: 'no first token' } });
    if (kind < 0.25) return failed('http_error', { status: 500, error: { message: 'out of memory' } });
    if (kind < 0.35) return failed('aborted', { ended_us: at + ttft });
    return { events_us: [at + ttft, 20_000], ended_us: at + ttft + 20_000 };
  });
}

describe('a run so far', () => {
  it('is judged as the analysis judges the same requests', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const samples = mixed(seed);
      const { report } = await run(samples, {
        header: headerOf({ load: LOAD, window: WINDOW }),
        limits: LIMITS,
      });
      const { judged, good, attainment, failure } = judge(samples).soFar(null);
      expect({ judged, good }).toEqual({ judged: report.counts.judged, good: report.counts.good });
      expect(attainment).toBe(report.slo!.attainment.value);
      // Of all requests, not only those of the window.
      const most = ['timeout', 'http_error'].map((outcome) => ({
        outcome,
        count: samples.filter((sample) => sample.outcome === outcome).length,
      }));
      expect(failure!.count).toBe(Math.max(...most.map(({ count }) => count)));
      expect(most).toContainEqual({ outcome: failure!.outcome, count: failure!.count });
    }
  });

  it('has no attainment before the first request has ended', () => {
    expect(judge([], ['attainment >= 90%']).soFar(null)).toEqual({
      judged: 0,
      good: 0,
      attainment: null,
      has_slos: true,
      gate: null,
      failure: null,
      audit: { status: 'valid', reason: null },
    });
  });

  it('shows the gate on attainment, a missed one first; other gates need the end of the run', () => {
    const samples = requests(60, (i) => (i % 10 === 0 ? { events_us: [i * 100_000 + 300_000, 1] } : {}));
    const gateOfRun = (...gates: string[]) => judge(samples, gates).soFar(null).gate;
    expect(gateOfRun('ttft p99 <= 1s', 'attainment >= 90%')).toEqual({
      text: 'attainment >= 90%',
      met: true,
    });
    expect(gateOfRun('attainment >= 50%', 'attainment >= 95%')).toEqual({
      text: 'attainment >= 95%',
      met: false,
    });
    expect(gateOfRun('error_rate <= 1%')).toBeNull();
    expect(gateOfRun('attainment by turn=0 >= 95%')).toBeNull();
  });

  it('counts every success as good without SLOs', () => {
    const { attainment, has_slos } = judge(requests(100), [], {}).soFar(null);
    expect({ attainment, has_slos }).toEqual({ attainment: 1, has_slos: false });
  });
});

describe('the audit so far', () => {
  const late = (by_us: number): Sample[] => requests(100, (i) => ({ sent_us: i * 100_000 + by_us }));
  const calm = { delay_max_ms: 3, busy_share: 0.2, over_s: 5 };

  it.each([
    ['in time', requests(100), calm],
    ['late by 30 ms of 50', late(30_000), calm],
    ['late by 7 ms of 50', late(7000), calm],
    ['a blocked load worker', requests(100), { ...calm, delay_max_ms: 400 }],
    ['a load worker that was blocked for seconds', requests(100), { ...calm, delay_max_ms: 4000 }],
    ['a busy load worker', requests(100), { ...calm, busy_share: 0.9 }],
    [
      'no file descriptors',
      requests(100, () => failed('connect', { error: { message: '', code: 'EMFILE' } })),
      calm,
    ],
  ])('has the status and the reason of the audit at the end: %s', async (_, samples, loop) => {
    const worker = {
      worker: 0,
      connections_opened: 1,
      event_loop_delay_p50_ms: null,
      event_loop_delay_p95_ms: null,
      event_loop_delay_p99_ms: null,
      stamp_delay_p99_ms: null,
      event_loop_delay_max_ms: loop.delay_max_ms,
      drain_delay_max_ms: 0,
      event_loop_utilization: loop.busy_share,
      gc_pauses_ms: 0,
      gc_pause_max_ms: 0,
    };
    const header = headerOf({ load: LOAD, window: WINDOW, workers: [worker] });
    const { report, values } = await run(samples, { header });
    const own = ['send_lag', 'unsent', 'local_limits', 'event_loop_delay', 'event_loop_utilization'];
    const reason = audit(report, values).reasons.find(({ rule }) => own.includes(rule));
    const found = judge(samples, [], {}).soFar(loop).audit;
    expect(found.status).toBe(reason?.level ?? 'valid');
    // Percentiles during the run are within 0.1 %.
    const digits = (text: string | undefined): string | undefined => text?.replaceAll(/[\d.]+/g, '#');
    expect(digits(found.reason ?? undefined)).toBe(digits(reason?.text));
  });

  it('puts an invalid reason before a suspect one', () => {
    const { status, reason } = judge(late(7000), [], {}).soFar({ ...calm, delay_max_ms: 4000 }).audit;
    expect(status).toBe('invalid');
    expect(reason).toContain('blocked');
  });

  it('does not judge the busy share of a window that has just begun', () => {
    expect(judge([]).soFar({ ...calm, busy_share: 1, over_s: 0.1 }).audit.status).toBe('valid');
  });
});
