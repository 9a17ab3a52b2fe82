import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/analysis/report.ts';
import { randomStream } from '../../src/random.ts';
import { latencies } from '../../src/render/run/latencies.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { numberIn } from './plain.ts';
import { randomMetrics } from './random-report.ts';
import * as reports from './reports.ts';

const page = (width: number) => openPage({ color: false, unicode: true, width });
const namesIn = (lines: readonly string[]): string[] =>
  lines.slice(1).flatMap((line) => /^\w+/.exec(line)?.[0] ?? []);

const COLUMNS = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

interface Cell {
  metric: string;
  column: (typeof COLUMNS)[number];
  unit: string;
  text: string;
}

/** Returns the cells of the table, which are separated by two spaces or more. */
function read(lines: readonly string[]): Cell[] {
  const head = new Set(lines[0]!.trim().split(/ {2,}/));
  const shown = COLUMNS.filter((column) => head.has(column));
  return lines.slice(1).flatMap((line) => {
    const cells = line.split(/ {2,}/);
    const unit = cells.at(-shown.length - 1)!;
    if (line.startsWith(' ')) return [];
    return shown.map((column, i) => ({ metric: cells[0]!, column, unit, text: cells.at(i - shown.length)! }));
  });
}

describe('the table of latencies', () => {
  it('shows every number within 0.6 % of the summary, and marks empty cells and lower bounds', () => {
    const { report } = reports.passing();
    const wrong: string[] = [];
    let seen = 0;
    for (let seed = 0; seed < 500; seed++) {
      const metrics = randomMetrics(randomStream(seed, 'latencies'));
      for (const { metric, column, unit, text } of read(latencies({ ...report, metrics }, page(80)))) {
        const summary = metrics[metric]!;
        const value = summary[column];
        const bounded = column !== 'mean' && column !== 'max' && summary.bounds[column] !== undefined;
        const shown = numberIn(text) * (unit === 's' ? 1000 : 1);
        const right = value === null ? text === '–' : Math.abs(shown - value) <= 0.006 * value;
        if (!right || text.startsWith('≥ ') !== bounded)
          wrong.push(`${metric} ${column} ${value}: ${text} ${unit}`);
        seen++;
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(10_000);
  });

  it('shows ttfa only if it differs from ttft', () => {
    const { report } = reports.passing();
    expect(namesIn(latencies(report, page(80)))).toEqual(['ttft', 'tpot', 'itl', 'e2e', 'max_gap']);
    report.metrics['ttfa'] = { ...report.metrics['ttfa']!, p99: 330 };
    expect(namesIn(latencies(report, page(80)))).toEqual(['ttft', 'ttfa', 'tpot', 'itl', 'e2e', 'max_gap']);
  });

  it.each<[string, Partial<Report['load']>, number, boolean]>([
    ['open loop, 4 % apart', {}, 1204.1 * 0.96, false],
    ['open loop, 6 % apart', {}, 1204.1 * 0.94, true],
    ['closed loop', { loop: 'closed' }, 600, false],
    ['measured from the send', { clock: 'sent' }, 600, false],
  ])('shows latencies from the send only if they differ: %s', (_, load, max, shown) => {
    const { report } = reports.passing();
    report.load = { ...report.load, ...load };
    report.metrics['ttft_sent'] = { ...report.metrics['ttft_sent']!, max };
    expect(namesIn(latencies(report, page(80))).includes('ttft_sent')).toBe(shown);
  });

  it.each([
    [100, 7, 'Time to first token'],
    [70, 7, undefined],
    [60, 7, undefined],
  ])('at %d columns shows what fits', (width, cells, label) => {
    const { report } = reports.passing();
    for (const summary of Object.values(report.metrics)) summary.max = 123_456.7;
    const lines = latencies(report, page(width));
    expect(lines[0]!.trim().split(/ {2,}/)).toHaveLength(cells);
    expect(/Time to first token/.exec(lines[1]!)?.[0]).toBe(label);
  });

  it('omits columns only if nothing else helps', () => {
    const { report } = reports.failing();
    for (const summary of Object.values(report.metrics)) {
      summary.p50 = summary.p90 = summary.p95 = summary.p99 = summary.max = summary.mean = 123.4e6;
      summary.bounds = {
        p90: { low: 1, high: null },
        p95: { low: 1, high: null },
        p99: { low: 1, high: null },
      };
    }
    const head = latencies(report, page(60))[0]!.trim().split(/ {2,}/);
    expect(head).toEqual(['Latency', 'mean', 'p50', 'p90', 'p99', 'max']);
  });

  it('shows seconds depending on the typical value', () => {
    const { report } = reports.passing();
    const row = (p50: number): string[] => {
      report.metrics['e2e'] = { ...report.metrics['e2e']!, p50 };
      return latencies(report, page(80))[4]!.split(/ {2,}/).slice(2, 5);
    };
    expect(row(999)).toEqual(['ms', '3121', '999']);
    expect(row(1000)).toEqual(['s', '3.12', '1.00']);
  });

  it('says once why cells are empty', () => {
    const { report } = reports.failing();
    report.metrics['itl'] = { ...reports.dead().report.metrics['itl']! };
    const notes = latencies(report, page(80)).filter((line) => line.startsWith(' '));
    expect(notes).toEqual([
      expect.stringMatching(/^  ≥ .*too few samples/),
      '  – too few samples: p99 of ttft, ttft_sent, ttfa, tpot, max_gap',
      expect.stringMatching(/^  – no .*: itl$/),
      expect.stringMatching(/^  – .*failed requests.*: p95, p99 of e2e$/),
    ]);
  });

  it('is one line if there was no output', () => {
    expect(latencies(reports.dead().report, page(80))).toEqual([
      expect.stringMatching(/^Latency     none\b/),
    ]);
  });
});
