import { describe, expect, test } from 'vitest';
import type { GateValue, Report } from '../../src/analysis/report.ts';
import { parseGate } from '../../src/slo/grammar.ts';
import type { Gate } from '../../src/slo/grammar.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Verdict } from '../../src/verdict/judge.ts';
import { reportWith, valuesOf } from './report.ts';

type Status = 'valid' | 'suspect' | 'invalid';

function gatesOf(...texts: string[]): Gate[] {
  return texts.map((text) => {
    const gate = parseGate(text);
    if (!gate.ok) throw new Error(gate.problem[0]!.message);
    return gate.value;
  });
}

const judged = (
  gates: string[],
  figures: Record<string, number | GateValue> = {},
  report: Report = reportWith(),
): Verdict =>
  judge(report, valuesOf(report, figures), { status: 'valid' }, gatesOf(...gates), { strict: false });

describe('a gate', () => {
  test.each([
    ['ttft p99 <= 400ms', { 'ttft p99': 400 }, true],
    ['ttft p99 <= 400ms', { 'ttft p99': 400.001 }, false],
    ['ttft p42 <= 1s', { 'ttft p42': 999.9 }, true],
    ['ttft max <= 0.1s', { 'ttft max': 100_001 / 1000 }, false],
    ['user_tps p5 >= 20', { 'user_tps p5': 20 }, true],
    ['user_tps p5 >= 20', { 'user_tps p5': 19.999 }, false],
    ['itl mean <= 30ms', { 'itl mean': 29.9 }, true],
    ['goodput_rpm >= 280', {}, true],
    ['goodput_rpm >= 280.001', {}, false],
    ['goodput_rps >= 280/min', {}, true],
    ['error_rate <= 0.66%', {}, false],
    ['error_rate <= 0.67%', {}, true],
    ['attainment >= 93.33%', {}, true],
    ['attainment >= 93.34%', {}, false],
    ['max_concurrency <= 9', {}, true],
  ])('%s with %j: %s', (text, figures, pass) => {
    const verdict = judged([text], figures);
    expect(verdict.gates).toEqual([
      { gate: text, value: expect.any(Number), unit: expect.any(String), pass },
    ]);
    expect([verdict.status, verdict.exitCode]).toEqual(pass ? ['pass', 0] : ['fail', 99]);
  });

  test('limits are inclusive for every share and every count of requests', () => {
    for (let of = 1; of <= 400; of++) {
      for (const thousandths of [1, 7, 10, 70, 100, 290, 333, 570, 900, 950, 990, 999]) {
        const good = (thousandths * of) / 1000;
        if (!Number.isInteger(good)) continue;
        const report = reportWith({ rates: { attainment: good / of, goodput_rpm: (good / 60) * 60 } });
        expect(
          judged([`attainment >= ${thousandths / 10}%`, `goodput_rpm >= ${good}`], {}, report).status,
        ).toBe('pass');
        const less = reportWith({ rates: { attainment: (good - 1) / of, goodput_rpm: good - 1e-6 } });
        expect(judged([`attainment >= ${thousandths / 10}%`], {}, less).status).toBe('fail');
        expect(judged([`goodput_rpm >= ${good}`], {}, less).status).toBe('fail');
      }
    }
  });

  test('without data fails, with the reason', () => {
    for (const text of [
      'ttft p99 <= 400ms',
      'ttft max <= 1h',
      'user_tps min >= 0',
      'queue_wait mean <= 1h',
    ]) {
      const { status, gates } = judged([text]);
      expect(status).toBe('fail');
      expect(gates[0]).toMatchObject({ value: null, pass: false, reason: expect.stringMatching(/^no data/) });
    }
    expect(judged(['on_time_share mean >= 95%']).gates[0]!.reason).toMatch(
      /needs SLO limits of ttft and tpot/,
    );
  });

  test('a value that is not a finite number fails', () => {
    const { gates } = judged(['ttft p99 <= 400ms', 'user_tps max >= 1'], {
      'ttft p99': NaN,
      'user_tps max': Infinity,
    });
    expect(gates.map((gate) => [gate.value, gate.pass])).toEqual([
      [null, false],
      [null, false],
    ]);
  });

  test('fails if failures hide the percentile', () => {
    const { status, gates } = judged(['ttft p99 <= 400ms'], {
      'ttft p99': { value: null, uncertain: false, why: 'failures' },
    });
    expect(status).toBe('fail');
    expect(gates[0]).toMatchObject({
      value: null,
      pass: false,
      reason: expect.stringMatching(/too many requests failed/),
    });
  });

  test.each([
    [399, true],
    [401, false],
  ])('on few samples is judged by the nearest rank (%d ms) and marked', (value, pass) => {
    const { gates } = judged(['ttft p99 <= 400ms'], {
      'ttft p99': { value, uncertain: true, why: 'samples' },
    });
    expect(gates[0]).toMatchObject({
      value,
      pass,
      uncertain: true,
      reason: expect.stringMatching(/too few samples/),
    });
  });

  test('counts lost requests as bad', () => {
    const counts = { judged: 300, good: 280, failed: 2, lost: 20 };
    const gates = ['attainment >= 87.5%', 'attainment >= 88%', 'error_rate <= 6%', 'ttft p99 <= 1s'];
    const verdict = judged(gates, { 'ttft p99': 10 }, reportWith({ counts, slo: null }));
    expect(verdict.gates.map((gate) => [gate.value, gate.pass, gate.uncertain])).toEqual([
      [280 / 320, true, true],
      [280 / 320, false, true],
      [22 / 320, false, true],
      [10, true, true],
    ]);
    expect(verdict.gates[0]!.reason).toMatch(/20 requests left no record/);
  });

  test('on attainment uses the lower end of the range that lost requests leave', () => {
    const counts = { judged: 300, good: 280, failed: 2, lost: 20 };
    const slo = {
      ...reportWith().slo!,
      attainment: { value: 280 / 300, low: 280 / 310, high: 290 / 310, kind: 'lost' },
    } as const;
    expect(judged(['attainment >= 91%'], {}, reportWith({ counts, slo })).gates[0]).toMatchObject({
      value: 280 / 310,
      pass: false,
    });
    expect(judged(['attainment >= 91%'], {}, reportWith({ counts })).gates[0]).toMatchObject({
      value: 280 / 300,
      pass: true,
    });
  });
});

