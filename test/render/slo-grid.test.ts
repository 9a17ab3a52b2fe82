import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { SloGridReport } from '../../src/analysis/slo-grid.ts';
import { renderCsv } from '../../src/render/run/csv.ts';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { renderMarkdown } from '../../src/render/run/markdown.ts';
import { sloGrid } from '../../src/render/run/slo-grid.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { renderText } from '../../src/render/run/text.ts';
import { passing } from './reports.ts';

function grid(ttft: number[], tpot: number[]): SloGridReport {
  return {
    axes: [
      { metric: 'ttft', limits: ttft },
      { metric: 'tpot', limits: tpot },
    ],
    fixed: { e2e: 5000 },
    cells: ttft.flatMap((a, k) =>
      tpot.map((b, j) => {
        const good = 10 * k + j;
        return { limits: { ttft: a, tpot: b }, judged: 100, good, attainment: good / 100, goodput_rpm: good };
      }),
    ),
  };
}

const page = openPage({ color: false, unicode: true, width: 80 });

describe('a table of attainment by limits', () => {
  it('has one metric down and one across', () => {
    expect(sloGrid(grid([100, 1000], [20, 33.5]), page)).toEqual([
      'Attainment by SLO limits, with e2e <= 5000ms',
      'ttft <=  tpot <=  20ms  33.5ms',
      '100ms               0%      1%',
      '1s                 10%     11%',
    ]);
    const one: SloGridReport = {
      axes: [{ metric: 'user_tps', limits: [10] }],
      fixed: {},
      cells: [{ limits: { user_tps: 10 }, judged: 0, good: 0, attainment: null, goodput_rpm: null }],
    };
    expect(sloGrid(one, page)).toEqual([
      'Attainment by SLO limits',
      'user_tps >=  attainment',
      '10                    –',
    ]);
  });

  it('is split if it is too wide, and loses no column', () => {
    const many = Array.from({ length: 20 }, (_, k) => 10 * (k + 1));
    for (const width of [60, 80, 100]) {
      const lines = sloGrid(grid([100, 1000], many), openPage({ color: false, unicode: true, width }));
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      const heads = lines
        .filter((line) => line.startsWith('ttft <='))
        .flatMap((line) => line.match(/\d+ms/g)!);
      expect(heads).toEqual(many.map((limit) => `${limit}ms`));
    }
  });

  it('is part of text, Markdown and CSV', () => {
    const judged = passing();
    judged.report.slo_grid = grid([100, 200], [20, 40]);
    expect(renderText(judged, { color: false, unicode: true, width: 80 })).toContain(
      'ttft <=  tpot <=  20ms  40ms',
    );
    expect(renderMarkdown(judged)).toContain(
      '| `ttft <=` `tpot <=` | 20ms | 40ms |\n| --- | ---: | ---: |\n| 100ms | 0% | 1% |',
    );
    const rows = parse(renderCsv([judged]), { columns: true, record_delimiter: '\r\n' }) as Record<
      string,
      string
    >[];
    expect(rows).toHaveLength(4);
    expect(rows[3]).toEqual({
      simulated: 'false',
      name: 'chat-interactive',
      id: 'r1',
      run: 'reports/chat-interactive-20260301T120000Z',
      ttft_limit_ms: '200',
      tpot_limit_ms: '40',
      requests_judged: '100',
      requests_good: '11',
      attainment: '0.11',
      goodput_rpm: '11',
    });
  });
});

it('attainment over time is one line, if there are enough requests', () => {
  const judged = passing();
  const parts = Array.from({ length: 10 }, (_, k) => ({ judged: 30, good: 30 - k, attainment: 1 - k / 30 }));
  judged.report.slo!.over_time = { part_s: 6, parts };
  const text = (): string => renderText(judged, { color: false, unicode: true, width: 80 });
  expect(text()).toMatch(/\nOver time   100% 97% 93% 90% 87% 83% 80% 77% 73% 70% \(.*6 s each\)\n/);
  expect(renderMarkdown(judged)).toContain('| over time | 100% ');
  judged.report.counts.judged = 99;
  expect(text()).not.toContain('Over time');
});
