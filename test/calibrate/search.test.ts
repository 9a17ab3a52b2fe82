import { describe, expect, test } from 'vitest';
import { highest, type SearchOptions } from '../../src/calibrate/search.ts';

/** A machine that holds up to `limit`, and what was tried on it. */
function machine(limit: number) {
  const tried: number[] = [];
  const holds = (value: number): Promise<boolean> => {
    tried.push(value);
    return Promise.resolve(value <= limit);
  };
  return { tried, holds };
}

const options = (given: Partial<SearchOptions> = {}): SearchOptions => ({
  from: 500,
  most: 64_000,
  within: 1.1,
  isOver: () => false,
  ...given,
});

describe('the highest value that holds', () => {
  test.each([1, 3, 77, 499, 500, 501, 999, 1000, 3333, 47_000, 63_999])(
    'limit %d: within 10 %% below it',
    async (limit) => {
      const found = await highest(machine(limit).holds, options());
      expect(found).toBeLessThanOrEqual(limit);
      expect(found! * 1.1).toBeGreaterThanOrEqual(Math.min(limit, found! + 1));
    },
  );

  test('is the highest value that may be tried if all values hold', async () => {
    const { holds, tried } = machine(1e9);
    expect(await highest(holds, options({ most: 3000 }))).toBe(3000);
    expect(tried).toEqual([500, 1000, 2000, 3000]);
  });

  test('is null if no value holds', async () => {
    const { holds, tried } = machine(0);
    expect(await highest(holds, options())).toBeNull();
    expect(tried.at(-1)).toBe(1);
  });

  test('is tried again after a failure: one stall does not determine it', async () => {
    const failedOnce = new Set<number>();
    const found = await highest(
      (value) => {
        const first = !failedOnce.has(value);
        failedOnce.add(value);
        return Promise.resolve(!first && value <= 2000);
      },
      options({ within: 2 }),
    );
    expect(found).toBe(2000);
  });

  test('is the highest so far when the time is over', async () => {
    const { holds, tried } = machine(1e9);
    expect(await highest(holds, options({ isOver: () => tried.length >= 3 }))).toBe(2000);
    expect(tried).toEqual([500, 1000, 2000]);
    expect(await highest(holds, options({ isOver: () => true }))).toBeNull();
  });
});
