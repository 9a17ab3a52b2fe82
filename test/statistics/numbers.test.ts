import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { Numbers } from '../../src/statistics/numbers.ts';

/** Values of all kinds, as a list that an ordinary array holds too. */
function mixed(seed: number, length: number): number[] {
  const random = randomStream(seed, 'numbers');
  const kinds = [
    () => Math.floor(random.uniform() * 5e9),
    () => Math.floor(random.uniform() * 5e6) / 1000,
    () => random.uniform(),
    () => -Math.ceil(random.uniform() * 100) / 1000,
    () => Infinity,
    () => NaN,
    () => 0xfffffffd + Math.floor(random.uniform() * 4),
  ];
  // The later kinds do not fit into four bytes, so the list is widened somewhere in the middle.
  return Array.from({ length }, (_, k) =>
    kinds[Math.floor(random.uniform() * (k < length / 2 ? 2 : kinds.length))]!(),
  );
}

describe.each([1, 1000])('with %i steps in a unit', (perUnit) => {
  test.each([1, 2, 3, 4, 5, 6])('every number reads back as it was pushed, seed %i', (seed) => {
    const values = mixed(seed, 500);
    const numbers = new Numbers(perUnit);
    for (const value of values) numbers.push(value);
    expect(numbers.length).toBe(500);
    expect([...numbers.toArray()]).toEqual(values);
    expect(values.map((_, k) => numbers.at(k))).toEqual(values);
    expect([...numbers.sort().toArray()]).toEqual([...new Float64Array(values).sort()]);
  });
});

test('whole microseconds take four bytes and room to grow, in ms too, with Infinity and NaN; others take eight', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const count = 2_000_000;
  const bytesOf = (valueOf: (k: number) => number): number => {
    gc();
    const before = process.memoryUsage().arrayBuffers;
    const numbers = new Numbers(1000);
    for (let k = 0; k < count; k++) numbers.push(valueOf(k));
    gc();
    const { arrayBuffers } = process.memoryUsage();
    expect(numbers.at(count - 1)).toBe(valueOf(count - 1));
    return (arrayBuffers - before) / count;
  };
  const compact = bytesOf((k) => (k % 10 === 0 ? Infinity : k / 1000));
  expect(compact).toBeGreaterThanOrEqual(4);
  expect(compact).toBeLessThan(4 * 1.26);
  const wide = bytesOf((k) => k / 1001);
  expect(wide).toBeGreaterThanOrEqual(8);
  expect(wide).toBeLessThan(8 * 1.26);
});
