import { describe, expect, test } from 'vitest';
import type { GateValue, Report } from '../../src/analysis/report.ts';
import { type Gate, parseGate } from '../../src/slo/grammar.ts';
import { audit } from '../../src/verdict/audit.ts';
import type { Audit } from '../../src/verdict/audit.ts';
import type { Finding } from '../../src/verdict/findings.ts';
import { VALIDITY_RULES } from '../../src/verdict/rules.ts';
import { SOUND_HEALTH, SOUND_STEADY } from '../health.ts';
import { reportWith, valuesOf } from './report.ts';

/** Audits a report with a TTFT p50 of 100 ms by default: 5 % of it is 5 ms, 25 % is 25 ms. */
const audited = (report: Report, ttft: number | null = 100): Audit =>
  audit(report, valuesOf(report, ttft === null ? {} : { 'ttft p50': ttft }));

const slo = (metric: string): Report['slo'] => ({ ...reportWith().slo!, limits: { [metric]: 20 } });

function gatesOf(text: string): Gate[] {
  const found = parseGate(text);
  return found.ok ? [found.value] : [];
}

type Sections = NonNullable<Parameters<typeof reportWith>[0]>;

/** A finding with this code whose text matches. */
const finding = (code: Finding['code'], text: RegExp): object => ({
  code,
  text: expect.stringMatching(text),
});

const levels = (seen: Audit): string[] => seen.reasons.map((reason) => `${reason.rule} ${reason.level}`);

test('a run without problems is valid, and the audit has its figures', () => {
  expect(audited(reportWith())).toEqual({
    status: 'valid',
    reasons: [],
    findings: [],
    ...SOUND_HEALTH,
    local_limits: {},
    keep_alive_races: 0,
    sent_share: 1,
    little: 1,
    token_share: { usage: 1 },
    steady: SOUND_STEADY,
  });
});

describe('send_lag: above 5 ms and 5 % of the TTFT p50, above 25 ms and 25 %', () => {
  test.each([
    [5, 99, null],
    [5.001, 100, 'suspect'],
    [5.001, 100.02, null],
    [5.001, 100.019, 'suspect'],
    [7, 140, null],
    [7, 139.999, 'suspect'],
    [0.9, 1, null],
    [25, 100, 'suspect'],
    [25.001, 100.003, 'invalid'],
    [25.001, 100.004, 'suspect'],
    [25, 10, 'suspect'],
    [6, 10, 'suspect'],
    [1000, 20_001, null],
    [1000, 19_999, 'suspect'],
    [1000, 4000, 'suspect'],
    [1000, 3999.999, 'invalid'],
    [6, null, 'suspect'],
    [26, null, 'invalid'],
  ])('p99 %d ms, TTFT %s ms: %s', (lag, ttft, level) => {
    const seen = audited(reportWith({ health: { send_lag_p99_ms: lag } }), ttft);
    expect(levels(seen)).toEqual(level === null ? [] : [`send_lag ${level}`]);
    expect(seen.status).toBe(level ?? 'valid');
  });

  test.each([
    [99, 4, null],
    [99, 6, 'two or more requests at least 6.00 ms late'],
    [100, 4, '1% of the requests at least 26.0 ms late'],
    [1, null, '1% of the requests at least 26.0 ms late'],
  ])('%i requests, the second highest %s ms, the highest 26 ms: %s', (sent, second, text) => {
    const health = { send_lag_p99_ms: 26, send_lag_second_ms: second };
    const { reasons } = audited(reportWith({ counts: { sent, cohort: sent }, health }), 100);
    expect(reasons.map((reason) => reason.text).join('')).toContain(text ?? '');
    expect(reasons).toHaveLength(text === null ? 0 : 1);
  });
});

