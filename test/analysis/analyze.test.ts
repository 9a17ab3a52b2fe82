import { describe, expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/registry.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, seconds } from './headers.ts';
import { failed, requests, run } from './run.ts';

const half = (count: number, failures: number) =>
  requests(count, (i) => (i < failures ? failed('timeout') : {}));

const applies = async (from: number, to: number) =>
  (await run(requests(40), { header: headerOf({ window: seconds(from, to) }) })).report.health.little_applies;

function* many(): Generator<Sample> {
  const [one] = requests(1);
  const steps = Array<number>(19).fill(20_000);
  for (let i = 0; i < 200_000; i++) {
    const at = i * 300;
    yield {
      ...one!,
      i,
      planned_us: at,
      sent_us: at,
      events_us: [at + 50_000, ...steps],
      ended_us: at + 430_000,
      output_tokens: 20,
    };
  }
}

describe('the cohort', () => {
  const around = [-1, 0, 999_999, 1_000_000].map((start, i) =>
    sampleOf({ i, planned_us: start + 1e6, sent_us: start + 2e6, ended_us: 9e6 }),
  );

  test('has the requests that start in W, including its first instant and excluding its last', async () => {
    const { report } = await run(around, { header: headerOf({ window: seconds(1, 2) }) });
    expect(report.counts).toMatchObject({ planned: 2, cohort: 2, judged: 2 });
  });

  test('is by the send with clock: sent', async () => {
    const { report } = await run(around, {
      header: headerOf({ window: seconds(1, 2), load: { clock: 'sent' } }),
    });
    expect(report.counts.cohort).toBe(1);
  });

  test('of a run of N requests is these N, whenever they start', async () => {
    const header = headerOf({ window: seconds(1, 2), load: { requests: 3, duration_s: null } });
    const { report } = await run(
      around.map((sample) =>
        sampleOf(Object.assign({}, sample, { phase: sample.i === 0 ? 'warmup' : 'measure' })),
      ),
      { header },
    );
    expect(report.counts.cohort).toBe(3);
  });
});

describe('goodput counts good requests that completed in W, including those of the warm-up', () => {
  test('and no others', async () => {
    const header = headerOf({ window: seconds(10, 20), load: { warmup_s: 10 } });
    // Number 99 starts at 9.9 s and ends at 10.05 s, 199 ends at 20.05 s.
    const { report } = await run(
      requests(300, (i) => ({ ended_us: i * 100_000 + 150_000 })),
      { header, limits: { ttft: 50 } },
    );
    expect(report.counts).toMatchObject({ cohort: 100, good: 100 });
    expect(report.rates).toMatchObject({ goodput_rps: 10, rps: 10 });
  });
});

describe('each SLO', () => {
  test('is counted over the judged: met, missed, not applicable, failed', async () => {
    const samples = requests(10, (i) => {
      if (i < 2) return failed('timeout');
      if (i === 2) return failed('aborted', { ended_us: i * 100_000 + 60_000 });
      if (i === 3) return failed('aborted', { ended_us: i * 100_000 + 10_000 });
      if (i === 4) return { events_us: [i * 100_000 + 50_001], output_tokens: 1 };
      return {};
    });
    const { report } = await run(samples, { limits: { ttft: 50, tpot: 20 } });
    expect(report.counts).toMatchObject({
      cohort: 10,
      judged: 9,
      ok: 6,
      failed: 2,
      good: 5,
      censored: 1,
      cut_missed: 1,
    });
    expect(report.slo).toMatchObject({
      limits: { ttft: 50, tpot: 20 },
      each: {
        ttft: { met: 5, missed: 2, not_applicable: 0, failed: 2 },
        tpot: { met: 5, missed: 0, not_applicable: 2, failed: 2 },
      },
    });
    expect(report.rates).toMatchObject({ error_rate: 2 / 9, attainment: 5 / 9 });
    expect(report.counts.outcomes).toEqual({ ok: 6, timeout: 2, aborted: 2 });
  });

  test('without SLOs every success is good, and there is no SLO report', async () => {
    const { report } = await run(requests(4, (i) => (i === 0 ? failed('timeout') : {})));
    expect(report.slo).toBeNull();
    expect(report.rates.attainment).toBe(0.75);
  });

  test('without judged requests there is no attainment', async () => {
    const { report } = await run(
      requests(2, () => failed('aborted', { ended_us: 200_000 })),
      { limits: { ttft: 500 } },
    );
    expect(report.slo!.attainment).toEqual({ value: null, low: null, high: null, kind: 'independent' });
    expect(report.rates.error_rate).toBeNull();
  });
});

