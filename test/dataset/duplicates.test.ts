import { describe, expect, it } from 'vitest';
import { BloomFilter, bloomSize } from '../../src/dataset/duplicates/bloom.ts';
import { Clusters } from '../../src/dataset/duplicates/clusters.ts';
import { DigestTable } from '../../src/dataset/duplicates/digest-table.ts';
import { equalIn } from '../../src/dataset/duplicates/equal-in.ts';
import { HashSet } from '../../src/dataset/duplicates/hash-set.ts';
import { bandHashes, candidateProbability } from '../../src/dataset/duplicates/minhash.ts';
import { NearDuplicates } from '../../src/dataset/duplicates/near-duplicates.ts';
import { jaccard, shingleHashes, shingleSet } from '../../src/dataset/duplicates/shingles.ts';
import { SimHashDuplicates } from '../../src/dataset/duplicates/simhash.ts';
import { TextStore } from '../../src/dataset/duplicates/text-store.ts';
import { randomStream } from '../../src/random.ts';
import { mix } from '../../src/dataset/text/hash.ts';

const random = randomStream(3, 'test duplicates');

/** Returns random hashes that are different with near certainty. */
const hashes = (count: number): number[] => Array.from({ length: count }, () => random.below(2 ** 32));

describe('shingles', () => {
  it.each([
    ['a b c d e f g', ['a b c d e', 'b c d e f', 'c d e f g']],
    ['a b c d e', ['a b c d e']],
    // Fewer than five words: five code points.
    ['ab cd', ['ab cd']],
    ['abc def', ['abc d', 'bc de', 'c def']],
    ['🌊🌊abcd', ['🌊🌊abc', '🌊abcd']],
    ['🌊ab', ['🌊ab']],
    ['', []],
  ])('of %j', (text, expected) => {
    expect([...shingleSet(text)]).toEqual(expected);
    expect(new Set(shingleHashes(text)).size).toBe(expected.length);
  });

  it('the same shingle has the same hash in any text', () => {
    const [first] = shingleHashes('one two three four five');
    expect([...shingleHashes('zero one two three four five six')]).toContain(first);
  });
});

describe('MinHash', () => {
  it.each([0.5, 0.8, 0.9])(
    'pairs with a Jaccard index of %d are candidates as often as the formula says',
    (s) => {
      const trials = 1500;
      const size = 90;
      // Two sets of equal size with index s share 2s/(1+s) of it.
      const shared = Math.round((2 * s * size) / (1 + s));
      const exact = shared / (2 * size - shared);
      let candidates = 0;
      for (let trial = 0; trial < trials; trial++) {
        const common = hashes(shared);
        const [a, b] = [0, 1].map(() => bandHashes(Uint32Array.from([...common, ...hashes(size - shared)])));
        if (a!.some((band, at) => band === b![at])) candidates++;
      }
      const expected = candidateProbability(exact);
      // Four standard deviations of a binomial share.
      const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / trials) + 1 / trials;
      expect(Math.abs(candidates / trials - expected)).toBeLessThan(tolerance);
    },
  );

  it('finds at least 95 % of near pairs among random texts and reports none below the threshold', async () => {
    const words = Array.from({ length: 400 }, (_, k) => `w${k}`);
    const texts: string[] = [];
    for (let group = 0; group < 250; group++) {
      const base = Array.from({ length: 60 }, () => words[random.below(words.length)]!);
      texts.push(base.join(' '));
      // Each changed word changes up to five shingles of 56.
      const changed = base.with(random.below(60), 'x');
      texts.push((random.uniform() < 0.5 ? changed : changed.with(random.below(60), 'y')).join(' '));
    }
    const sets = texts.map(shingleSet);
    const near = new NearDuplicates(0.8);
    for (const text of texts) near.add(text);
    const clusters = await near.finish();
    let [pairs, found] = [0, 0];
    const brute = new Clusters();
    for (const _ of texts) brute.add();
    for (let b = 0; b < texts.length; b++)
      for (let a = 0; a < b; a++) {
        if (jaccard(sets[a]!, sets[b]!) < 0.8) continue;
        brute.join(a, b);
        pairs++;
        if (clusters.first(a) === clusters.first(b)) found++;
      }
    expect(pairs).toBeGreaterThan(100);
    expect(found / pairs).toBeGreaterThanOrEqual(0.95);
    // Every cluster found is a part of one that an exact comparison of all pairs finds.
    for (const { kept, removed } of clusters.all())
      for (const record of removed) expect(brute.first(record)).toBe(brute.first(kept));
  });
});