describe('send_lag in closed loop: above 5 % and 25 % of the E2E p50, whatever the TTFT', () => {
  test.each([
    [30, 119.999, 'invalid'],
    [30, 120, 'suspect'],
    [30, 600, null],
    [30, 599.999, 'suspect'],
    [5, 10, null],
    [5.001, 100.019, 'suspect'],
    [290, 5800, null],
    [26, null, 'invalid'],
  ])('p99 %d ms with an E2E of %s ms: %s', (lag, e2e, level) => {
    const report = reportWith({
      load: { loop: 'closed', arrivals: null, rate_rps: null, concurrency: 8 },
      rates: { offered_rps: null },
      health: { send_lag_p99_ms: lag },
    });
    const figures = { 'ttft p50': 10, ...(e2e === null ? {} : { 'e2e p50': e2e }) };
    const seen = audit(report, valuesOf(report, figures));
    expect(levels(seen)).toEqual(level === null ? [] : [`send_lag ${level}`]);
    if (level !== null) expect(seen.reasons[0]!.text).toMatch(/load was lower/);
  });
});

type Health = Partial<Report['health']>;

describe('late_stamps: the lateness of stamps against the printed medians', () => {
  const MEDIANS = { 'ttft p50': 400, 'itl p50': 20 };
  const late = (ms: number | null): Health => ({ stamp_delay_p99_ms: ms });
  const few = { value: 12, uncertain: true, why: 'samples' } as const;
  const none = { value: null, uncertain: false, why: 'none' } as const;
  const seen = (
    ms: number | null,
    changed: Record<string, number | GateValue>,
    limit: string,
    gate: string,
  ) => {
    const report = reportWith({ slo: limit === '' ? null : slo(limit), health: late(ms) });
    const gates = gatesOf(gate);
    return audit(report, valuesOf(report, { ...MEDIANS, ...changed }), gates).reasons;
  };

  test.each<[string, number | null, Record<string, number | GateValue>, string, string, string | null]>([
    ['unknown, as in older runs', null, {}, 'itl', '', null],
    ['2 ms of an ITL of 2', 2, { 'itl p50': 2 }, '', '', null],
    ['2.001 ms of an ITL of 20.01', 2.001, { 'itl p50': 20.01 }, '', '', null],
    ['2.001 ms of an ITL of 20.009', 2.001, { 'itl p50': 20.009 }, '', '', 'suspect'],
    ['10 ms of an ITL of 15, judged', 10, { 'itl p50': 15 }, '', 'itl p95 <= 30ms', 'suspect'],
    [
      '10.001 ms of an ITL of 20.002, judged',
      10.001,
      { 'itl p50': 20.002 },
      '',
      'itl p95 <= 30ms',
      'suspect',
    ],
    [
      '10.001 ms of an ITL of 20.001, judged',
      10.001,
      { 'itl p50': 20.001 },
      '',
      'itl p95 <= 30ms',
      'invalid',
    ],
    ['which nothing judges', 300, {}, '', '', 'suspect'],
    ['an SLO on the longest stall', 11, {}, 'max_gap', '', 'invalid'],
    ['an SLO on the share of tokens on time', 11, {}, 'on_time_share', '', 'invalid'],
    ['an SLO on TPOT, which divides the error by its tokens', 11, {}, 'tpot', '', 'suspect'],
    ['a TTFT that is long enough', 11, {}, 'ttft', 'ttft p95 <= 1s', 'suspect'],
    ['a TTFT that is not', 11, { 'ttft p50': 21 }, '', 'ttft_sent p95 <= 1s', 'invalid'],
    ['gaps of 0 within one read', 30, { 'itl p50': 0 }, '', '', null],
    ['medians that are not shown', 300, { 'itl p50': few, 'ttft p50': few }, '', '', null],
    ['a chunk gap, where there is no ITL', 3, { 'itl p50': none, 'chunk_gap p50': 25 }, '', '', 'suspect'],
  ])('%s', (_, ms, changed, limit, gate, level) => {
    expect(seen(ms, changed, limit, gate).map((reason) => `${reason.rule} ${reason.level}`)).toEqual(
      level === null ? [] : [`late_stamps ${level}`],
    );
  });

  test('the text has the lateness, the medians that it is too long for, and what cannot be judged', () => {
    expect(seen(50, {}, 'max_gap', 'itl p95 <= 30ms')[0]!.text).toBe(
      'A load worker was so busy, or waited so often for a CPU, that it stamped events late: one in a hundred by 50.0 ms or more, while the median TTFT is 400 ms and the median ITL is 20.0 ms. The SLO on max_gap and the gate itl p95 <= 30ms cannot be judged.',
    );
  });
});

