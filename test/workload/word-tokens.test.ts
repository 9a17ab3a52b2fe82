import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { synthesize } from '../../src/workload/synthetic.ts';
import { measureWords, tokensIn, type WordTokens } from '../../src/workload/word-tokens.ts';
import { WORDS } from '../../src/workload/words.ts';

/** A tokenizer with words of 1 to 3 tokens, and one token more at the beginning of a text for words of five letters. */
const wordTokens = (word: string): number => 1 + (word.charCodeAt(0) % 3);
const count = (text: string): number =>
  text
    .split(' ')
    .reduce((total, word, k) => total + wordTokens(word) + (k === 0 && word.length === 5 ? 1 : 0), 0);

const measured = (): WordTokens => measureWords(count)!;

describe('synthesize with the tokens of each word', () => {
  it('has exactly the requested tokens, of every length, seed and request', () => {
    const tokens = measured();
    const wrong: unknown[] = [];
    for (let length = 1; length <= 600; length++)
      for (const [seed, i] of [
        [1, 0],
        [1, 1],
        [42, 4_294_967_295],
        [2 ** 53 - 1, 77],
      ] as const) {
        const text = synthesize({ seed, i, length, tokens });
        if (count(text) !== length || tokensIn(text, tokens) !== length)
          wrong.push({ seed, i, length, text });
      }
    expect(wrong).toEqual([]);
  });

  it('shares a prefix of exactly the requested tokens, and begins differently after it', () => {
    const tokens = measured();
    const texts = Array.from({ length: 200 }, (_, i) =>
      synthesize({ seed: 3, i, length: 400, shared: { group: 5, length: 250 }, tokens }),
    );
    const [one, other] = texts as [string, string];
    let same = 0;
    while (one.split(' ')[same] === other.split(' ')[same]) same++;
    const prefix = one.split(' ').slice(0, same).join(' ');
    expect(count(prefix)).toBe(250);
    for (const text of texts) {
      expect(text.startsWith(`${prefix} `)).toBe(true);
      expect(count(text)).toBe(400);
    }
    expect(
      new Set(
        texts.map((text) =>
          text
            .slice(prefix.length + 1)
            .split(' ')
            .slice(0, 4)
            .join(' '),
        ),
      ).size,
    ).toBe(200);
  });
});

describe('measureWords', () => {
  it('finds a tokenizer that merges any single pair of neighbours', () => {
    const random = randomStream(1, 'merged pairs');
    for (let trial = 0; trial < 40; trial++) {
      const [a, b] = [WORDS[random.below(256)]!, WORDS[random.below(256)]!];
      const merging = (text: string): number =>
        // Overlapping occurrences cannot merge twice.
        text.split(' ').length - (` ${text} `.includes(` ${a} ${b} `) ? 1 : 0);
      expect([a, b, measureWords(merging)]).toEqual([a, b, null]);
    }
  });

  it('finds a tokenizer without a word of one token', () => {
    expect(measureWords((text) => 2 * text.split(' ').length)).toBeNull();
  });

  it('finds a tokenizer that counts nothing', () => {
    expect(measureWords(() => 0)).toBeNull();
  });
});
