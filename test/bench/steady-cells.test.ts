/** @module-tag study */
import { expect, test } from 'vitest';
import { cellsOf, truthOf } from '../../bench/studies/steady-cells.ts';

test(
  'a server of the study, on the whole grid: overload and filling are found, and never made up',
  { timeout: 300_000 },
  () => {
    const truth = truthOf({ preset: 'llama-2-70b-a100-40x4', workload: 'constant' });
    // 35 requests at once, each 10.5 s: 3.3/s.
    expect(truth.capacity).toBeGreaterThan(3);
    expect(truth.capacity).toBeLessThan(3.6);
    const cells = cellsOf(truth, 7);
    const high = cells.filter(({ load }) => load >= 1.5);
    const low = cells.filter(({ load }) => load <= 0.75);
    expect([high.length, low.length]).toEqual([expect.any(Number), 24]);
    expect(high.length).toBeGreaterThan(25);
    expect(high.filter(({ state }) => state !== 'overloaded')).toEqual([]);
    expect(low.filter(({ state }) => state === 'overloaded' || state === 'drifting')).toEqual([]);
    expect(low.filter(({ state, missing }) => missing! >= 0.2 && state !== 'filling')).toEqual([]);
    expect(low.filter(({ state, missing }) => missing! <= 0.07 && state === 'filling')).toEqual([]);
  },
);