const growing: Report['health']['steady'] = {
  ...SOUND_STEADY,
  state: 'overloaded',
  ok: false,
  overload: true,
  offered_rps: 18.62,
  completed_rps: 4.349,
  detail: 'In flight 10, then 40.',
};

describe('the boundaries of the figures', () => {
  test.each<[string, Health, string | null]>([
    ['1 of 1000 unsent', { unsent: 1, released: 1000 }, null],
    ['1 of 999 unsent', { unsent: 1, released: 999 }, 'unsent suspect'],
    ['10 of 1000 unsent', { unsent: 10, released: 1000 }, 'unsent suspect'],
    ['10 of 999 unsent', { unsent: 10, released: 999 }, 'unsent invalid'],
    ['none released', { unsent: 3, released: 0 }, 'unsent invalid'],
    ['no limit of this machine reached', { local_limits: {} }, null],
    ['3 of 300 without a descriptor', { local_limits: { EMFILE: 3 } }, 'local_limits suspect'],
    [
      '4 of 300 without a descriptor or a port',
      { local_limits: { EMFILE: 3, EADDRNOTAVAIL: 1 } },
      'local_limits invalid',
    ],
    ['loop delay 100 ms', { event_loop_delay_max_ms: 100 }, null],
    ['loop delay 100.001 ms', { event_loop_delay_max_ms: 100.001 }, 'event_loop_delay suspect'],
    ['loop delay 1 s', { event_loop_delay_max_ms: 1000 }, 'event_loop_delay suspect'],
    ['loop delay 1000.001 ms', { event_loop_delay_max_ms: 1000.001 }, 'event_loop_delay invalid'],
    ['utilisation 80 %', { event_loop_utilization: 0.8 }, null],
    ['utilisation 80.01 %', { event_loop_utilization: 0.8001 }, 'event_loop_utilization suspect'],
    ['utilisation 98 %', { event_loop_utilization: 0.98 }, 'event_loop_utilization suspect'],
    ['utilisation 98.01 %', { event_loop_utilization: 0.9801 }, 'event_loop_utilization invalid'],
    ['collection 2 % of 60 s', { gc_pauses_ms: 1200 }, null],
    ['collection 1200.1 ms of 60 s', { gc_pauses_ms: 1200.1 }, 'gc_pauses suspect'],
    ['collection 10 % of 60 s', { gc_pauses_ms: 6000 }, 'gc_pauses suspect'],
    ['collection 6000.1 ms of 60 s', { gc_pauses_ms: 6000.1 }, 'gc_pauses invalid'],
    [
      'figures that were not taken',
      {
        send_lag_p99_ms: null,
        event_loop_delay_max_ms: null,
        event_loop_utilization: null,
        gc_pauses_ms: null,
        steady: null,
      },
      null,
    ],
  ])('%s', (_, health, expected) => {
    expect(levels(audited(reportWith({ health })))).toEqual(expected === null ? [] : [expected]);
  });

  test.each([
    [0.9, true, null],
    [0.8999, true, 'little suspect'],
    [1.1, true, null],
    [1.1001, true, 'little suspect'],
    [5, false, null],
    [null, true, null],
  ])('little %s, applicable %s: %s', (little, applies, expected) => {
    const report = reportWith({ rates: { little }, health: { little_applies: applies, steady: null } });
    expect(levels(audited(report))).toEqual(expected === null ? [] : [expected]);
  });

  test('a burst at an edge of W, which changes Little’s ratio, is valid if both halves are alike', () => {
    const burst = { rates: { little: 1.1518 }, health: { little_applies: true } };
    expect(audited(reportWith({ ...burst, health: { ...burst.health, steady: SOUND_STEADY } })).status).toBe(
      'valid',
    );
    const drift = { ...SOUND_STEADY, state: 'drifting', ok: false, detail: 'It drifted.' } as const;
    expect(levels(audited(reportWith({ ...burst, health: { ...burst.health, steady: drift } })))).toEqual([
      'steady_state suspect',
      'little suspect',
    ]);
  });
});

