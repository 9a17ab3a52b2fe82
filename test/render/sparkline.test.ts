import { describe, expect, it } from 'vitest';
import { bar, sparkline } from '../../src/render/layout/sparkline.ts';

describe('a sparkline', () => {
  it.each([
    ['from 0 to the highest value', [0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
    ['a missing value is a space', [8, null, 4], 8, '█ ▅'],
    ['only zeros', [0, 0], 8, '▁▁'],
    ['no values', [], 8, ''],
    ['the highest of each pair', [1, 8, 2, 2, null, 4, null, null], 4, '█▃▅ '],
    ['at a width of 0, one character', [1, 2], 0, '█'],
  ])('%s', (_, values, width, drawn) => {
    expect(sparkline(values, width, { unicode: true })).toBe(drawn);
  });

  it('has a given top, and can show the lowest of several', () => {
    expect(sparkline([1, 0.5, 1, 1], 2, { unicode: true, top: 1, pick: Math.min })).toBe('▅█');
  });

  it('has ASCII characters', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, { unicode: false })).toBe('_.:-=+*#');
  });

  it('is never wider than its width', () => {
    for (let count = 0; count < 70; count++)
      for (let width = 1; width < 40; width++)
        expect(sparkline(Array<number>(count).fill(1), width, { unicode: true }).length).toBeLessThanOrEqual(
          width,
        );
  });
});

describe('a bar', () => {
  it.each([
    [0, true, '░░░░'],
    [0.5, true, '██░░'],
    [1, true, '████'],
    [7, true, '████'],
    [0.25, false, '#...'],
  ])('of %d', (share, unicode, drawn) => {
    expect(bar(share, 4, unicode)).toBe(drawn);
  });
});
