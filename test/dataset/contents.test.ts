import { expect, it } from 'vitest';
import { FrequentTokens } from '../../src/dataset/inspect/frequent-tokens.ts';
import { Inspection } from '../../src/dataset/inspect/inspection.ts';
import { EMPTY_TURN, type Turn } from '../../src/dataset/model/session.ts';
import { type TokenUnit, tokensOf, WORDS } from '../../src/dataset/text/tokens.ts';
import { verbNounOf } from '../../src/dataset/text/verb-noun.ts';
import { randomStream } from '../../src/random.ts';

function countTokens(frequent: FrequentTokens, unit: TokenUnit, text: string): void {
  unit.each(text, (...token) => {
    frequent.add(text, ...token);
  });
}

it('the most frequent tokens are words as they are, or the texts of a tokenizer', () => {
  const words = new FrequentTokens(WORDS);
  const long = 'x'.repeat(101);
  for (const text of ['the cat  The cat', 'the\tdog 7', `7 7 7 ${long} ${long}`])
    countTokens(words, WORDS, text);
  expect(words.result()).toEqual([
    { token: '7', count: 4 },
    { token: 'cat', count: 2 },
    { token: 'the', count: 2 },
    { token: 'The', count: 1 },
    { token: 'dog', count: 1 },
  ]);
  const unit = tokensOf({
    encode: (text) => text.split('').map((letter) => letter.charCodeAt(0)),
    textOf: (id) => `<${id}>`,
  });
  const letters = new FrequentTokens(unit);
  countTokens(letters, unit, 'aab');
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
    countTokens(frequent, WORDS, word);
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

it('a tokenizer encodes each text of a session once, for all figures', () => {
  const texts: string[] = [];
  const encode = (text: string): number[] => {
    if (text !== '') texts.push(text);
    return Array.from(text, (letter) => letter.charCodeAt(0));
  };
  const unit = tokensOf({ encode, textOf: (id) => String.fromCharCode(id) });
  const inspection = new Inspection(unit, 'kind');
  const asked = (content: string, reference: string): Turn => ({
    ...EMPTY_TURN,
    messages: [
      { role: 'system', content: `system ${content}` },
      { role: 'user', content },
    ],
    reference,
  });
  const turns = [asked('one', 'eins'), asked('two', 'zwei')];
  inspection.add({ session: null, timestamp_ms: null, tags: { kind: 'a' }, turns }, 16);
  expect(texts.toSorted()).toEqual(['eins', 'one', 'system one', 'system two', 'two', 'zwei']);
});