describe('successes', () => {
  test('one success is enough, however many requests failed', () => {
    expect(audited(reportWith({ counts: { cohort: 300, ok: 1, failed: 299 } })).status).toBe('valid');
  });

  test('without any, the run is invalid, and the text has the most frequent failure', () => {
    const report = reportWith({
      counts: { ok: 0, failed: 300 },
      failures: [
        { outcome: 'timeout', count: 1, example: 'too slow', status: null },
        { outcome: 'connect', count: 299, example: 'connection refused', status: null },
      ],
    });
    const seen = audited(report, null);
    expect(levels(seen)).toEqual(['successes invalid']);
    expect(seen.reasons[0]!.text).toMatch(/None of the 300 requests .* connect: connection refused\./);
  });

  test.each([
    [151, 'Raise the limit'],
    [150, 'Try a single request'],
  ])('without any, %i of 300 not sent because of a limit of this machine', (EMFILE, advice) => {
    const report = reportWith({
      counts: { ok: 0, failed: 300 },
      failures: [{ outcome: 'connect', count: 300, example: 'connect EMFILE', status: null }],
      health: { local_limits: { EMFILE } },
    });
    expect(audited(report, null).reasons[0]!.advice).toContain(advice);
  });

  test.each([
    ['HTTP 401: The key is wrong.', 'The key is wrong.'],
    ['HTTP 401: Wrong key', 'Wrong key.'],
  ])('a reason %j is quoted in one sentence', (reason, end) => {
    const seen = audited(
      reportWith({
        run: { stopped_by: 'endpoint', reason, fix: 'check the key' },
        counts: { cohort: 0, judged: 0, ok: 0, failed: 0 },
        failures: [],
      }),
      null,
    );
    expect(seen.reasons[0]!.text).toMatch(new RegExp(`HTTP 401: ${end.replace('.', '\\.')}$`));
  });

  test.each([
    [0, 'no request had started'],
    [12, 'no request had finished'],
  ])(
    'an interrupted run with %i requests in flight has a text of its own, and no advice on the URL or the key',
    (cohort, text) => {
      const seen = audited(
        reportWith({
          run: { status: 'interrupted' },
          counts: { cohort, judged: 0, ok: 0, failed: 0 },
          failures: [],
        }),
        null,
      );
      expect(seen.reasons[0]).toMatchObject({
        rule: 'successes',
        level: 'invalid',
        text: expect.stringContaining(text) as unknown,
        advice: expect.not.stringMatching(/URL|by hand|higher rate/) as unknown,
      });
    },
  );

  test('a run that the endpoint ended has only this reason, whatever the figures of this machine', () => {
    const busy = {
      health: { gc_pause_max_ms: 500, event_loop_delay_p99_ms: 500, event_loop_delay_max_ms: 500 },
    };
    const counts = { cohort: 0, judged: 0, ok: 0, failed: 0 };
    const ended = {
      ...busy,
      counts,
      failures: [],
      run: { stopped_by: 'endpoint', reason: 'no server' } as const,
    };
    expect(audited(reportWith(ended), null).reasons.map(({ rule }) => rule)).toEqual(['successes']);
    expect(audited(reportWith({ ...busy, counts, failures: [] }), null).reasons.length).toBeGreaterThan(1);
  });

  test('without a cohort, the text says that nothing was measured', () => {
    const seen = audited(
      reportWith({ counts: { cohort: 0, judged: 0, ok: 0, failed: 0 }, failures: [] }),
      null,
    );
    expect(seen.reasons[0]!.text).toMatch(/Nothing was measured/);
  });
});

