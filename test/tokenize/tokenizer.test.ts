import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { tokenizerNotes, TextCounter } from '../../src/tokenize/count.ts';
import { readTokenizer } from '../../src/tokenize/tokenizer.ts';
import { bytePairs, naiveBytePairs, wordLevel } from './tokenizers.ts';

const folder = mkdtempSync(join(tmpdir(), 'goodput-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(content: object | string): string {
  const path = join(folder, `tokenizer-${files++}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('a tokenizer.json', () => {
  test('counts words, by hand', async () => {
    const count = await readTokenizer(file(wordLevel(['one', 'two'])));
    expect(count('one two  one')).toBe(3);
    expect(count('one strange two')).toBe(3);
    expect(count('')).toBe(0);
  });

  test('counts byte pairs, by hand', async () => {
    const merges = [
      ['l', 'o'],
      ['lo', 'w'],
      ['e', 'r'],
    ] as const;
    const count = await readTokenizer(file(bytePairs('lowerntw', merges)));
    // low·er, low, l·o-less: n·e·w·er
    expect(count('lower')).toBe(2);
    expect(count('low lower')).toBe(3);
    expect(count('newer')).toBe(4);
  });

  test('counts byte pairs as another implementation does, on random words', async () => {
    const letters = 'abcd';
    const random = randomStream(7, 'byte pairs');
    for (let round = 0; round < 20; round++) {
      const tokens = Array.from(letters);
      const merges: [string, string][] = [];
      while (merges.length < 12) {
        const pair: [string, string] = [
          tokens[random.below(tokens.length)]!,
          tokens[random.below(tokens.length)]!,
        ];
        if (tokens.includes(pair.join(''))) continue;
        merges.push(pair);
        tokens.push(pair.join(''));
      }
      const count = await readTokenizer(file(bytePairs(letters, merges)));
      for (let k = 0; k < 50; k++) {
        const text = Array.from({ length: 1 + random.below(6) }, () =>
          Array.from({ length: 1 + random.below(12) }, () => letters[random.below(4)]).join(''),
        ).join(' ');
        expect(count(text), `${text} by ${JSON.stringify(merges)}`).toBe(naiveBytePairs(text, merges));
      }
    }
  });

  test.each([
    ['not there', join(folder, 'none.json'), 'it does not exist'],
    ['a folder', folder, 'it is a folder'],
    ['no JSON', file('{ oops'), 'it is not JSON'],
    [
      'another file of a model',
      file({ tokenizer_class: 'x' }),
      'tokenizer_config.json and vocab.json are other files',
    ],
    [
      'an unknown kind',
      file({ model: { type: 'Runes', vocab: {} } }),
      'is not a tokenizer that goodput can use',
    ],
  ])('%s is an error that names the reason', async (_, path, reason) => {
    await expect(readTokenizer(path)).rejects.toMatchObject({ kind: 'usage' });
    await expect(readTokenizer(path)).rejects.toThrow(reason);
  });
});

describe('the counted tokens', () => {
  const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
  const sample = (more: Partial<Sample>): Sample =>
    ({ events_us: [1, 1], output_tokens: 2, tokens_from: 'events', outcome: 'ok', ...more }) as Sample;

  test('are those of reasoning, content and tool calls without a count; the text is removed unless it is kept', () => {
    const given = sample({
      text: 'a b c',
      reasoning_text: 'd e',
      tool_calls: [{ index: 0, name: 'f', arguments: '{"g": 1}' }],
      usage: {},
    });
    const counter = new TextCounter(words, false);
    // Words are only recorded if events count as tokens.
    expect(counter.change({ ...given, words: 8 })).toEqual(
      sample({ output_tokens: 3 + 2 + 1 + 2, tokens_from: 'tokenizer' }),
    );
    expect(counter.result).toEqual({ counted: 1, uncounted: 0 });
    expect(new TextCounter(words, true).change(given)).toEqual({
      ...given,
      output_tokens: 8,
      tokens_from: 'tokenizer',
    });
  });

  test('do not replace a count of the server, from any source', () => {
    for (const tokens_from of ['usage', 'token_ids', 'continuous_usage', 'logprobs'] as const) {
      const counter = new TextCounter(words, false);
      expect(counter.change(sample({ tokens_from, output_tokens: 9, text: 'a b' }))).toEqual(
        sample({ tokens_from, output_tokens: 9 }),
      );
      expect(counter.result).toEqual({ counted: 0, uncounted: 0 });
    }
  });

  test('are events for output without text, and none without output', () => {
    const counter = new TextCounter(words, false);
    expect(counter.change(sample({ text: '', reasoning_text: '' }))).toEqual(sample({}));
    expect(counter.change(sample({ events_us: [], output_tokens: null }))).toEqual(
      sample({ events_us: [], output_tokens: null }),
    );
    expect(counter.result).toEqual({ counted: 0, uncounted: 1 });
  });

  test('the notes give the numbers of counted and uncounted requests', () => {
    expect(tokenizerNotes({ counted: 0, uncounted: 0 }, 't.json', 1)).toEqual([]);
    expect(tokenizerNotes({ counted: 3, uncounted: 1 }, 't.json', 1)).toEqual([
      expect.stringMatching(/^t\.json counted .* 3 requests/),
      expect.stringMatching(/^1 request had no text/),
    ]);
    expect(tokenizerNotes({ counted: 0, uncounted: 5 }, 't.json', 2)).toEqual([
      expect.stringMatching(/^t\.json counted no tokens: .* 2 choices/),
    ]);
  });
});
