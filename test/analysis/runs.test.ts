import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import { PERCENTILES } from '../../src/analysis/report.ts';
import vectors from '../vectors/runs.json' with { type: 'json' };
import { loopOf, sampleOf } from '../metrics/samples.ts';
import { headerOf, slosOf } from './headers.ts';

const POOLED = new Set(['itl', 'chunk_gap']);

/** A tolerance relative to the compared value, absolute below 1 (a deviation of 1e-14 equals 0). */
function isNear(found: unknown, wanted: unknown, tolerance: number): boolean {
  if (typeof found !== 'number' || typeof wanted !== 'number') return found === wanted;
  return Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
}

/** Returns the figures of `wanted` that `found` does not have. */
function misses(found: object, wanted: object, tolerance = 1e-9): unknown[] {
  const has = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted)
    .map(([key, value]: [string, unknown]) => ({ key, found: has.get(key), wanted: value }))
    .filter((figure) => !isNear(figure.found, figure.wanted, tolerance));
}

describe.each(vectors.cases)('$name: $why', async (given) => {
  const { window, loop, slo, samples, expect: wanted } = given;
  const requests = 'byCount' in given ? samples.length : null;
  const header = headerOf({ window, load: { loop: loopOf(loop), requests, duration_s: null } });
  const { report, values } = await analyze(header, '', samples.map(sampleOf), slosOf(slo));

  test('counts', () => expect(report.counts).toMatchObject(wanted.counts));

  test('rates', () => {
    expect(report.load.window_s).toBe(wanted.window_s);
    expect(misses(report.rates, wanted.rates)).toEqual([]);
  });

  test('attainment', () => {
    expect(report.slo === null).toBe(wanted.slo === null);
    expect(misses(report.slo?.attainment ?? {}, wanted.slo ?? {})).toEqual([]);
  });

  test.each(Object.entries(wanted.metrics))('%s', (metric, figures) => {
    const names = PERCENTILES.filter((name) => name in figures);
    const percentiles = Object.fromEntries(names.map((name) => [name, values.value(metric, name).value]));
    const exact = Object.entries(figures).filter(([key]) => !(key in percentiles));
    const ranked = Object.entries(figures).filter(([key]) => key in percentiles);
    expect(misses(report.metrics[metric]!, Object.fromEntries(exact))).toEqual([]);
    // The percentiles of the vectors are without the sample rule, as for gates.
    expect(misses(percentiles, Object.fromEntries(ranked), POOLED.has(metric) ? 1e-3 : 1e-9)).toEqual([]);
  });
});

test.each([
  ['seed_goodput', 1],
  ['closed_200', 16],
  ['coordinated_omission', 1],
])('%s: the maximum in flight is %d', async (wanted, most) => {
  const { window, loop, samples } = vectors.cases.find(({ name }) => name === wanted)!;
  const header = headerOf({ window, load: { loop: loopOf(loop) } });
  const { report } = await analyze(header, '', samples.map(sampleOf), []);
  expect(report.rates.max_concurrency).toBe(most);
});
