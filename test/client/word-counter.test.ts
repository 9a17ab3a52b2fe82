import { describe, expect, test } from 'vitest';
import { WordCounter } from '../../src/client/api/word-counter.ts';
import { randomStream } from '../../src/random.ts';

const countOf = (...pieces: string[]): number => {
  const counter = new WordCounter();
  for (const piece of pieces) counter.add(piece);
  return counter.words;
};

/** Counts the contents of JSON strings, as servers in Python and in other languages write them. */
const jsonCountOf = (pieces: string[], escapesAll: boolean): number => {
  const counter = new WordCounter();
  for (const piece of pieces) {
    const json = JSON.stringify(piece).slice(1, -1);
    const written = escapesAll
      ? json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : json;
    const bytes = Buffer.from(`"${written}",`);
    counter.addJson(bytes, 1, bytes.length - 2);
  }
  return counter.words;
};

describe('words, counted by hand', () => {
  test.each<[string, number]>([
    ['', 0],
    ['The quick brown fox.', 4],
    ["don't", 2],
    ['{"city":"San Francisco","days":3}', 5],
    ['  \n\t… — !?', 0],
    ['Überraschung für alle', 3],
    ['всё хорошо', 2],
    ['한국어 문장', 2],
    // Two characters per word.
    ['今天天气很好', 3],
    ['今天、天气很好。', 3],
    ['カタカナひらがな', 4],
    ['今天 is 2026年', 4],
    // Four characters per word.
    ['สวัสดีครับ', 3],
    ['😀 ok', 2],
    ['ＡＢＣ　１２', 2],
  ])('%j', (text, words) => {
    expect(countOf(text)).toBe(words);
    expect(jsonCountOf([text], false)).toBe(words);
    expect(jsonCountOf([text], true)).toBe(words);
  });

  test('a word that is split over events counts once', () => {
    expect(countOf('Hel', 'lo', ' wor', 'ld')).toBe(2);
    expect(jsonCountOf(['Hel', 'lo', ' wor', 'ld'], false)).toBe(2);
  });
});

const random = randomStream(1, 'words');
/** Letters of several scripts, white space, punctuation, characters that JSON escapes, and surrogate pairs. */
const CHARACTERS = Array.from('abzAZ09 \n\t"\\/.,-_éß߀ह한あア中文。、กขខက😀ＡＺ！\ud800');
const textOf = (characters: readonly string[], most: number): string =>
  Array.from({ length: random.below(most + 1) }, () => characters[random.below(characters.length)]).join('');

describe('words of random texts', () => {
  test('are the same however the text is split and escaped', () => {
    for (let k = 0; k < 2000; k++) {
      const pieces = Array.from({ length: random.below(6) }, () => textOf(CHARACTERS, 20));
      const whole = countOf(pieces.join(''));
      expect(countOf(...pieces)).toBe(whole);
      expect(jsonCountOf(pieces, false)).toBe(whole);
      expect(jsonCountOf(pieces, true)).toBe(whole);
    }
  });

  test('in scripts with spaces are what a regular expression of letters and digits finds', () => {
    for (let k = 0; k < 2000; k++) {
      const text = textOf(Array.from('abzAZ09 \n"\\.,-éßя한ç!?'), 60);
      expect(countOf(text)).toBe(text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0);
    }
  });

  test('in bytes that are not UTF-8 are those of the decoded text', () => {
    for (let k = 0; k < 5000; k++) {
      const bytes = Buffer.from(Array.from({ length: random.below(12) }, () => 0x60 + random.below(0xa0)));
      const counter = new WordCounter();
      counter.addJson(bytes, 0, bytes.length);
      expect(counter.words).toBe(countOf(bytes.toString('utf8')));
    }
  });
});