describe('status and exit code', () => {
  const PASS = 'error_rate <= 1%';
  const FAIL = 'error_rate <= 0.1%';
  const empty = { judged: 0, cohort: 0, ok: 0 };

  test.each<
    [
      string,
      string[],
      Status,
      Report['run']['status'],
      { strict: boolean; again?: boolean },
      Verdict['status'],
      number,
    ]
  >([
    ['all pass', [PASS, PASS], 'valid', 'complete', { strict: false }, 'pass', 0],
    ['one fails', [PASS, FAIL], 'valid', 'complete', { strict: false }, 'fail', 99],
    ['no gates', [], 'valid', 'complete', { strict: false }, 'none', 0],
    ['suspect', [PASS], 'suspect', 'complete', { strict: false }, 'pass', 0],
    ['suspect, strict', [PASS], 'suspect', 'complete', { strict: true }, 'invalid', 98],
    ['suspect, strict, no gates', [], 'suspect', 'complete', { strict: true }, 'invalid', 98],
    ['valid, strict', [PASS], 'valid', 'complete', { strict: true }, 'pass', 0],
    ['invalid overrides a pass', [PASS], 'invalid', 'complete', { strict: false }, 'invalid', 98],
    ['invalid overrides a failure', [FAIL], 'invalid', 'complete', { strict: false }, 'invalid', 98],
    ['invalid overrides no gates', [], 'invalid', 'complete', { strict: false }, 'invalid', 98],
    ['interrupted', [PASS, FAIL], 'valid', 'interrupted', { strict: false }, 'interrupted', 105],
    ['interrupted without gates', [], 'valid', 'interrupted', { strict: false }, 'interrupted', 105],
    ['never closed', [PASS], 'valid', 'running', { strict: false }, 'interrupted', 105],
    ['stopped by a failure', [PASS], 'valid', 'failed', { strict: false }, 'interrupted', 1],
    ['invalid overrides an interrupt', [PASS], 'invalid', 'interrupted', { strict: false }, 'invalid', 98],
    ['interrupted, judged again', [FAIL], 'valid', 'interrupted', { strict: false, again: true }, 'fail', 99],
    ['interrupted, judged again', [PASS], 'valid', 'running', { strict: false, again: true }, 'pass', 0],
    [
      'interrupted, again and invalid',
      [PASS],
      'invalid',
      'interrupted',
      { strict: false, again: true },
      'invalid',
      98,
    ],
  ])('%s (gates %j, %s, %s, %j) is %s, exit %d', (_, gates, audit, run, options, status, exitCode) => {
    const report = reportWith({ run: { status: run } });
    const verdict = judge(report, valuesOf(report), { status: audit }, gatesOf(...gates), options);
    expect(verdict).toMatchObject({ status, exitCode });
    expect(verdict.gates).toHaveLength(gates.length);
  });

  test('an interrupt before any request was judged is an interrupt, not an invalid run', () => {
    const report = reportWith({ run: { status: 'interrupted' }, counts: empty });
    const verdict = judge(report, valuesOf(report), { status: 'invalid' }, [], { strict: false });
    expect(verdict).toMatchObject({ status: 'interrupted', exitCode: 105 });
    const complete = reportWith({ counts: empty });
    expect(judge(complete, valuesOf(complete), { status: 'invalid' }, [], { strict: false }).exitCode).toBe(
      98,
    );
  });

  test('only SLOs without a gate get a hint', () => {
    expect(judged([]).hint).toMatch(/--gate "attainment >= 90%"/);
    expect(judged([PASS]).hint).toBeNull();
    expect(judged([], {}, reportWith({ slo: null })).hint).toBeNull();
  });
});