describe('percentiles', () => {
  test('of few samples are null in the table and the nearest rank in a gate', async () => {
    const { report, values } = await run(half(50, 0));
    expect(report.metrics['ttft']).toMatchObject({
      p95: 50,
      p99: null,
      why: { p99: 'samples', 'p99.9': 'samples' },
    });
    expect(report.metrics['ttft']!.bounds).toEqual({ p95: { low: 50, high: null } });
    expect(values.value('ttft', 'p99')).toEqual({ value: 50, uncertain: true, why: 'samples' });
    expect(values.value('ttft', 'p95')).toEqual({ value: 50, uncertain: true, why: null });
    expect(values.value('ttft', 'p42')).toEqual({ value: 50, uncertain: false, why: null });
  });

  test('are hidden by failures, which take precedence over few samples', async () => {
    const { report, values } = await run(half(50, 1));
    expect(report.metrics['ttft']).toMatchObject({ count: 49, p95: 50, p99: null, why: { p99: 'failures' } });
    expect(values.value('ttft', 'p99')).toEqual({ value: null, uncertain: false, why: 'failures' });
    expect(values.value('ttft', 'max').value).toBe(50);
    // Failures hide only latencies.
    expect(report.metrics['itl']!.why).toEqual({ p99: 'samples', 'p99.9': 'samples' });
    expect(report.metrics['user_tps']!.why).toEqual({ p99: 'samples', 'p99.9': 'samples' });
  });

  test('of TTFT include a failure that had a first token', async () => {
    const late = requests(50, (i) =>
      i === 0 ? { outcome: 'stream_truncated', finish: null, output_tokens: null } : {},
    );
    const { report } = await run(late);
    expect(report.metrics['ttft']!.why).not.toHaveProperty('p95');
    expect(report.metrics['ttft']!.why['p99']).toBe('samples');
    expect(report.metrics['e2e']!.why['p99']).toBe('failures');
  });

  test('without samples have no value', async () => {
    const { report, values } = await run([]);
    expect(report.metrics['ttft']).toMatchObject({
      count: 0,
      mean: null,
      max: null,
      p50: null,
      why: { p50: 'samples' },
    });
    expect(values.value('ttft', 'p99')).toEqual({ value: null, uncertain: false, why: 'none' });
    expect(values.value('ttft', 'mean')).toEqual({ value: null, uncertain: false, why: 'none' });
    expect(values.value('attainment', null)).toEqual({ value: null, uncertain: false, why: 'none' });
    expect(values.value('rps', null)).toEqual({ value: 0, uncertain: false, why: null });
  });
});

test('every metric of the registry is in the report and in the values', async () => {
  const { report, values, histograms } = await run(requests(3));
  const distributions = METRICS.filter(({ kind }) => kind !== 'run');
  expect(Object.keys(report.metrics)).toEqual(distributions.map(({ name }) => name));
  expect(Object.keys(report.rates).sort()).toEqual(
    METRICS.filter(({ kind }) => kind === 'run')
      .map(({ name }) => name)
      .sort(),
  );
  for (const { name, kind } of METRICS)
    expect(values.value(name, kind === 'run' ? null : 'p50')).toBeDefined();
  const tags = histograms().map(({ tag }) => tag);
  expect(tags).toEqual([null, ...distributions.map(({ name }) => name).filter((name) => name !== 'e2e')]);
});

test('histograms have the counts of the report, in nanoseconds over W', async () => {
  const { report, histograms } = await run(requests(20), { header: headerOf({ window: seconds(0, 2) }) });
  for (const { tag, histogram, start_s, length_s } of histograms()) {
    expect(histogram.totalCount).toBe(report.metrics[tag ?? 'e2e']!.count);
    expect([start_s, length_s]).toEqual([0, 2]);
  }
  expect(histograms()[0]!.histogram.maxValue).toBe(70_000_000);
});

test('the second highest send lag is by rank, including ties', async () => {
  const lagging = (lags_ms: readonly number[]) =>
    run(requests(lags_ms.length, (i) => ({ sent_us: i * 100_000 + lags_ms[i]! * 1000 })));
  const second = async (lags_ms: readonly number[]) =>
    (await lagging(lags_ms)).report.health.send_lag_second_ms;
  expect(await second([1, 30, 2, 0])).toBe(2);
  expect(await second([30, 1, 30])).toBe(30);
  expect(await second([3, 4])).toBe(3);
  expect(await second([3])).toBeNull();
});

