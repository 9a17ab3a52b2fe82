import { expect, it } from 'vitest';
import { FrequentTokens } from '../../src/dataset/inspect/frequent-tokens.ts';
import { tokensOf, WORDS } from '../../src/dataset/text/tokens.ts';
import { verbNounOf } from '../../src/dataset/text/verb-noun.ts';
import { randomStream } from '../../src/random.ts';

it('the most frequent tokens are words as they are, or the texts of a tokenizer', () => {
  const words = new FrequentTokens(WORDS);
  for (const text of ['the cat  The cat', 'the\tdog 7', '7 7 7']) words.add(text);
  expect(words.result()).toEqual([
    { token: '7', count: 4 },
    { token: 'cat', count: 2 },
    { token: 'the', count: 2 },
    { token: 'The', count: 1 },
    { token: 'dog', count: 1 },
  ]);
  const letters = new FrequentTokens(
    tokensOf({
      encode: (text) => text.split('').map((letter) => letter.charCodeAt(0)),
      textOf: (id) => `<${id}>`,
    }),
  );
  letters.add('aab');
  expect(letters.result()).toEqual([
    { token: '<97>', count: 2 },
    { token: '<98>', count: 1 },
  ]);
});

it('with less room than different tokens, the frequent ones stay, in the right order', () => {
  const frequent = new FrequentTokens(WORDS, 100);
  const random = randomStream(1, 'test');
  const truth = new Map<string, number>();
  for (let k = 0; k < 20_000; k++) {
    // Half of the words are one of ten, the others are rare.
    const common = random.below(2) === 0;
    const word = common
      ? `common${Math.min(random.below(10), random.below(10))}`
      : `rare${random.below(5000)}`;
    truth.set(word, (truth.get(word) ?? 0) + 1);
    frequent.add(word);
  }
  const expected = [...truth].sort(([, a], [, b]) => b - a).slice(0, 8);
  const found = frequent.result().slice(0, 8);
  expect(found.map(({ token }) => token)).toEqual(expected.map(([word]) => word));
  for (const [k, { count }] of found.entries()) expect(count).toBe(expected[k]![1]);
});

it.each([
  ['Write a short story about a dog.', 'write story'],
  ['Give me three tips for staying healthy', 'give tip'],
  ['Can you translate this sentence into French?', 'translate sentence'],
  ['Please summarise the following article: The sea', 'summarise article'],
  ['Create a Python function that sorts a list', 'create function'],
  ['Compare 2 cities', 'compare city'],
  ['A list. Name all classes of ships', 'name class'],
  ['What is the capital of France?', null],
  ['Explain why the sky is blue', null],
  ['The list of things is long', null],
  ['', null],
])('the first verb and its object in %j', (text, pair) => {
  expect(verbNounOf(text)).toBe(pair);
});
