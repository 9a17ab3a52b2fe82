import { afterEach, describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { Numbers } from '../../src/statistics/numbers.ts';
import { bytesInUse } from '../buffers.ts';

const random = randomStream(1, 'numbers');
const whole = (below: number): number => Math.floor(random.uniform() * below);

/** Ranges of all widths, and values of all kinds. */
const KINDS: readonly [name: string, value: (k: number) => number][] = [
  ['equal values', () => 7],
  ['8 bits', () => -100 + whole(256)],
  ['16 bits', () => 1e12 + whole(2 ** 16)],
  ['32 bits', () => -5 + whole(2 ** 32)],
  ['33 bits', () => whole(2 ** 33)],
  ['instants', (k) => 2 ** 40 + 10_000 * k + whole(1000)],
  ['milliseconds', () => (whole(60e6) - 100) / 1000],
  ['the edge of whole numbers', () => 2 ** 53 - 3 + whole(6)],
  ['fractions', () => random.uniform()],
  ['rates', () => (whole(100) * 1e6) / (1 + whole(1e6))],
  ['signs of 0', () => (whole(2) === 0 ? 0 : -0)],
  ['no number', () => NaN],
  ['infinite', () => (whole(2) === 0 ? Infinity : -Infinity)],
  ['tiny', () => Number.MIN_VALUE * whole(5)],
  ['huge', () => Number.MAX_VALUE * (random.uniform() - 0.5)],
];

function expectSame(found: Numbers, wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  const values = found.values();
  expect(values).toHaveLength(wanted.length);
  // Object.is distinguishes −0 from 0, and NaN is itself.
  expect(wanted.findIndex((value, k) => !Object.is(values[k], value))).toBe(-1);
  expect(wanted.findIndex((value, k) => !Object.is(found.at(k), value))).toBe(-1);
  expect(found.at(wanted.length)).toBeUndefined();
}

describe('a list of numbers', () => {
  test.each(KINDS)('returns what was added: %s', (_, value) => {
    const wanted = Array.from({ length: 20_000 }, (__, k) => value(k));
    expectSame(Numbers.of(wanted), wanted);
  });

  test('returns what was added, in mixes of all kinds and lengths', () => {
    for (const length of [0, 1, 64, 65, 4095, 4096, 4097, 8192, 30_000]) {
      const rare = 1 + whole(length);
      const kinds = KINDS.map(([, value]) => value);
      let usual = kinds[whole(kinds.length)]!;
      const wanted = Array.from({ length }, (_, k) => {
        if (k % 5000 === 0) usual = kinds[whole(kinds.length)]!;
        return (k % rare === rare - 1 ? kinds[whole(kinds.length)]! : usual)(k);
      });
      expectSame(Numbers.of(wanted), wanted);
    }
  });

  test('is empty after its values were taken, and takes more', () => {
    const numbers = Numbers.of(Array.from({ length: 10_000 }, (_, k) => k));
    expect(numbers.take()[9999]).toBe(9999);
    expectSame(numbers, []);
    numbers.push(0.5);
    expectSame(numbers, [0.5]);
  });

  describe('beyond 4 MB', () => {
    /** Mixed, so that blocks of all widths follow each other: 1.2 million numbers of 6 bytes on average. */
    const mixed = Array.from({ length: 300 }, (_, k) => KINDS[k % KINDS.length]![1]).flatMap((value) =>
      Array.from({ length: 4096 }, (_, k) => value(k)),
    );
    const temporary = process.env['TMPDIR'];
    afterEach(() => {
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
    });

    test('blocks are read back from the disk', async () => {
      const before = await bytesInUse();
      const numbers = Numbers.of(mixed);
      // Of 6 MB.
      expect((await bytesInUse()) - before).toBeLessThan(4.5e6);
      expectSame(numbers, mixed);
      for (let k = 0; k < 2000; k++) {
        const at = whole(mixed.length);
        expect(numbers.at(at)).toBe(mixed[at]);
      }
      expect(numbers.take()).toHaveLength(mixed.length);
      numbers.push(3);
      expectSame(numbers, [3]);
    });

    test('blocks stay in memory where no file can be written', () => {
      process.env['TMPDIR'] = '/proc/none';
      expectSame(Numbers.of(mixed), mixed);
    });
  });

  test.each([
    ['equal values', 0.2, () => 1],
    ['lags below 65 ms', 2.2, () => whole(65_000) / 1000],
    ['latencies', 4.2, () => whole(60e6) / 1000],
    ['instants', 4.2, (k: number) => 1e12 + 10_000 * k + whole(1000)],
    ['fractions', 8.2, () => random.uniform()],
  ])('has a size that fits the values: %s', (_, most, value) => {
    const count = 400_000;
    const before = process.memoryUsage().arrayBuffers;
    const numbers = new Numbers();
    for (let k = 0; k < count; k++) numbers.push(value(k));
    expect((process.memoryUsage().arrayBuffers - before) / count).toBeLessThan(most);
    expect(numbers).toHaveLength(count);
  });
});
