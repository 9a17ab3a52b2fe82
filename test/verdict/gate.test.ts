import { describe, expect, test } from 'vitest';
import type { Bounds } from '../../src/analysis/bounds.ts';
import type { GateValue, Report } from '../../src/analysis/report.ts';
import { parseGate } from '../../src/slo/grammar.ts';
import { judgeGate, type GateResult } from '../../src/verdict/gate.ts';
import { reportWith, valuesOf } from './report.ts';

const LONG: Report['intervals'] = {
  confidence: 0.95,
  length: 'enough',
  why: null,
  effective: 150,
  requests: 300,
  needed: null,
  metrics: {},
  rates: {},
};

const bounds = (low: number | null, high: number | null, until: number | null = 1000): Bounds => ({
  low,
  high,
  requests: 300,
  requestsUntil: () => until,
});

function judged(
  text: string,
  found: Bounds | null,
  { figure, report = reportWith({ intervals: LONG }) }: { figure?: number; report?: Report } = {},
): GateResult {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(gate.problem[0]!.message);
  const { metric, aggregation, confidence } = gate.value;
  const values = valuesOf(
    report,
    figure === undefined ? {} : { [`${metric} ${aggregation}`]: figure },
    found === null ? {} : { [`${metric} ${aggregation} ${confidence}`]: found },
  );
  return judgeGate(gate.value, report, values);
}

describe('a gate with confidence', () => {
  // The attainment of the report is 280 of 300: 93.3 %.
  test.each([
    ['attainment >= 90% with 95% confidence', [0.9, 0.96], 'met'],
    ['attainment >= 90% with 95% confidence', [0.8999, 0.96], 'inconclusive'],
    ['attainment >= 94% with 95% confidence', [0.9, 0.94], 'inconclusive'],
    ['attainment >= 97% with 95% confidence', [0.9, 0.96], 'missed'],
    ['attainment >= 90% with 99% confidence', [0.89, 0.97], 'inconclusive'],
    ['error_rate <= 5% with 95% confidence', [0, 0.05], 'met'],
    ['error_rate <= 1% with 95% confidence', [0, 0.05], 'inconclusive'],
    ['error_rate <= 0.1% with 95% confidence', [0.002, 0.05], 'missed'],
    ['rps >= 4 with 95% confidence', [4.5, 5.2], 'met'],
    ['goodput_rpm >= 290 with 95% confidence', [270, 289], 'missed'],
  ] as const)('%s by an interval of %j: %s', (text, [low, high], expected) => {
    const result = judged(text, bounds(low, high));
    expect(result).toMatchObject({ gate: text, low, high, pass: expected === 'met' });
    expect(result.inconclusive).toBe(expected === 'inconclusive' ? true : undefined);
    expect(result.reason !== undefined).toBe(expected === 'inconclusive');
  });

  test.each([
    ['ttft p95 <= 400ms with 95% confidence', 300, [250, 390], 'met'],
    ['ttft p95 <= 400ms with 95% confidence', 300, [250, null], 'inconclusive'],
    ['ttft p95 <= 400ms with 95% confidence', 500, [410, null], 'missed'],
    ['ttft mean <= 400ms with 95% confidence', 300, [null, 390], 'met'],
  ] as const)('%s at %d by %j: %s', (text, figure, [low, high], expected) => {
    const result = judged(text, bounds(low, high), { figure });
    expect(result).toMatchObject({ value: figure, pass: expected === 'met' });
    expect(result.inconclusive).toBe(expected === 'inconclusive' ? true : undefined);
  });

  test('that is inconclusive has the number of requests that are needed, and the expected result', () => {
    expect(judged('attainment >= 90% with 95% confidence', bounds(0.85, 0.96, 1534))).toMatchObject({
      more_requests: 1234,
      reason: expect.stringMatching(/^inconclusive: .* about 1200 more requests .*\(met /) as string,
    });
    expect(judged('attainment >= 94% with 95% confidence', bounds(0.85, 0.96, 301))).toMatchObject({
      more_requests: 1,
      reason: expect.stringMatching(/about 1 more request is .*\(missed /) as string,
    });
    expect(judged('attainment >= 94% with 95% confidence', bounds(0.85, 0.96, null))).toMatchObject({
      more_requests: null,
      reason: expect.stringContaining('no number of requests') as string,
    });
  });

  test('of a short run passes, and is marked', () => {
    const report = reportWith({ intervals: { ...LONG, length: 'short', effective: 45.7 } });
    expect(judged('attainment >= 90% with 95% confidence', bounds(0.91, 0.96), { report })).toMatchObject({
      pass: true,
      uncertain: true,
      reason: expect.stringMatching(/^short run: 300 requests .* 45 independent ones$/) as string,
    });
  });

  test.each<[string, Partial<Report['intervals']>, Partial<Report['counts']>, RegExp, number | null]>([
    [
      'too few effective requests',
      { length: 'inconclusive', effective: 12, needed: 750 },
      {},
      /^inconclusive: 300 requests .* 12 independent ones, .*; about 700 more requests/,
      700,
    ],
    ['a changing rate', { why: 'load' }, {}, /the plan changes the rate/, null],
    ['lost requests', { why: 'lost' }, { lost: 3 }, /3 requests left no record/, null],
  ])('without an interval fails: %s', (_, intervals, counts, reason, more) => {
    const base = reportWith();
    const report = reportWith({
      intervals: { ...LONG, ...intervals },
      counts: { ...base.counts, ...counts },
    });
    const result = judged('attainment >= 10% with 95% confidence', bounds(0.9, 0.99), { report });
    expect(result).toMatchObject({
      pass: false,
      inconclusive: true,
      low: null,
      high: null,
      more_requests: more,
    });
    expect(result.reason).toMatch(reason);
  });

  test('without data fails', () => {
    expect(judged('ttft p95 <= 400ms with 95% confidence', bounds(1, 2))).toMatchObject({
      pass: false,
      value: null,
    });
    expect(judged('rps >= 1 with 95% confidence', null)).toMatchObject({ pass: false, inconclusive: true });
  });
});

describe('a gate on a token figure', () => {
  const judged = (text: string, unit: 'token' | 'event' | 'mixed', value: number | GateValue): GateResult => {
    const gate = parseGate(text);
    if (!gate.ok) throw new Error(text);
    const { tokens } = reportWith();
    const report = reportWith({ tokens: { ...tokens, unit } });
    return judgeGate(gate.value, report, valuesOf(report, { 'tpot p50': value, 'ttft p50': value }));
  };

  test('is marked if events stand for tokens, and no other gate is', () => {
    expect(judged('tpot p50 <= 20ms', 'event', 10)).toMatchObject({ pass: true, per: 'event' });
    expect(judged('tpot p50 <= 20ms', 'mixed', 10)).toMatchObject({ pass: true, per: 'mixed' });
    expect(judged('tpot p50 <= 20ms', 'token', 10)).not.toHaveProperty('per');
    expect(judged('ttft p50 <= 20ms', 'event', 10)).not.toHaveProperty('per');
  });

  test.each(['per_event', 'buffered'] as const)('that is withheld (%s) fails with the reason', (why) => {
    const found = judged('tpot p50 <= 20ms', 'event', { value: null, uncertain: false, why });
    expect(found).toMatchObject({ pass: false, value: null });
    expect(found.reason).toMatch(why === 'buffered' ? /buffered on the way/ : /several words each/);
  });
});
