import { describe, expect, it } from 'vitest';
import { parseSloGrid } from '../../src/slo/slo-grid.ts';

const limits = (text: string): Record<string, number[]> => {
  const grid = parseSloGrid(text);
  if (!grid.ok) throw new Error(grid.problem.map(({ message }) => message).join('\n'));
  return Object.fromEntries(
    grid.value.map(({ metric, limits }) => [metric, limits.map(({ value }) => value)]),
  );
};

describe('a grid of limits', () => {
  it.each([
    // Five points by equal factors of 10^(1/4) = 1.778, with two digits each; the ends as declared.
    ['ttft=100ms..1s', { ttft: [100, 180, 320, 560, 1000] }],
    [
      'ttft = 100ms .. 1s , tpot = 20ms..200ms',
      { ttft: [100, 180, 320, 560, 1000], tpot: [20, 36, 63, 110, 200] },
    ],
    ['ttft=123ms..456ms/2', { ttft: [123, 456] }],
    ['ttft=1ms..8ms/4', { ttft: [1, 2, 4, 8] }],
    ['e2e=1s|500ms|2m', { e2e: [1000, 500, 120_000] }],
    ['ttft<=200ms|400ms', { ttft: [200, 400] }],
    ['user_tps=10..40/3', { user_tps: [10, 20, 40] }],
    // Points that are equal in two digits are one.
    ['ttft=100ms..101ms/5', { ttft: [100, 101] }],
  ])('%s', (text, expected) => {
    expect(limits(text)).toEqual(expected);
  });

  it.each([
    ['', /empty/],
    ['ttft', /cannot read "ttft"/],
    ['ttft=', /cannot read/],
    ['tft=1s..2s', /did you mean ttft\?/],
    ['itl=1ms..2ms', /pooled/],
    ['rps=1..2', /run metric/],
    ['ttft=100..1000', /a duration needs its unit/],
    ['ttft=100ms..1000', /a duration needs its unit/],
    ['ttft=1s..100ms', /empty range 1s\.\.100ms/],
    ['ttft=0ms..1s', /invalid range 0ms\.\.1s/],
    ['ttft=1ms..1s/1', /number of points \(1\): from 2 to 20/],
    ['ttft=1ms..1s/21', /number of points \(21\): from 2 to 20/],
    ['ttft=1ms..1s,ttft=1s..2s', /duplicate metric ttft/],
    ['ttft=1ms..1s,tpot=1ms..2ms,e2e=1s..2s', /a third metric/],
    ['on_time_share=10%..90%', /put those into the grid/],
  ])('%s is a mistake', (text, message) => {
    const grid = parseSloGrid(text);
    expect(grid.ok).toBe(false);
    if (!grid.ok) expect(grid.problem.map((each) => each.message).join()).toMatch(message);
  });
});