describe('steady state', () => {
  const found = { ...SOUND_STEADY, ok: false, detail: 'In flight 10, then 40.' };

  test('drifting is suspect', () => {
    const seen = audited(reportWith({ health: { steady: { ...found, state: 'drifting' } } }));
    expect(seen.status).toBe('suspect');
    expect(seen.reasons).toEqual([
      {
        rule: 'steady_state',
        level: 'suspect',
        text: 'Not a steady state. In flight 10, then 40.',
        advice: expect.stringMatching(/Warm up/),
      },
    ]);
    expect(seen.findings).toEqual([]);
  });

  test('filling is suspect, and the advice has the warm-up that is needed', () => {
    const filling = { ...found, state: 'filling', warmup_needed_s: 75 } as const;
    const { status, reasons, findings } = audited(reportWith({ health: { steady: filling } }));
    expect([status, findings]).toEqual(['suspect', []]);
    expect(reasons).toEqual([
      {
        rule: 'steady_state',
        level: 'suspect',
        text: expect.stringMatching(/filling .* In flight 10, then 40\.$/),
        advice: expect.stringContaining('--warmup 1m15s'),
      },
    ]);
  });

  test('overload is a finding with both rates and a command, and the run is valid', () => {
    const seen = audited(reportWith({ health: { steady: growing } }));
    expect(seen).toMatchObject({ status: 'valid', reasons: [] });
    expect(seen.findings).toEqual([
      finding('overload', /4\.35 of 18\.6 req\/s offered; .*`goodput capacity`\. In flight 10, then 40\./),
    ]);
  });

  test('overload of a window that filled up in its first half has the rate of the second half too', () => {
    const second = { ...SOUND_STEADY.second, rps: 6.1 };
    const { findings } = audited(reportWith({ health: { steady: { ...growing, second } } }));
    expect(findings).toEqual([
      finding('overload', /4\.35 of 18\.6 req\/s offered \(6\.1 in the second half/),
    ]);
  });

  test('an overloaded server that completed no request of the window, but others in it, is not unreachable', () => {
    const none = { counts: { ok: 0 }, health: { steady: growing } };
    // In W it completed requests of the warm-up.
    expect(audited(reportWith({ ...none, rates: { rps: 4.349 } }))).toMatchObject({
      status: 'valid',
      reasons: [],
    });
    const silent = audited(reportWith({ ...none, rates: { rps: 0 } }));
    expect(levels(silent)).toEqual(['successes invalid']);
    expect(silent.reasons[0]!.advice).toContain('goodput capacity');
    const dead = audited(reportWith({ counts: { ok: 0 }, rates: { rps: 0 }, health: { steady: null } }));
    expect(dead.reasons[0]!.advice).toContain('single request');
  });

  test('a send lag that is short compared with the waits of requests that were cut off explains no backlog', () => {
    const second = { ...SOUND_STEADY.second, ttft_ms: 5000 };
    const late = (send_lag_p99_ms: number) =>
      audited(
        reportWith({
          counts: { ok: 0 },
          rates: { rps: 4.349 },
          health: { steady: { ...growing, second }, send_lag_p99_ms },
        }),
        null,
      );
    expect(late(50)).toMatchObject({ status: 'valid', findings: [{ code: 'overload' }] });
    // More than a quarter of the wait may be goodput's own.
    expect(levels(late(1251))).toEqual(['successes invalid', 'send_lag invalid', 'steady_state suspect']);
  });

  test('with refusals, the text does not say that latencies grow', () => {
    const [overload] = audited(
      reportWith({ counts: { overload: 60 }, health: { steady: growing } }),
    ).findings;
    expect(overload!.code).toBe('overload');
    expect(overload!.text).not.toContain('wait longer');
  });

  test('a growing queue explains Little’s ratio: no reason of its own', () => {
    const seen = audited(reportWith({ rates: { little: 1.3 }, health: { steady: growing } }));
    expect(seen.status).toBe('valid');
  });
});

describe('token source', () => {
  test.each<[Report['tokens']['from'], Report['slo'], string | null]>([
    [{ usage: 298 }, slo('tpot'), null],
    [{ usage: 290, events: 8 }, null, 'token_source suspect'],
    [{ usage: 298, events: 0 }, null, null],
    [{ events: 298 }, null, null],
    [{ events: 298 }, slo('ttft'), null],
    [{ events: 298 }, slo('tpot'), 'token_source suspect'],
    [{ events: 298 }, slo('ntpot'), 'token_source suspect'],
    [{ events: 298 }, slo('user_tps'), 'token_source suspect'],
    [{ events: 298 }, slo('on_time_share'), 'token_source suspect'],
    [{}, slo('tpot'), null],
  ])('%j with %j: %s', (from, declared, expected) => {
    const seen = audited(reportWith({ tokens: { from }, slo: declared }));
    expect(levels(seen)).toEqual(expected === null ? [] : [expected]);
  });
});

describe('a planned rate that was not reached is a finding', () => {
  test.each<[string, Sections, RegExp]>([
    [
      'a cap',
      { load: { max_concurrency: 8 }, rates: { sent_rps: 3 } },
      /5\/s were planned and 3\/s sent, .* all 8 requests/,
    ],
    [
      'a slow accept',
      { rates: { sent_rps: 4 } },
      /5\/s were planned and 4\/s sent, .* connections too slowly/,
    ],
  ])('because of %s', (_, sections, text) => {
    const seen = audited(reportWith(sections));
    expect(seen).toMatchObject({ status: 'valid', reasons: [] });
    expect(seen.findings).toEqual([finding('rate_not_reached', text)]);
  });

  test('requests on a connection that the server was closing are a finding, and the run is valid', () => {
    const seen = audited(reportWith({ health: { keep_alive_races: 2 } }));
    expect(seen.status).toBe('valid');
    expect(seen.findings).toEqual([
      finding('keep_alive_race', /2 of 300 requests .* the server was closing/),
    ]);
  });

  test.each<[string, Sections]>([
    ['a few requests at the edges', { rates: { sent_rps: 4.9 } }],
    ['what goodput itself did not send', { rates: { sent_rps: 4 }, health: { unsent: 60 } }],
    [
      'requests that found no connection',
      { rates: { sent_rps: 4 }, counts: { outcomes: { ok: 240, connect: 60 } } },
    ],
    ['requests that left no record', { rates: { sent_rps: 4 }, counts: { lost: 60 } }],
    ['a closed loop', { load: { loop: 'closed' }, rates: { offered_rps: null } }],
  ])('no finding for %s', (_, sections) => {
    expect(audited(reportWith(sections)).findings).toEqual([]);
  });
});

describe('goodput does not attribute its own lateness to the server', () => {
  const late: Health = { send_lag_p99_ms: 6 };

  test.each<[string, Health]>([
    ['late sends', { send_lag_p99_ms: 26 }],
    ['requests that were not sent', { unsent: 20 }],
    ['a blocked worker', { event_loop_delay_max_ms: 1001 }],
    ['a busy worker', { event_loop_utilization: 0.9 }],
  ])('%s: a growing queue is not overload', (_, own) => {
    const seen = audited(reportWith({ health: { ...own, steady: growing } }));
    expect(seen.reasons.at(-1)!.text).toBe('Not a steady state. In flight 10, then 40.');
  });

  test('a short send lag explains no queue', () => {
    const seen = audited(reportWith({ health: { ...late, steady: growing } }));
    expect(levels(seen)).toEqual(['send_lag suspect']);
    expect(seen.findings).toMatchObject([{ code: 'overload' }]);
  });

  test.each<[string, Health]>([
    ['late sends', late],
    ['requests that were not sent', { unsent: 2 }],
    ['a blocked worker', { event_loop_delay_max_ms: 101 }],
    ['a busy worker', { event_loop_utilization: 0.9 }],
  ])('%s: no finding about the rate', (_, own) => {
    expect(audited(reportWith({ rates: { sent_rps: 3 }, health: own })).findings).toEqual([]);
  });

  test('a cap is reported even if sends were late', () => {
    const seen = audited(reportWith({ load: { max_concurrency: 8 }, rates: { sent_rps: 3 }, health: late }));
    expect(seen.findings).toEqual([finding('rate_not_reached', /all 8 requests/)]);
  });

  test('a queue in front of a cap is a finding, and the run is valid', () => {
    const capped = { load: { max_concurrency: 8 }, health: { steady: growing } };
    const seen = audited(reportWith({ ...capped, rates: { sent_rps: 3 } }));
    expect(seen.status).toBe('valid');
    expect(seen.findings).toEqual([
      finding('overload', /req\/s offered with 8 requests in flight/),
      finding('rate_not_reached', /all 8 requests/),
    ]);
    // A cap that held back no request is not mentioned.
    expect(audited(reportWith(capped)).findings).toEqual([finding('overload', /req\/s offered; try/)]);
  });
});

describe('the machine', () => {
  const host = SOUND_HEALTH.host!;

  test.each([
    [100, null],
    [100.001, 'event_loop_delay suspect'],
    [1000.001, 'event_loop_delay invalid'],
  ])('suspended for %d ms: %s', (suspended_ms, level) => {
    const seen = audited(reportWith({ health: { host: { ...host, suspended_ms } } }));
    expect(levels(seen)).toEqual(level === null ? [] : [level]);
    if (level !== null) expect(seen.reasons[0]!.text).toContain('machine was suspended');
  });

  test.each([
    [0.02, []],
    [0.021, ['stolen_time']],
    [null, []],
  ])('with a steal share of %s: findings %j, and valid', (steal_share, codes) => {
    const seen = audited(reportWith({ health: { host: { ...host, steal_share } } }));
    expect(seen.findings.map(({ code }) => code)).toEqual(codes);
    expect(seen.status).toBe('valid');
  });

  test('with other programs: late sends have the same level, and the advice names the cause', () => {
    const busy = { ...host, others_processors: 1.01, pressure_share: 0.4 };
    const advice = (health: Health): string[] =>
      audited(reportWith({ health })).reasons.map((reason) => `${reason.level} ${reason.advice}`);
    const named = [expect.stringMatching(/^suspect .*1\.0 of 4 processors busy.* 40% of the window.*: stop/)];
    expect(advice({ send_lag_p99_ms: 6, host: busy })).toEqual(named);
    expect(advice({ unsent: 2, host: busy })).toEqual(named);
    expect(advice({ event_loop_delay_max_ms: 101, host: busy })).toEqual(named);
    // A quarter of the processors is not above the limit.
    for (const quiet of [{ ...busy, others_processors: 1 }, { ...busy, processors: null }, null])
      expect(advice({ send_lag_p99_ms: 6, host: quiet })).toEqual([expect.stringContaining('more workers')]);
    expect(advice({ send_lag_p99_ms: 6, host: { ...host, steal_share: 0.03 } })).toEqual([
      expect.stringContaining('the hypervisor took 3%'),
    ]);
    // Without late sends there is no reason.
    expect(advice({ host: busy })).toEqual([]);
  });

  test('without figures of the host', () => {
    expect(audited(reportWith({ health: { host: null } })).status).toBe('valid');
  });
});

const RANK = {
  index: 0,
  id: 'a',
  started: null,
  status: 'complete',
  reason: null,
  environment: null,
  start: null,
  requests: 10,
  lost: 0,
  lost_in_window: 0,
  lost_more: false,
  audit: { status: 'suspect', reasons: ['It was late.'] },
} as const;

/** One is suspect, the other was killed, and they did not meet. */
const DOUBTFUL_RANKS = {
  of: 2,
  met: false,
  starts_within_ms: 2000,
  each: [RANK, { ...RANK, index: 1, status: 'running', lost_in_window: 3, audit: null }],
} as const;

test('the most serious reason comes first and decides; every reason is a sentence with advice', () => {
  const seen = audited(
    reportWith({
      counts: { ok: 0 },
      slo: null,
      health: {
        deliveries: { judged: 3, once: 1, bursts: 1 },
        send_lag_p99_ms: 8,
        unsent: 2,
        local_limits: { EMFILE: 2 },
        stamp_delay_p99_ms: 11,
        event_loop_delay_max_ms: 2000,
        event_loop_utilization: 0.9,
        gc_pauses_ms: 59_999,
        steady: { ...SOUND_STEADY, state: 'drifting', ok: false, detail: 'It drifted.' },
      },
      tokens: { from: { usage: 1, events: 1 } },
      rates: { little: 2 },
      ranks: DOUBTFUL_RANKS,
    }),
  );
  expect(seen.status).toBe('invalid');
  expect(levels(seen)).toEqual([
    'successes invalid',
    'event_loop_delay invalid',
    'gc_pauses invalid',
    'lost_ranks invalid',
    'send_lag suspect',
    'unsent suspect',
    'local_limits suspect',
    'late_stamps suspect',
    'event_loop_utilization suspect',
    'steady_state suspect',
    'token_source suspect',
    'buffered_stream suspect',
    'little suspect',
    'rank_audits suspect',
    'rank_starts suspect',
  ]);
  expect(seen.reasons.map((reason) => reason.rule).sort()).toEqual(
    VALIDITY_RULES.map((rule) => rule.name).sort(),
  );
  for (const { text, advice } of seen.reasons) {
    expect(text).toMatch(/^[A-Za-z].*\.$/);
    expect(advice).toMatch(/^[A-Z].*\.$/);
    expect(text + advice).not.toMatch(/NaN|undefined|null/);
  }
});

describe('refusals for load', () => {
  const refusals = [
    {
      outcome: 'rate_limited',
      count: 30,
      example: 'slow down',
      status: 429,
      overload: true,
      retry_after_ms: 2500,
    },
    { outcome: 'stream_error', count: 5, example: 'overloaded', status: 200, overload: true },
  ] as const;

  test('are a finding, with the pause that the server requested', () => {
    const report = reportWith({
      counts: { ok: 260, failed: 40, overload: 35 },
      failures: [...refusals, { outcome: 'timeout', count: 5, example: 'no end', status: 200 }],
    });
    expect(audited(report).findings).toEqual([
      finding('refused_for_load', /35 of 300 requests .*\(429: 30, stream_error: 5\)\. 5 failed .* 2\.5s/),
    ]);
  });

  test('without a pause and without other failures', () => {
    const report = reportWith({ counts: { ok: 295, failed: 5, overload: 5 }, failures: [refusals[1]] });
    expect(audited(report).findings).toEqual([
      finding('refused_for_load', /5 of 300 requests .*\(stream_error: 5\)\. No request failed [^.]*\.$/),
    ]);
  });
});

describe('buffered_stream: most responses of 8 events or more arrived together', () => {
  const buffered = (slo: Report['slo'], gate: string | null = null): string[] => {
    const report = reportWith({ slo, health: { deliveries: { judged: 5, once: 2, bursts: 1 } } });
    return levels(audit(report, valuesOf(report, { 'ttft p50': 100 }), gatesOf(gate ?? '')));
  };

  test.each(['tpot', 'user_tps', 'on_time_share'])('invalid with an SLO on %s', (metric) => {
    expect(buffered(slo(metric))).toEqual(['buffered_stream invalid']);
  });

  test.each(['tpot p99 <= 20ms', 'itl mean <= 20ms', 'user_tps p50 >= 20'])(
    'invalid with the gate %s',
    (gate) => {
      expect(buffered(null, gate)).toEqual(['buffered_stream invalid']);
    },
  );

  test.each(['ttft p99 <= 1s', 'e2e p50 <= 1s', 'output_tps >= 1', 'max_gap p50 <= 1s'])(
    'suspect with the gate %s',
    (gate) => {
      expect(buffered(slo('ttft'), gate)).toEqual(['buffered_stream suspect']);
    },
  );

  test('no reason for half of them, or if an earlier version did not count them', () => {
    const seen = (health: NonNullable<Sections['health']>): string[] =>
      levels(audited(reportWith({ slo: slo('tpot'), health })));
    expect(seen({ deliveries: { judged: 4, once: 1, bursts: 1 } })).toEqual([]);
    expect(seen({ deliveries: { judged: 0, once: 0, bursts: 0 } })).toEqual([]);
    expect(seen({})).toEqual([]);
  });

  test('the text has their number and the meaning of TTFT', () => {
    const text = (once: number, bursts: number): string =>
      audited(reportWith({ health: { deliveries: { judged: 5, once, bursts } } })).reasons[0]!.text;
    expect(text(5, 0)).toMatch(
      /of 5 responses .* 5 arrived all at once.*TTFT is almost their end-to-end latency/,
    );
    expect(text(1, 4)).toMatch(
      /1 arrived all at once and 4 arrived in bursts.*TTFT is the time to the first burst/,
    );
  });
});
