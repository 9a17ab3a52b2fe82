import { describe, expect, test } from 'vitest';
import type { MachineReport } from '../../src/analysis/machine-report.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { rooflineLines, rooflineOf } from '../../src/render/run/roofline.ts';
import { stated } from '../../src/render/run/stated.ts';
import { MACHINE } from './machine-report.ts';
import { passing } from './reports.ts';

const page = openPage({ color: false, unicode: true, width: 80 });

const reportWith = (machine: Partial<MachineReport>) => ({
  ...passing().report,
  machine: { ...MACHINE, ...machine },
});

describe('the text report', () => {
  test('has no section if nothing is stated', () => expect(stated(passing().report, page)).toEqual([]));

  test('names utilisation, floors and assumptions within 80 columns', () => {
    const lines = stated(reportWith({}), page);
    const text = lines.join(' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain('MFU 40% (prefill 30%, decode 10%); MBU 50% at a batch of 8.00');
    expect(text).toContain('prefill compute-bound at 400 FLOP/byte');
    expect(text).toContain('Assumed an assumption');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('says why a figure is withheld, and marks unverified peaks', () => {
    const impossible = [
      { figure: 'ttft' as const, measured: 5, floor: 10, reasons: ['a cache', 'a mistake'] },
    ];
    const lines = stated(
      reportWith({ mfu: null, mfu_prefill: null, impossible, unverified: ['peakFlops'] }),
      page,
    );
    const text = lines.join(' ').replaceAll(/\s+/g, ' ');
    expect(text).toMatch(
      /Impossible ttft p50 5.00 ms .* floor of 10.0 ms, so MFU is withheld.*a cache; a mistake/,
    );
    expect(text).toMatch(/UNVERIFIED.*peak FLOP\/s/);
    expect(text).not.toMatch(/MFU \d/);
    expect(text).toContain('MFU of decode 10%');
  });

  test('an upper bound of the energy is marked, a measured energy is not', () => {
    const energy = {
      joule: 90,
      per_output_token: 0.5,
      per_request: 30,
      per_good_request: 45,
      mean_watt: 300,
    };
    const of = (from: 'tdp' | 'counter') =>
      stated({ ...passing().report, energy: { from, upper_bound: from === 'tdp', ...energy } }, page).join(
        ' ',
      );
    expect(of('tdp')).toMatch(/≤ 0.500 J per output token.*≤ 45.0 J.*TDP of 300 W/s);
    expect(of('counter')).toMatch(
      /Energy +0.500 J per output token.*300 W on average, by an energy counter/s,
    );
  });

  test('a cost has its currency', () => {
    const cost = {
      currency: 'EUR',
      by: 'price' as const,
      total: 0.5,
      per_1m_output: 2,
      per_1m_total: 1,
      per_request: 0.001,
      per_good_request: 0.002,
      prefill_share: 0.25,
    };
    const text = stated({ ...passing().report, cost }, page)
      .join(' ')
      .replaceAll(/\s+/g, ' ');
    expect(text).toContain('0.00100 EUR per request, 0.00200 EUR per good request');
    expect(text).toContain('25% of it for input');
    expect(stated({ ...passing().report, cost: { ...cost, total: null } }, page).join(' ')).toContain(
      'unknown',
    );
  });
});

describe('the roofline', () => {
  test('places each phase by its intensity and rate: 50 of 100 TFLOP/s, 1 of the 4 that 1 TB/s allows', () => {
    const { points, left, right, ridge } = rooflineOf(MACHINE)!;
    expect(points).toEqual([
      { phase: 'prefill', intensity: 400, rate: 50, share: 0.5 },
      { phase: 'decode', intensity: 4, rate: 1, share: 0.25 },
    ]);
    // 4 ÷ 4 and 400 × 4, to powers of two.
    expect([left, right, ridge]).toEqual([1, 2048, 100]);
  });

  test('draws marks below the roof: P right of the ridge, D left of it', () => {
    const lines = rooflineLines(MACHINE, page);
    const at = (mark: string): { row: number; column: number } => {
      const row = lines.findIndex((line) => line.includes('|') && line.includes(mark));
      return { row, column: lines[row]!.indexOf(mark) };
    };
    const roof = (column: number): number =>
      lines.findIndex((line) => line.includes('|') && ['/', '-'].includes(line[column] ?? ''));
    const [prefill, decode] = [at('P'), at('D')];
    expect(prefill.column).toBeGreaterThan(decode.column);
    expect(prefill.row).toBeGreaterThanOrEqual(roof(prefill.column + 1));
    expect(decode.row).toBeGreaterThan(roof(decode.column));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('is not drawn without peaks or without a point', () => {
    expect(rooflineLines(null, page)).toEqual([]);
    expect(rooflineLines({ ...MACHINE, ridge: null }, page)).toEqual([]);
    expect(rooflineLines({ ...MACHINE, reached: { prefill: null, decode: null } }, page)).toEqual([]);
  });
});
