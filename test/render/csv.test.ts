import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/registry.ts';
import { clean } from '../../src/render/layout/clean.ts';
import { renderCsv } from '../../src/render/run/csv.ts';
import { randomJudged } from './random-report.ts';
import { failing, passing } from './reports.ts';

const read = (text: string): Record<string, string>[] =>
  parse(text, { columns: true, record_delimiter: '\r\n' });

describe('csv', () => {
  it('has one row per run, with the figures of the summary and empty fields for missing values', () => {
    const rows = read(renderCsv([passing(), failing()]));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      name: 'chat-interactive',
      started: '2026-03-01T12:00:00.000Z',
      verdict: 'pass',
      exit_code: '0',
      gates: '3',
      gates_passed: '3',
      simulated: 'false',
      rate_rps: '5',
      load_concurrency: '',
      requests_good: '280',
      goodput_rpm: '278',
      attainment_low: '0.8992',
      ttft_p99_ms: '312.1',
      'ttft_p99.9_ms': '',
      user_tps_p50: '41.63',
      connect_count: '0',
      connect_mean_ms: '',
    });
    expect(rows[1]).toMatchObject({
      verdict: 'fail',
      exit_code: '99',
      gates_passed: '1',
      outcome_timeout: '3',
    });
  });

  it('names the columns that are only lower bounds', () => {
    const [sure, unsure] = read(renderCsv([passing(), failing()]));
    expect(sure!['lower_bounds']).toBe('');
    // In `failing()`, the p95 of these has only a lower bound; that of e2e is hidden by failures.
    expect(unsure!['lower_bounds']!.split(' ').toSorted()).toEqual(
      ['ttft', 'ttft_sent', 'ttfa', 'tpot', 'max_gap'].map((name) => `${name}_p95_ms`).toSorted(),
    );
    for (const column of unsure!['lower_bounds']!.split(' '))
      expect(Number(unsure![column])).toBeGreaterThan(0);
  });

  it('has every figure of the registry, each column once', () => {
    const columns = Object.keys(read(renderCsv([passing()]))[0]!);
    expect(new Set(columns).size).toBe(columns.length);
    for (const { name, kind, unit } of METRICS)
      expect(columns).toContain(kind === 'run' ? name : `${name}_mean${unit === 'ms' ? '_ms' : ''}`);
  });

  it('is read back with any text in it, and a spreadsheet treats no text as a formula', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const judged = randomJudged(seed);
      judged.report.run.name += ',"a"\r\nb;\'c';
      judged.report.endpoint.model = '=HYPERLINK("http://x","y")';
      const [row] = read(renderCsv([judged]));
      const name = clean(judged.report.run.name);
      expect([name, `'${name}`]).toContain(row!['name']);
      expect(row!['model']).toBe('\'=HYPERLINK("http://x","y")');
      for (const [figure, value] of Object.entries(judged.report.rates))
        expect(row![figure]).toBe(value === null ? '' : String(value));
      for (const column of ['name', 'model', 'url', 'run']) expect(row![column]).not.toMatch(/^[=+\-@]/);
    }
  });
});
