import { describe, expect, it } from 'vitest';
import { gates } from '../../src/render/run/gates.ts';
import { openPage } from '../../src/render/layout/style.ts';
import type { GateResult } from '../../src/verdict/gate.ts';

const page = openPage({ color: false, unicode: false, width: 80 });

function line(gate: string, value: number | null, unit: string, pass: boolean): string {
  return gates({ status: 'none', exitCode: 0, hint: null, gates: [{ gate, value, unit, pass }] }, page).join(
    '\n',
  );
}

describe('gates', () => {
  it.each<[string, number | null, string, boolean, string]>([
    ['attainment >= 90%', 0.933, 'ratio', true, '  pass  attainment >= 90%  93.3%'],
    ['attainment >= 90%', null, 'ratio', false, '  FAIL  attainment >= 90%  no value'],
    ['ttft p99 <= 400ms', 312.1, 'ms', true, '  pass  ttft p99 <= 400ms  312 ms'],
    ['e2e p50 <= 6s', 4002, 'ms', true, '  pass  e2e p50 <= 6s  4.00 s'],
    ['goodput_rpm >= 25', 30, 'req/min', true, '  pass  goodput_rpm >= 25  30.0 req/min'],
    ['user_tps p50 >= 20', 41.63, 'tok/s', true, '  pass  user_tps p50 >= 20  41.6 tok/s'],
    ['max_concurrency <= 64', 27, 'requests', true, '  pass  max_concurrency <= 64  27.0'],
  ])('%s at %d %s', (gate, value, unit, pass, expected) => {
    expect(line(gate, value, unit, pass)).toBe(expected);
  });

  it.each<[string, number, string, boolean, string]>([
    ['attainment >= 90%', 0.899_96, 'ratio', false, '89.996%'],
    ['attainment >= 90%', 0.9, 'ratio', true, '90%'],
    ['error_rate <= 1%', 0.010_003, 'ratio', false, '1.0003%'],
    ['ttft p99 <= 400ms', 400.04, 'ms', false, '400.04 ms'],
    ['ttft p99 <= 400ms', 400, 'ms', true, '400 ms'],
    ['e2e p50 <= 4s', 4000.9, 'ms', false, '4.001 s'],
    ['rps >= 5', 4.9996, 'req/s', false, '4.9996 req/s'],
  ])('a value never appears on the wrong side of its limit: %s, %d', (gate, value, unit, pass, shown) => {
    expect(line(gate, value, unit, pass)).toBe(`  ${pass ? 'pass' : 'FAIL'}  ${gate}  ${shown}`);
  });

  it('shows below a gate why its value is uncertain or missing', () => {
    const results: GateResult[] = [
      {
        gate: 'ttft p95 <= 400ms',
        value: 210.7,
        unit: 'ms',
        pass: true,
        uncertain: true,
        reason: 'few “samples”',
      },
      { gate: 'e2e p99 <= 6s', value: null, unit: 'ms', pass: false, reason: 'too many failed' },
    ];
    expect(gates({ status: 'fail', exitCode: 99, hint: null, gates: results }, page)).toEqual([
      '  pass  ttft p95 <= 400ms    211 ms  uncertain',
      '      few "samples"',
      '  FAIL  e2e p99 <= 6s      no value',
      '      too many failed',
    ]);
  });
});

describe('gates with confidence', () => {
  const gate = 'attainment >= 90% with 95% confidence';
  const base = { gate, value: 0.933, unit: 'ratio', confidence: 0.95 };
  const shown = (result: GateResult): string[] =>
    gates({ status: 'none', exitCode: 0, hint: null, gates: [result] }, page);

  it('show the interval that decided, with its ends on the right side of the limit', () => {
    expect(shown({ ...base, low: 0.9, high: 0.961, pass: true })).toEqual([
      `  pass  ${gate}  93.3%`,
      '      95% interval 90% to 96.1%',
    ]);
    expect(
      shown({
        ...base,
        low: 0.899_96,
        high: 0.961,
        pass: false,
        inconclusive: true,
        reason: 'more would tell',
      }),
    ).toEqual([
      `  FAIL  ${gate}  93.3%  inconclusive`,
      '      95% interval 89.996% to 96.1%; more would tell',
    ]);
  });

  it('show an open end, and nothing if there is no interval', () => {
    const ttft = {
      ...base,
      gate: 'ttft p99 <= 400ms with 90% confidence',
      value: 312,
      unit: 'ms',
      confidence: 0.9,
    };
    expect(shown({ ...ttft, low: 290, high: null, pass: false, inconclusive: true })[1]).toBe(
      '      90% interval from 290 ms',
    );
    expect(shown({ ...ttft, low: null, high: 400, pass: true })[1]).toBe('      90% interval up to 400 ms');
    expect(shown({ ...ttft, low: null, high: null, pass: false, inconclusive: true })).toHaveLength(1);
  });
});