it('a Bloom filter never misses a text, and its rate of false positives is the one it was made for', () => {
  const [n, rate] = [5000, 0.02];
  const filter = new BloomFilter(bloomSize(n, rate));
  for (let k = 0; k < n; k++) filter.add(`text ${k}`);
  for (let k = 0; k < n; k++) expect(filter.add(`text ${k}`)).toBe(true);
  const fresh = new BloomFilter(bloomSize(n, rate));
  let wrong = 0;
  for (let k = 0; k < n; k++) if (fresh.add(`other ${k}`)) wrong++;
  // While the filter fills, the rate is below that of the full one: its mean is about a fifth.
  expect(wrong).toBeLessThan(n * rate);
  let late = 0;
  // Texts beyond n raise the rate slowly; the first hundreds see the rate of a full filter.
  for (let k = 0; k < 500; k++) if (fresh.add(`late ${k}`)) late++;
  expect(late).toBeGreaterThan(0);
  expect(late).toBeLessThan(500 * rate * 3);
});

it('SimHash finds texts that differ in one word of many, not different texts', async () => {
  const text = (seed: number): string[] =>
    Array.from({ length: 400 }, (_, k) => `w${mix(seed * 1000 + k) % 5000}`);
  const found = new SimHashDuplicates();
  found.add(text(1).join(' '));
  found.add(text(2).join(' '));
  found.add(text(1).with(399, 'changed').join(' '));
  found.add('');
  found.add('');
  found.add(null);
  expect((await found.finish()).all()).toEqual([
    { kept: 0, removed: [2] },
    { kept: 3, removed: [4] },
  ]);
});

it('clusters are connected components, named by their first record', () => {
  const clusters = new Clusters();
  for (let k = 0; k < 6; k++) clusters.add();
  clusters.join(4, 2);
  clusters.join(5, 3);
  clusters.join(4, 5);
  expect(clusters.all()).toEqual([{ kept: 2, removed: [3, 4, 5] }]);
  expect(clusters.removed).toBe(3);
});

it('equal values are grouped as a Map groups them', () => {
  const values = Uint32Array.from({ length: 3000 }, () => mix(random.below(900)));
  const expected = Map.groupBy(values.keys(), (at) => values[at]!);
  const groups = [...equalIn(values)].map((group) => group.join());
  expect(groups.toSorted()).toEqual(
    [...expected.values()]
      .filter((group) => group.length > 1)
      .map((group) => group.join())
      .toSorted(),
  );
});

it('the tables agree with a Map and a Set while they grow', () => {
  const table = new DigestTable();
  const map = new Map<string, number>();
  const set = new HashSet();
  const known = new Set<string>();
  for (let k = 0; k < 20_000; k++) {
    const text = `t${random.below(8000)}`;
    expect(table.add(text, k)).toBe(map.get(text) ?? null);
    if (!map.has(text)) map.set(text, k);
    const high = mix(random.below(9000));
    const low = mix(high + 1);
    expect(set.add(high, low)).toBe(known.has(`${high}`));
    known.add(`${high}`);
  }
  expect(table.size).toBe(map.size);
});

it('texts that differ only in a lone surrogate are different', () => {
  const table = new DigestTable();
  expect(table.add('a\ud800', 0)).toBe(null);
  expect(table.add('a\ud801', 1)).toBe(null);
  expect(table.add('a\ud800', 2)).toBe(0);
});

it('a text store returns every text, in memory and in its file', () => {
  for (const limit of [1e9, 64]) {
    const store = new TextStore(limit);
    const texts = ['', 'ascii', 'öl 🌊', 'lone \ud83c', 'x'.repeat(5000), 'end'];
    for (const text of texts) store.add(text);
    for (const [at, text] of texts.entries()) expect(store.get(at)).toBe(text);
    store.add('later');
    expect(store.get(texts.length)).toBe('later');
    store.close();
  }
});