describe('failures', () => {
  test('are reported by class with one example each, the most frequent first', async () => {
    const { report } = await run(
      requests(6, (i) => {
        if (i === 0)
          return failed('connect', {
            error: { message: 'connection refused', code: 'ECONNREFUSED' },
            status: null,
          });
        if (i < 3) return failed('rate_limited', { error: { message: 'slow down' }, status: 429 });
        if (i === 3) return failed('http_error', { status: 502 });
        if (i === 4) return failed('timeout', { error: { message: 'no output for 2 s', kind: 'idle' } });
        return {};
      }),
    );
    expect(report.failures).toEqual([
      { outcome: 'rate_limited', count: 2, example: 'slow down', status: 429, overload: true },
      { outcome: 'connect', count: 1, example: 'connection refused (ECONNREFUSED)', status: null },
      { outcome: 'http_error', count: 1, example: '', status: 502 },
      { outcome: 'timeout', count: 1, example: 'no output for 2 s (idle timeout)', status: 200 },
    ]);
  });

  test('of one outcome are separate classes by timeout and by status', async () => {
    const { report } = await run(
      requests(5, (i) => {
        if (i < 2)
          return failed('timeout', { error: { message: 'no connection', kind: 'connect' }, status: null });
        if (i === 2) return failed('timeout', { error: { message: 'no token', kind: 'first_token' } });
        return failed('http_error', { status: i === 3 ? 404 : 500 });
      }),
    );
    expect(report.failures.map(({ outcome, count, status }) => [outcome, count, status])).toEqual([
      ['timeout', 2, null],
      ['timeout', 1, 200],
      ['http_error', 1, 404],
      ['http_error', 1, 500],
    ]);
  });

  test('by limits of this machine and by a server that closes connections are separate classes', async () => {
    const without = { message: 'connect EMFILE 127.0.0.1:8000', code: 'EMFILE' };
    const { report } = await run(
      requests(4, (i) => {
        const error = i === 0 ? { message: 'closed', code: 'ECONNRESET' } : without;
        return i < 3 ? failed('connect', { error, status: null }) : {};
      }),
    );
    expect(report.failures.map(({ count, example }) => [count, example])).toEqual([
      [2, without.message],
      [1, 'closed (ECONNRESET)'],
    ]);
  });

  test('and answers without tokens do not count in the token sources', async () => {
    const { report } = await run(
      requests(5, (i) => {
        if (i === 0) return failed('stream_error', { tokens_from: 'events' });
        return i === 1 ? { events_us: [], output_tokens: null, tokens_from: 'events' } : {};
      }),
    );
    expect(report.tokens.from).toEqual({ usage: 3 });
  });
});

describe('tokens', () => {
  test('planned and counted are means over the requests with both', async () => {
    const { report } = await run(
      requests(4, (i) => ({
        planned_input: 10 * (i + 1),
        planned_output: 4,
        ...(i === 3 ? failed('timeout', { input_tokens: null }) : { input_tokens: 10 * (i + 1) + 1 }),
      })),
    );
    expect(report.tokens.input).toEqual({ planned_mean: 20, actual_mean: 21 });
    expect(report.tokens.output).toEqual({ planned_mean: 4, actual_mean: 2 });
    expect(report.tokens).toMatchObject({ cached: null, reasoning: null, hidden: null });
  });

  test('cached, reasoning and hidden are totals', async () => {
    const { report } = await run(
      requests(3, () => ({ cached_tokens: 5, reasoning_tokens: 1, hidden_tokens: 1, output_tokens: 3 })),
    );
    expect(report.tokens).toMatchObject({ cached: 15, reasoning: 3, hidden: 3 });
  });

  test('reuse has the planned and the counted share of the input of the requests that were sent', async () => {
    const { report } = await run(
      requests(4, (i) => ({
        planned_input: 100,
        planned_reusable: 40 * i,
        input_tokens: 110,
        cached_tokens: 32 * i,
        // Not sent: its 120 reusable tokens do not count.
        ...(i === 3 ? { sent_us: null, outcome: 'not_sent' as const } : {}),
      })),
    );
    expect(report.reuse).toEqual({ planned: 120 / 300, counted: 96 / 330 });
  });

  test('reuse is absent without block ids, and its counted share null without counts', async () => {
    expect((await run(requests(3, () => ({ cached_tokens: 5 })))).report.reuse).toBeUndefined();
    const { report } = await run(
      requests(3, () => ({ planned_input: 12, planned_reusable: 6, cached_tokens: null })),
    );
    expect(report.reuse).toEqual({ planned: 0.5, counted: null });
  });
});

