import { describe, expect, it } from 'vitest';
import { documentOf } from '../../src/capacity/capacity-document.ts';
import { search, type SearchSettings } from '../../src/capacity/capacity-search.ts';
import { windowRows, renderCapacity } from '../../src/render/capacity/capacity.ts';
import { columnsWithin } from '../../src/render/layout/layout.ts';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { pointRows, renderSweep } from '../../src/render/sweep/sweep.ts';
import { renderSweepMarkdown } from '../../src/render/sweep/sweep-markdown.ts';
import { randomStream } from '../../src/random.ts';
import type { PointMean, SweepDocument } from '../../src/sweep/sweep-document.ts';
import { worldOf } from '../capacity/simulated-runner.ts';

const WIDTHS = [60, 80, 140];
const styleOf = (width: number) => ({ color: false, unicode: true, width });

/** Returns the cells of a line, which are separated by two spaces or more. */
const cellsOf = (line: string): string[] => line.trim().split(/ {2,}/);

describe.each(WIDTHS)('at %d columns', (width) => {
  const page = openPage(styleOf(width));

  it('a search fits; its loads and attainments are complete, with one line per window', async () => {
    const settings: SearchSettings = {
      axis: 'concurrency',
      target: 0.9,
      budget_s: 1800,
      width: 0.1,
      seed: 1,
    };
    const server = { axis: 'concurrency', capacity: 1234, slope: 8 } as const;
    const world = worldOf({ ...server, contended: () => true });
    const document = documentOf(await search(settings, [], world), settings, null);
    const context = { name: 'chat', endpoint: 'http://h/v1', slo: ['ttft <= 200ms'], dir: 'd', stored: true };
    const lines = renderCapacity({ document, context }, styleOf(width)).split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(page.width);
    const [head, ...rows] = windowRows(document, page);
    const shown = ['Window', 'in flight', 'attainment'].map((name) => head!.indexOf(name));
    for (const cells of rows) {
      const wanted = shown.map((at) => cells[at]!);
      const own = lines.map(cellsOf).filter((line) => wanted.every((cell) => line.includes(cell)));
      expect(own.map(([number]) => number)).toContain(wanted[0]);
    }
    const left =
      lines
        .join(' ')
        .match(/Not shown at this width: ([^(]*) \(/)?.[1]
        ?.trim() ?? '';
    // The order of docs/capacity.md.
    const order = ['offered', 'length', 'kind', 'good', '90% interval'];
    const out = left === '' ? [] : left.split(/,\s*/);
    expect(out.toSorted()).toEqual(order.slice(0, out.length).toSorted());
    expect(out.length).toBeGreaterThanOrEqual(width === 60 ? 1 : 0);
  });

  it('a sweep fits; its loads and medians are complete, with one line per point', () => {
    const point = (at: number): PointMean => ({
      point: at,
      system_tps: at * 1234.5,
      user_tps: 1000 / at,
      axes: { rate_rps: null, concurrency: at * 1000, input_tokens: 4096, output_tokens: 1024 },
      runs: 3,
      invalid: at === 2 ? 1 : 0,
      attainment: 0.98765,
      rps: at * 1234.5,
      goodput_rps: at * 1200,
      error_rate: 0,
      ttft_p50_ms: at * 1111,
      ttft_p95_ms: at * 2222,
      ttft_p99_ms: at * 3333,
      tpot_p50_ms: at * 12.34,
      tpot_p95_ms: at * 15.67,
      e2e_p50_ms: at * 5000,
      device_tps: null,
      mfu: null,
      mbu: null,
      cost_per_good_request: null,
    });
    const points = [1, 2, 3].map(point);
    const curve = { input_tokens: 4096, output_tokens: 1024, points, knee: 2, goodput_maximum: 2 };
    const document = {
      schemaVersion: 1,
      name: 'sweep',
      seed: 1,
      planned: 3,
      points: points.map(({ axes }) =>
        Object.assign({ run: 'point', summary: { audit: { status: 'valid' } } }, axes),
      ),
      curves: [curve],
    } as unknown as SweepDocument;
    const lines = renderSweep({ document, dir: 'd' }, styleOf(width)).split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(page.width);
    const [head, ...rows] = pointRows(document, page);
    const shown = [0, head!.indexOf('in flight'), head!.indexOf('ttft p50')];
    for (const cells of rows) {
      const wanted = shown.map((at) => cells[at]!);
      const own = lines.map(cellsOf).filter((line) => wanted.every((cell) => line.includes(cell)));
      expect(own.map(([number]) => number)).toContain(wanted[0]);
    }
  });
});

describe('invalid runs of a sweep', () => {
  const sweep = (invalid: number): SweepDocument => {
    const points = Array.from({ length: 6 }, (_, at) => ({
      rate_rps: at + 1,
      run: `point-00${at + 1}`,
      summary: {
        audit:
          at < invalid
            ? { status: 'invalid', reasons: [`Cause number ${at + 1} of a run.`, 'Another cause.'] }
            : { status: 'valid', reasons: [] },
      },
    }));
    return { name: 's', planned: 6, points, curves: [] } as unknown as SweepDocument;
  };

  it.each([
    [0, []],
    [2, ['point-001 is invalid: Cause number 1 of a run.', 'point-002 is invalid: Cause number 2 of a run.']],
    [4, ['point-003 is invalid: Cause number 3 of a run.', '1 more invalid run']],
    [6, ['3 more invalid runs']],
  ])('%i of 6: the first reasons are in text and Markdown', (invalid, wanted) => {
    const document = sweep(invalid);
    for (const text of [
      renderSweep({ document, dir: 'd' }, styleOf(100)),
      renderSweepMarkdown({ document, dir: 'd' }),
    ]) {
      for (const each of wanted) expect(text).toContain(each);
      expect(text.match(/is invalid:/g) ?? []).toHaveLength(Math.min(3, invalid));
      expect(text).not.toMatch(/\n\n\n/);
    }
  });
});

describe('columnsWithin', () => {
  const rows = [
    ['a', 'bb', 'ccc', ''],
    ['1', '22', '333', 'two, words'],
  ];
  const aligns = ['right', 'right', 'right', 'left'] as const;

  it('by hand: wraps the last column at its words, then leaves columns out in their order, and says which', () => {
    const at = (width: number): string[] => columnsWithin(rows, aligns, { width, expendable: ['bb', 'a'] });
    expect(at(22)).toEqual(['a  bb  ccc', '1  22  333  two, words']);
    expect(at(17)).toEqual(['a  bb  ccc', '1  22  333  two,', '            words']);
    expect(at(16).slice(0, 3)).toEqual(['a  ccc', '1  333  two,', '        words']);
    expect(at(16).slice(3).join(' ')).toBe('Not shown at this width: bb (--format csv has them).');
    expect(at(10).slice(0, 3)).toEqual(['ccc', '333  two,', '     words']);
  });

  it('no line is too wide, and no cell except the last is wrapped, for any table', () => {
    const random = randomStream(5, 'tables');
    for (let k = 0; k < 300; k++) {
      const size = 2 + random.below(7);
      const word = (most: number): string => 'x'.repeat(1 + random.below(most));
      const head = Array.from({ length: size }, (_, at) => (at === size - 1 ? '' : `h${at}`));
      const body = Array.from({ length: 1 + random.below(5) }, () =>
        head.map((_, at) => (at === size - 1 ? `${word(8)}, ${word(8)} ${word(4)}` : `${word(9)} s`)),
      );
      const width = 40 + random.below(60);
      const lines = columnsWithin([head, ...body], [...head.slice(1).map(() => 'right' as const), 'left'], {
        width,
        expendable: head.slice(1, -1),
      });
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
      for (const cells of body) expect(lines.some((line) => line.includes(cells[0]!))).toBe(true);
    }
  });
});
