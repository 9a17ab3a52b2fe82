import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { PROMPT_FILE } from '../../src/scenario/build.ts';
import type { Workload } from '../../src/scenario/keys/scenario.ts';
import type { Calibration } from '../../src/workload/calibration.ts';
import { measureWords } from '../../src/workload/word-tokens.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { dataOf, singleTurn } from './data-sessions.ts';

const BLOCK = 64;

const WORKLOAD: Workload = {
  input: { distribution: 'constant', tokens: 5 },
  output: { distribution: 'constant', tokens: 5 },
  exactOutput: false,
  prefix: null,
  sessions: null,
  data: { ...PROMPT_FILE, files: ['trace.jsonl'], order: 'file' },
};

const random = randomStream(1, 'given lengths');
const LENGTHS = Array.from({ length: 300 }, () => 30 + random.below(1200));

const idsFor = (tokens: number): number[] =>
  Array.from({ length: Math.ceil(tokens / BLOCK) }, (_, k) => 1000 * random.below(3) + k);

/** Texts of turns given by length, with or without block ids. */
function textsOf(hasIds: boolean, calibration: Calibration): string[] {
  const data = {
    ...dataOf(
      ...LENGTHS.map((input_tokens) =>
        singleTurn({ messages: null, input_tokens, hash_ids: hasIds ? idsFor(input_tokens) : null }),
      ),
    ),
    blockTokens: BLOCK,
  };
  const source = openWorkload({ seed: 42, workload: WORKLOAD }, { data, calibration });
  return LENGTHS.map((tokens, i) => {
    expect(source.session(i).turns[0]!.input).toBe(tokens);
    const prompt = source.prompt(i, 0, i);
    return prompt.kind === 'text' ? prompt.text : '';
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.each([false, true])('turns given by length (hash_ids: %s)', (hasIds) => {
  it.each([
    [1, 0],
    [1.37, 11],
    [0.82, 25],
  ])(
    'have the planned tokens within 2 %% in total, with %d tokens per word and %d more',
    (perWord, overhead) => {
      const texts = textsOf(hasIds, { tokensPerWord: perWord, overheadTokens: overhead });
      const counted = texts.map((text) => perWord * text.split(' ').length + overhead);
      expect(Math.abs(sum(counted) / sum(LENGTHS) - 1)).toBeLessThan(0.02);
    },
  );

  it('have exactly the planned tokens with the tokens of each word', () => {
    const count = (text: string): number =>
      text.split(' ').reduce((total, word) => total + 1 + (word.codePointAt(0)! % 3), 0);
    const wordTokens = measureWords(count)!;
    const texts = textsOf(hasIds, { tokensPerWord: 2, overheadTokens: 7, wordTokens });
    expect(texts.map((text) => count(text) + 7)).toEqual(LENGTHS);
  });
});
