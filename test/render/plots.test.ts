import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DotPlot } from '../../src/render/layout/dot-plot.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { plots } from '../../src/render/run/plots.ts';
import type { SeriesDocument, Spectrum } from '../../src/series/series-document.ts';
import { goodput } from '../cli/goodput.ts';

const EXAMPLE = 'reports/example';

describe('a plot of dots', () => {
  it('has the braille character of its dots', () => {
    // Unicode numbers the dots of a character 1 2 3 7 in the left column and 4 5 6 8 in the right one.
    const dots: [number, number, string][] = [
      [0, 1, '⠁'],
      [0, 0, '⡀'],
      [1, 1, '⠈'],
      [1, 0, '⢀'],
      [0, 2 / 3, '⠂'],
      [1, 1 / 3, '⠠'],
    ];
    for (const [x, y, sign] of dots) {
      const plot = new DotPlot(1, 1);
      plot.dot(x, y);
      expect(plot.lines(true)).toEqual([sign]);
      expect(plot.lines(false)).toEqual(['*']);
    }
  });

  it('draws lines without gaps, and nothing outside', () => {
    const plot = new DotPlot(4, 2);
    plot.line([0, 0], [1, 1]);
    expect(plot.lines(true)).toEqual(['  ⡠⠊', '⡠⠊  ']);
    const flat = new DotPlot(3, 1);
    flat.line([0, 0], [1, 0]);
    flat.dot(2, 5);
    expect(flat.lines(true)).toEqual(['⣀⣀⣀']);
  });
});

const document = (changes: Partial<SeriesDocument>): SeriesDocument => ({
  schemaVersion: 1,
  run: { id: 'i', name: 'n' },
  slos: [],
  window: null,
  phases: [],
  attainment: null,
  time: null,
  withheld: {},
  spectra: [],
  points: {} as SeriesDocument['points'],
  worst: [],
  groupings: [],
  ...changes,
});

const spectrum = (changes: Partial<Spectrum>): Spectrum => ({
  metric: 'ttft',
  unit: 'ms',
  count: 1000,
  percent: [50, 90, 99, 99.9],
  value: [100, 200, 300, 400],
  low: [],
  high: [],
  bound_from: null,
  why: null,
  ...changes,
});

const page = openPage({ color: false, unicode: true, width: 80 });

describe('the plots of a run', () => {
  it('draw a straight line if a latency grows by the same for each nine', () => {
    // 0 at 0 nines would be the origin; here the value is 1000 ms per nine, from p90 = 1 to p99.9 = 3 nines.
    const percent = [90, 99, 99.9];
    const [title, ...lines] = plots(
      document({ spectra: [spectrum({ percent, value: [1000, 2000, 3000] })] }),
      page,
    ).slice(1);
    expect(title).toContain('Time to first token');
    expect(lines[0]).toMatch(/^3\.00 s │/);
    const columns = lines.slice(0, 7).map((line) => line.slice(line.indexOf('│') + 1));
    const starts = columns.map((line) => line.search(/[^ ]/)).filter((at) => at >= 0);
    // Each row up begins further right, by equal steps.
    const steps = starts.slice(0, -1).map((at, k) => at - starts[k + 1]!);
    expect(Math.max(...steps.slice(1, -1)) - Math.min(...steps.slice(1, -1))).toBeLessThanOrEqual(1);
    expect(lines[8]!.trim().split(/\s+/)).toEqual(['p50', 'p90', 'p99', 'p99.9']);
  });

  it('name the SLO and from where values are lower bounds; an SLO far above is not drawn', () => {
    const slos = [{ metric: 'ttft', op: '<=', value: 300 }];
    const [, , remarks] = plots(document({ slos, spectra: [spectrum({ bound_from: 99 })] }), page);
    expect(remarks).toContain('ttft <= 300 ms');
    expect(remarks).toContain('p99');
    const far = plots(document({ slos: [{ ...slos[0]!, value: 5000 }], spectra: [spectrum({})] }), page);
    expect(far[2]).toMatch(/^400 ms/);
  });

  it('say that there are too few samples, or are absent', () => {
    expect(
      plots(document({ spectra: [spectrum({ value: [null, null, null, null] })] }), page).join('\n'),
    ).toContain('too few samples');
    expect(plots(document({}), page)).toEqual([]);
  });
});

describe('--plots', () => {
  it('adds to the text report what the series document has', async () => {
    const plain = (await goodput(['report', EXAMPLE])).stdout;
    const { stdout } = await goodput(['report', EXAMPLE, '--plots']);
    expect(stdout.startsWith(plain)).toBe(true);
    const added = stdout.slice(plain.length).split('\n');
    const series = JSON.parse(
      (await goodput(['report', EXAMPLE, '--format', 'series'])).stdout,
    ) as SeriesDocument;
    const { output_tps, in_flight } = series.time!;
    const row = (label: string): string => added.find((line) => line.startsWith(label))!;
    expect(Number(/max ([\d.]+)$/.exec(row('output tok/s'))![1])).toBeCloseTo(
      Math.max(...output_tps.map(Number)),
      0,
    );
    expect(row('in flight')).toMatch(new RegExp(`max ${Math.round(Math.max(...in_flight.map(Number)))}$`));
    const lowest = Math.min(...series.attainment!.attainment.filter((value) => value !== null));
    expect(row('attainment')).toMatch(new RegExp(`min ${Math.round(lowest * 100)}%$`));
    const chart = row('in flight').slice(14).split('  max')[0]!;
    expect(chart.trimEnd().length).toBe(in_flight.length);
  });

  it('fits 60 to 100 columns, and is ASCII without Unicode', async () => {
    const { stdout } = await goodput(['report', EXAMPLE, '--format', 'series']);
    const series = JSON.parse(stdout) as SeriesDocument;
    for (let width = 60; width <= 100; width++)
      for (const unicode of [true, false]) {
        const lines = plots(series, openPage({ color: true, unicode, width }));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        if (!unicode) expect(stripVTControlCharacters(lines.join(''))).toMatch(/^[\x20-\x7e]*$/);
      }
  });

  it('is refused by a comparison of endpoints', async () => {
    const args = ['run', '--url', 'http://127.0.0.1:9/v1', '--against', 'http://127.0.0.1:10/v1', '--plots'];
    const { code, stderr } = await goodput(args);
    expect(code).toBe(104);
    expect(stderr).toContain('--plots');
  });
});
