import { beforeAll, describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { compare } from '../../src/compare/comparison.ts';
import { type Comparison, DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { comparisonSeriesOf, type ComparisonSeries } from '../../src/series/comparison-series.ts';
import { failed, requests } from '../analysis/run.ts';
import { comparedRun, withTtft } from '../compare/runs.ts';
import { assertDocument } from '../schemas/validator.ts';

/** Requests whose TTFT is `ttft` ms and 0 to 599 µs on top, so that the percentile p is the value of rank 6 p. */
const ranked = (ttft: number, seed: number): Promise<ComparedRun> =>
  withTtft((i) => ttft + i / 1000, { seed });

describe('the series of a comparison', () => {
  let sides: ComparedRun[][];
  let compared: Comparison;
  let series: ComparisonSeries;

  beforeAll(async () => {
    sides = [
      await Promise.all([ranked(50, 1), ranked(70, 2)]),
      await Promise.all([ranked(80, 1), ranked(60, 2)]),
    ];
    compared = compare({ base: sides[0]!, new: sides[1]! }, DEFAULT_SETTINGS, { base: 'old', new: 'new' });
    series = comparisonSeriesOf({ compared, sides });
    assertDocument('comparison-series', JSON.parse(JSON.stringify(series)));
  });

  test('has the mean of the percentiles of the runs, with the lowest and the highest, by hand', () => {
    const [base, next] = series.sides.map(({ spectra }) => spectra.find(({ metric }) => metric === 'ttft')!);
    // p10 of 600 values by nearest rank is the 60th: 59 µs above the least.
    const at = base!.percent.indexOf(10);
    expect([base!.value[at], base!.low[at], base!.high[at]]).toEqual([60.059, 50.059, 70.059]);
    expect([next!.value[at], next!.low[at], next!.high[at]]).toEqual([70.059, 60.059, 80.059]);
  });

  test('agrees with the figures of the comparison, to the microsecond', () => {
    for (const [metric, figures] of Object.entries(compared.metrics))
      for (const p of [50, 90, 95, 99]) {
        const figure = figures[`p${p}`];
        const spectra = series.sides.map((side) => side.spectra.find((each) => each.metric === metric));
        if (figure === undefined || spectra.some((each) => each === undefined)) continue;
        const values = spectra.map((each) => each!.value[each!.percent.indexOf(p)]);
        for (const [k, value] of [figure.base, figure.new].entries())
          if (value === null) expect(values[k]).toBeNull();
          else expect(values[k]).toBeCloseTo(value, 3);
      }
  });

  test('has the deciding figures of each run, in the order of the sides', () => {
    expect(series.sides.map(({ name }) => name)).toEqual(['old', 'new']);
    expect(series.rounds.map(({ figure }) => figure).toSorted()).toEqual(
      compared.verdict.deciding.toSorted(),
    );
    const { sides: columns } = series.rounds.find(({ figure }) => figure === 'ttft mean')!;
    // The mean of 0 … 599 µs is 299.5 µs.
    const expected = [
      [50.2995, 70.2995],
      [80.2995, 60.2995],
    ];
    for (const [k, column] of columns.entries())
      for (const [at, value] of column.entries()) expect(value).toBeCloseTo(expected[k]![at]!, 6);
  });

  test('one run per side has no band, and a side without a latency no spectrum', async () => {
    const one = [await ranked(50, 1)];
    const none = [
      await comparedRun(
        requests(600, () => failed('http_error', { status: 500 })),
        { seed: 1 },
      ),
    ];
    const found = comparisonSeriesOf({ compared: compare({ base: one, new: none }), sides: [one, none] });
    assertDocument('comparison-series', JSON.parse(JSON.stringify(found)));
    expect(found.sides[0]!.spectra[0]!.low.every((each) => each === null)).toBe(true);
    expect(found.sides[1]!.spectra).toEqual([]);
  });
});
