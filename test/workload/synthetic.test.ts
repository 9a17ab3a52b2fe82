import { describe, expect, it } from 'vitest';
import { synthesize } from '../../src/workload/synthetic.ts';
import { WORDS } from '../../src/workload/words.ts';

const words = (text: string): string[] => text.split(' ');

describe('WORDS', () => {
  it('is 256 different short words of plain letters', () => {
    expect(WORDS).toHaveLength(256);
    expect(new Set(WORDS).size).toBe(256);
    for (const word of WORDS) expect(word).toMatch(/^[a-z]{2,8}$/);
  });
});

describe('synthesize', () => {
  it('returns the same text for the same request on every machine', () => {
    expect(synthesize({ seed: 42, i: 0, length: 14 })).toBe(
      'finger differ card fight grass enter drive blue clear brown base dust feed ear',
    );
    expect(synthesize({ seed: 42, i: 1, length: 5 })).toBe('dance happy deal cloth else');
    expect(synthesize({ seed: 43, i: 0, length: 5 })).not.toMatch(/^finger/);
  });

  it('has exactly the requested number of words, and a longer text continues a shorter one', () => {
    const long = words(synthesize({ seed: 1, i: 5, length: 300 }));
    for (let count = 1; count <= 300; count++) {
      expect(words(synthesize({ seed: 1, i: 5, length: count }))).toEqual(long.slice(0, count));
    }
  });

  it('distinguishes 100,000 requests by their first 4 words, and consecutive ones by the first', () => {
    const heads = Array.from({ length: 100_000 }, (_, i) => synthesize({ seed: 42, i, length: 4 }));
    expect(new Set(heads).size).toBe(heads.length);
    for (let i = 1; i < heads.length; i++) expect(words(heads[i]!)[0]).not.toBe(words(heads[i - 1]!)[0]);
  });

  it('distinguishes requests with the highest numbers too', () => {
    const heads = [0, 1, 255, 256, 65_536, 2 ** 24, 2 ** 31, 2 ** 32 - 1].map((i) =>
      synthesize({ seed: 7, i, length: 4 }),
    );
    expect(new Set(heads).size).toBe(heads.length);
  });

  it('distinguishes seeds within 11 words, less than one block of 16 tokens', () => {
    const seeds = [...Array(3000).keys(), 2 ** 32, 2 ** 32 + 1, 2 ** 48, 2 ** 53 - 1];
    const heads = seeds.flatMap((seed) => [0, 1].map((i) => synthesize({ seed, i, length: 11 })));
    expect(new Set(heads).size).toBe(heads.length);
  });

  it('uses every word equally often after the first 11: chi-square over 256 cells, 0.1 % point 330.5', () => {
    const counts = new Map<string, number>();
    let total = 0;
    for (let i = 0; i < 200; i++) {
      for (const word of words(synthesize({ seed: 42, i, length: 511 })).slice(11)) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
        total++;
      }
    }
    const expected = total / 256;
    const chiSquare = WORDS.reduce(
      (sum, word) => sum + ((counts.get(word) ?? 0) - expected) ** 2 / expected,
      0,
    );
    expect(chiSquare).toBeLessThan(330.5);
  });

  it('shares exactly the requested prefix within a group, and is unique directly after it', () => {
    const texts = [0, 1, 2].map((i) =>
      words(synthesize({ seed: 42, i, length: 140, shared: { group: 3, length: 100 } })),
    );
    const shared = texts[0]!.slice(0, 100);
    for (const text of texts) {
      expect(text).toHaveLength(140);
      expect(text.slice(0, 100)).toEqual(shared);
    }
    expect(new Set(texts.map((text) => text[100])).size).toBe(3);
    const alone = words(synthesize({ seed: 42, i: 1, length: 40 }));
    expect(texts[1]!.slice(100)).toEqual(alone);
    const other = words(synthesize({ seed: 42, i: 1, length: 140, shared: { group: 4, length: 100 } }));
    expect(other.slice(0, 16)).not.toEqual(shared.slice(0, 16));
  });

  it('shares less if the text is too short for both, and remains unique', () => {
    const texts = [0, 1].map((i) =>
      words(synthesize({ seed: 42, i, length: 30, shared: { group: 0, length: 100 } })),
    );
    expect(texts[0]!.slice(0, 19)).toEqual(texts[1]!.slice(0, 19));
    expect(texts[0]![19]).not.toBe(texts[1]![19]);
    expect(texts.map((text) => text.length)).toEqual([30, 30]);
    const short = [0, 1].map((i) =>
      synthesize({ seed: 42, i, length: 4, shared: { group: 0, length: 100 } }),
    );
    expect(short[0]).toBe(synthesize({ seed: 42, i: 0, length: 4 }));
    expect(short[0]).not.toBe(short[1]);
  });
});
