import { describe, expect, test } from 'vitest';
import { ranksOf } from '../../src/compare/ranks.ts';
import { randomStream } from '../../src/random.ts';

/** Verdicts as lists of "better than": `{ a: 'bc' }` is a better than b and than c. */
const ranked = (names: string, better: Readonly<Record<string, string>>): string => {
  const all = names.split('');
  const ranks = ranksOf(all, (one, other) => better[one]?.includes(other) === true);
  return all.map((name, k) => `${ranks[k]}. ${name}`).join('; ');
};

describe('ranks by hand', () => {
  test.each([
    ['nothing is better', 'abc', {}, '1. a; 1. b; 1. c'],
    ['two are better than the third', 'abc', { a: 'c', b: 'c' }, '1. a; 1. b; 3. c'],
    ['one is better than both others', 'abc', { a: 'bc' }, '1. a; 2. b; 2. c'],
    ['all differ', 'abc', { a: 'bc', b: 'c' }, '1. a; 2. b; 3. c'],
    ['not transitive: a and b, b and c are not distinguished', 'abc', { a: 'c' }, '1. a; 1. b; 2. c'],
    ['not transitive: z and y are not distinguished', 'zxy', { z: 'x', x: 'y' }, '1. z; 2. x; 3. y'],
    ['a circle', 'abcd', { a: 'bd', b: 'c', c: 'a' }, '1. a; 1. b; 1. c; 4. d'],
  ])('%s', (_, names, better, expected) => {
    expect(ranked(names, better)).toBe(expected);
  });
});

test('ranks never contradict the verdicts that they come from', () => {
  const random = randomStream(7, 'verdicts');
  for (let run = 0; run < 1500; run++) {
    const size = 1 + random.below(7);
    const all = Array.from({ length: size }, (_, k) => k);
    // From pairs that are hardly ever distinguished to pairs that nearly always are, in any direction.
    const odds = 1 + random.below(9);
    const better = all.map(() => all.map(() => false));
    for (const i of all)
      for (const j of all.slice(i + 1))
        if (random.below(10) < odds) {
          const [up, down] = random.below(2) === 0 ? [i, j] : [j, i];
          better[up]![down] = true;
        }
    const ranks = ranksOf(all, (one, other) => better[one]![other]!);

    // Independent: a walk along the verdicts.
    const reached = (from: number): Set<number> => {
      const seen = new Set<number>();
      const walk = (at: number): void => {
        for (const next of all)
          if (better[at]![next] && !seen.has(next)) {
            seen.add(next);
            walk(next);
          }
      };
      walk(from);
      return seen;
    };
    const below = all.map(reached);
    for (const i of all) {
      const above = all.filter((each) => below[each]!.has(i) && !below[i]!.has(each));
      expect(ranks[i]).toBe(1 + above.length);
      for (const j of all) {
        if (!better[i]![j]) continue;
        const isCircle = below[j]!.has(i);
        if (isCircle) expect(ranks[i]).toBe(ranks[j]);
        else expect(ranks[i]).toBeLessThan(ranks[j]!);
      }
    }
    expect(Math.min(...ranks)).toBe(1);
  }
});

test('ranks do not depend on the order in which the endpoints are listed', () => {
  const random = randomStream(8, 'orders');
  for (let run = 0; run < 200; run++) {
    const all = [0, 1, 2, 3, 4];
    const better = all.map((i) => all.map((j) => i < j && random.below(3) === 0));
    const isBetter = (one: number, other: number): boolean => better[one]![other]!;
    const turned = all.map((k) => (k * 2 + run) % 5);
    const ranks = ranksOf(turned, isBetter);
    const straight = ranksOf(all, isBetter);
    expect(turned.map((each) => straight[each])).toEqual(ranks);
  }
});
