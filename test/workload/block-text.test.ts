import { describe, expect, it } from 'vitest';
import { textLength } from '../../src/workload/calibration.ts';
import { synthesizeBlocks } from '../../src/workload/synthetic.ts';
import { measureWords } from '../../src/workload/word-tokens.ts';

const BLOCK = 64;

interface Prompt {
  i: number;
  tokens: number;
  ids: readonly number[];
}

/** Texts as a server with this many tokens per word counts them. */
const wordsOf =
  (tokensPerWord: number, seed = 42) =>
  ({ i, tokens, ids }: Prompt): string[] => {
    const calibration = { tokensPerWord, overheadTokens: 0 };
    const endOf = (blocks: number): number => textLength(blocks * BLOCK, calibration);
    return synthesizeBlocks({ seed, i, length: textLength(tokens, calibration), ids, endOf }).split(' ');
  };

/** The number of first words that two texts share. */
function sharedWords(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((word, k) => word !== other[k]);
  return at === -1 ? one.length : at;
}

describe('synthesizeBlocks', () => {
  it.each([1, 1.3, 0.77])(
    'shares the words of equal first blocks, with %d tokens per word',
    (tokensPerWord) => {
      const text = wordsOf(tokensPerWord);
      const first = text({ i: 0, tokens: 10 * BLOCK, ids: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14] });
      expect(first).toHaveLength(Math.round((10 * BLOCK) / tokensPerWord));
      for (let blocks = 0; blocks < 10; blocks++) {
        const ids = Array.from({ length: 10 }, (_, k) => (k < blocks ? 5 + k : 100 + k));
        const other = text({ i: 1, tokens: 10 * BLOCK, ids });
        // A word of the next block may be the same by chance: 1 of 256.
        const shared = sharedWords(first, other) - Math.round((blocks * BLOCK) / tokensPerWord);
        expect(shared).toBeGreaterThanOrEqual(0);
        expect(shared).toBeLessThan(4);
        const shorter = text({ i: 2, tokens: blocks * BLOCK + 17, ids: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14] });
        expect(shorter).toEqual(first.slice(0, shorter.length));
      }
    },
  );

  it('gives an id the same text wherever it is, and another with another seed', () => {
    const text = wordsOf(1);
    const one = text({ i: 0, tokens: 3 * BLOCK, ids: [1, 2, 3] });
    const other = text({ i: 1, tokens: 3 * BLOCK, ids: [3, 1, 2] });
    expect(other.slice(0, BLOCK)).toEqual(one.slice(2 * BLOCK));
    expect(other.slice(BLOCK)).toEqual(one.slice(0, 2 * BLOCK));
    expect(wordsOf(1, 43)({ i: 0, tokens: 3 * BLOCK, ids: [1, 2, 3] }).slice(0, 8)).not.toEqual(
      one.slice(0, 8),
    );
  });

  it('distinguishes ids, also beyond 32 bits and below 0', () => {
    const ids = [0, 1, -1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1, 1 - 2 ** 53];
    const texts = ids.map((id) => wordsOf(1)({ i: 0, tokens: 16, ids: [id] }).join(' '));
    expect(new Set(texts).size).toBe(ids.length);
  });

  it('is unique beyond the blocks', () => {
    const [one, other] = [0, 1].map((i) => wordsOf(1)({ i, tokens: BLOCK + 20, ids: [9] }));
    expect(sharedWords(one!, other!)).toBe(BLOCK);
    expect(one).toHaveLength(BLOCK + 20);
  });

  it('has blocks of exactly the requested tokens with the tokens of each word', () => {
    const count = (text: string): number =>
      text.split(' ').reduce((total, word) => total + 1 + (word.codePointAt(0)! % 3), 0);
    const tokens = measureWords(count)!;
    const text = (i: number, length: number, ids: readonly number[]): string =>
      synthesizeBlocks({ seed: 7, i, length, ids, endOf: (blocks) => blocks * BLOCK, tokens });
    const whole = text(0, 5 * BLOCK, [1, 2, 3, 4, 5]);
    for (let length = 1; length <= 5 * BLOCK; length++) {
      const part = text(1, length, [1, 2, 3, 4, 5]);
      expect(count(part)).toBe(length);
      // A cut block ends with a word that fits.
      const shared = sharedWords(part.split(' '), whole.split(' '));
      expect(shared).toBeGreaterThanOrEqual(part.split(' ').length - 3);
      if (length % BLOCK === 0) expect(whole.startsWith(part)).toBe(true);
    }
  });
});
