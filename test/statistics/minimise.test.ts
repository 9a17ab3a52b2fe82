import { expect, test } from 'vitest';
import { minimise } from '../../src/statistics/minimise.ts';

const SEARCH = { step: 0.5, evaluations: 2000, tolerance: 1e-9 };

test("finds the minimum of Rosenbrock's function, at (1, 1)", async () => {
  const f = async ([x, y]: readonly number[]): Promise<number> => (1 - x!) ** 2 + 100 * (y! - x! ** 2) ** 2;
  const { at, value } = await minimise(f, [-1.2, 1], SEARCH);
  expect(at[0]).toBeCloseTo(1, 6);
  expect(at[1]).toBeCloseTo(1, 6);
  expect(value).toBeLessThan(1e-12);
});

test('finds the weighted median, where the sum of distances is smallest', async () => {
  const sum = async ([x]: readonly number[]): Promise<number> =>
    [1, 2, 7, 8, 100].reduce((total, at) => total + Math.abs(x! - at), 0);
  expect((await minimise(sum, [0], SEARCH)).at[0]).toBeCloseTo(7, 6);
});

test('without variables returns the value, and never asks much more often than allowed', async () => {
  expect(await minimise(async () => 5, [], SEARCH)).toEqual({ at: [], value: 5 });
  let calls = 0;
  const slope = async ([x, y]: readonly number[]): Promise<number> => (calls++, x! + y!);
  await minimise(slope, [0, 0], { step: 1, evaluations: 50, tolerance: 0 });
  expect(calls).toBeLessThanOrEqual(54);
});