describe('health', () => {
  test('lags are nearest ranks over the cohort, also of few requests', async () => {
    const { report } = await run(requests(3, (i) => ({ sent_us: i * 100_000 + i * 1000 })));
    expect(report.health).toMatchObject({ send_lag_p99_ms: 2, send_lag_max_ms: 2, dispatch_lag_p99_ms: 2 });
  });

  test('the figures are those of the worst worker', async () => {
    const worker = {
      worker: 0,
      event_loop_delay_p50_ms: 0,
      event_loop_delay_p95_ms: 1.5,
      event_loop_delay_p99_ms: null,
      stamp_delay_p99_ms: null,
      event_loop_delay_max_ms: 3,
      drain_delay_max_ms: 40,
      event_loop_utilization: 0.5,
      gc_pauses_ms: 9,
      gc_pause_max_ms: 1,
      connections_opened: 1,
    };
    const workers = [
      worker,
      {
        ...worker,
        event_loop_delay_p50_ms: null,
        event_loop_delay_p95_ms: 2.5,
        stamp_delay_p99_ms: null,
        event_loop_delay_max_ms: 30,
        drain_delay_max_ms: null,
        gc_pauses_ms: 1,
      },
    ];
    const { report } = await run(requests(3), { header: headerOf({ workers }) });
    expect(report.health).toMatchObject({
      event_loop_delay_p50_ms: 0,
      event_loop_delay_p95_ms: 2.5,
      event_loop_delay_p99_ms: null,
      stamp_delay_p99_ms: null,
      event_loop_delay_max_ms: 40,
      event_loop_utilization: 0.5,
      gc_pauses_ms: 9,
    });
  });

  test('there is no steady state if the plan changes the rate, and the report has the stages', async () => {
    const stage = { from_rps: 1, to_rps: 1, for_s: 30 };
    const samples = requests(300);
    const steadyOf = async (load: Partial<ReturnType<typeof headerOf>['load']>) => {
      const { report } = await run(samples, { header: headerOf({ load }) });
      return { load: report.load, steady: report.health.steady };
    };
    expect((await steadyOf({})).steady).not.toBeNull();
    expect((await steadyOf({ rate_rps: null, stages: [stage, stage] })).steady).not.toBeNull();
    const stages = [stage, { ...stage, to_rps: 9 }];
    const changing = await steadyOf({ rate_rps: null, arrivals: 'gamma', burstiness: 0.5, stages });
    expect(changing.steady).toBeNull();
    expect(changing.load).toMatchObject({ rate_rps: null, burstiness: 0.5, stages });
  });

  test('a request that was due well before the cut-off and never sent counts as unsent', async () => {
    const samples = requests(4, (i) =>
      i < 2
        ? failed('not_sent', { sent_us: null, ended_us: i * 100_000 + (i === 0 ? 100_001 : 100_000) })
        : {},
    );
    expect((await run(samples)).report.health).toMatchObject({ released: 4, unsent: 1 });
    // Under a cap that never released them, they waited for the server.
    const capped = headerOf({ load: { max_concurrency: 1 } });
    expect((await run(samples, { header: capped })).report.health).toMatchObject({ released: 0, unsent: 0 });
  });

  test('connections that this machine could not open are counted separately from those that the server refused', async () => {
    const codes = ['EMFILE', 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EMFILE'];
    const samples = requests(5, (i) =>
      i < 4 ? failed('connect', { sent_us: null, error: { message: 'm', code: codes[i] } }) : {},
    );
    const { report } = await run(samples);
    expect(report.health.local_limits).toEqual({ EMFILE: 2, EADDRNOTAVAIL: 1 });
    expect(report.counts.failed).toBe(4);
  });

  test('kept connections that the server was closing are counted', async () => {
    const samples = requests(5, (i) => (i < 3 ? failed('connect', { status: null, reused: i < 2 }) : {}));
    const { report } = await run(samples);
    expect(report.health.keep_alive_races).toBe(2);
    expect(report.counts.failed).toBe(3);
  });

  test('little applies after a long warm-up and over a long window', async () => {
    // Residence 70 ms: warm-up from 140 ms, W from 1.4 s on.
    expect(await Promise.all([applies(0.14, 1.54), applies(0.139, 1.6), applies(0.2, 1.5)])).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('little does not apply if only a refusal ended in the window, and the others later', async () => {
    // 24 requests of 10 s from 2 s on; one of them is refused after 0.3 ms. By the refusal alone, W would be 26,000 residences long.
    const samples = requests(24, (i) =>
      i === 3
        ? failed('rate_limited', { status: 429, sent_us: 2_300_000, ended_us: 2_300_300 })
        : { sent_us: 2_000_000 + i * 100_000, ended_us: 12_000_000 + i * 100_000 },
    );
    const { report } = await run(samples, { header: headerOf({ window: seconds(2, 10) }) });
    expect(report.rates.little).toBeGreaterThan(1000);
    expect(report.health.little_applies).toBe(false);
  });
});

test(
  'a big run: 200,000 requests of 20 tokens, with the figures of one of them',
  { tags: ['study'] },
  async () => {
    const { report } = await run(many(), { limits: { ttft: 50, tpot: 20, max_gap: 20 } });
    expect(report.counts).toMatchObject({ cohort: 200_000, good: 200_000 });
    expect(report.metrics['itl']).toMatchObject({
      count: 3_800_000,
      min: 20,
      max: 20,
      mean: 20,
      stddev: 0,
      'p99.9': 20,
    });
    expect(report.metrics['e2e']).toMatchObject({ count: 200_000, p50: 430, 'p99.9': 430, stddev: 0 });
    // 200,000 residences of 430 ms, without the part of 1,433 of them after W: Σ (430 − 0.3·j) = 307,951.7 ms.
    expect(report.rates.concurrency).toBeCloseTo((200_000 * 430 - 307_951.7) / 60_000, 9);
  },
);

test('a sample with an invalid number is an error', async () => {
  const odd = requests(2);
  odd[1]!.events_us = [1, 'soon'] as unknown as number[];
  await expect(run(odd)).rejects.toThrow(/invalid number/);
});

describe('failures', () => {
  const refusal = (more: object): object => failed('http_error', { headers_us: 1, ...more });

  test.each([
    [{ outcome: 'rate_limited', status: 429 }, true],
    [{ outcome: 'http_error', status: 503 }, true],
    [{ outcome: 'http_error', status: 529 }, true],
    [{ outcome: 'http_error', status: 500 }, false],
    [{ outcome: 'http_error', status: 500, error: { message: 'm', code: 'rate_limit_exceeded' } }, true],
    [{ outcome: 'stream_error', status: 200, error: { message: 'm', code: '429' } }, true],
    [{ outcome: 'stream_error', status: 200, error: { message: 'm', code: 'overloaded_error' } }, true],
    [{ outcome: 'stream_error', status: 200, error: { message: 'Model is overloaded', code: '422' } }, true],
    [{ outcome: 'stream_error', status: 200, error: { message: 'out of memory', code: '500' } }, false],
    [{ outcome: 'timeout', status: 200, error: { message: 'm', kind: 'idle' } }, false],
    [{ outcome: 'stream_truncated', status: 200, error: { message: 'overloaded' } }, false],
  ] as [Record<string, unknown>, boolean][])('%j: refused for load: %s', async (more, overload) => {
    const { report } = await run(requests(3, (i) => (i === 1 ? failed(String(more['outcome']), more) : {})));
    expect(report.failures[0]!.overload).toBe(overload ? true : undefined);
    expect(report.counts).toMatchObject({ failed: 1, overload: overload ? 1 : 0 });
    // In both cases it is a failure.
    expect(report.rates.error_rate).toBeCloseTo(1 / 3, 12);
  });

  test('the longest pause that was requested is kept in its class', async () => {
    const { report } = await run(
      requests(3, (i) =>
        refusal({ status: 503, error: { message: 'm', retry_after_ms: [2000, 9000, 1][i] } }),
      ),
    );
    expect(report.failures).toEqual([
      { outcome: 'http_error', count: 3, example: 'm', status: 503, overload: true, retry_after_ms: 9000 },
    ]);
  });

  test('a refused connection, a new one that was reset and a kept one that was reset are three classes', async () => {
    const of = (code: string, reused: boolean | null): object =>
      failed('connect', { status: null, reused, error: { message: code, code } });
    const each = [
      of('ECONNREFUSED', null),
      of('ECONNRESET', false),
      of('ECONNRESET', true),
      of('ECONNRESET', true),
    ];
    const { report } = await run(requests(4, (i) => each[i]!));
    expect(report.failures).toEqual([
      { outcome: 'connect', count: 2, example: 'ECONNRESET', status: null, race: true },
      { outcome: 'connect', count: 1, example: 'ECONNREFUSED', status: null },
      { outcome: 'connect', count: 1, example: 'ECONNRESET', status: null },
    ]);
  });
});
