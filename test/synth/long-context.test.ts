import { expect, it } from 'vitest';
import { EMPTY_TURN, type Session, sessionText } from '../../src/dataset/model/session.ts';
import { haystacks } from '../../src/synth/haystacks.ts';
import {
  cutAt,
  type LongContextOptions,
  longContextSession,
  syntheticHaystack,
} from '../../src/synth/long-context.ts';
import { tokensOf, WORDS } from '../../src/dataset/text/tokens.ts';

/** Four characters are a token. */
const FOURS = tokensOf({
  encode: (text) => (text.match(/[^]{1,4}/g) ?? []).map((part) => part.charCodeAt(0)),
  textOf: String,
});

const OPTIONS: LongContextOptions = { tokens: 500, depths: [0, 25, 100], seed: 1, unit: WORDS };

function checked(session: Session, tokens: number, unit = WORDS): { at: number; rest: number } {
  const text = sessionText(session)!;
  const answer = session.turns[0]!.reference as string;
  const [, place] = /The special number of (\w+) is \d{7}\./.exec(text)!;
  expect(text.split(answer)).toHaveLength(2);
  expect(text).toContain(`The special number of ${place} is ${answer}.`);
  expect(text).toMatch(new RegExp(`What is the special number of ${place}, .*only\\.$`));
  expect(unit.count(text)).toBeLessThanOrEqual(tokens + 3);
  const [before, after] = text.split(/The special number of \w+ is \d{7}\./) as [string, string];
  return { at: unit.count(before), rest: unit.count(after.split('\n\nWhat')[0]!) };
}

it('a prompt has exactly the tokens, and its fact at the depths in turn', () => {
  for (let record = 0; record < 6; record++) {
    const session = longContextSession(record, syntheticHaystack(record, OPTIONS), OPTIONS);
    const { at, rest } = checked(session, 500);
    expect(WORDS.count(sessionText(session)!)).toBe(500);
    const depth = [0, 25, 100][record % 3]!;
    expect(session.tags).toEqual({ source: 'synthetic', depth: String(depth) });
    expect(at).toBe(Math.round((depth / 100) * (at + rest)));
  }
});

it('with a tokenizer it has as many tokens, within those of a word', () => {
  const options = { ...OPTIONS, unit: FOURS };
  const session = longContextSession(1, syntheticHaystack(1, options), options);
  const { at, rest } = checked(session, 500, FOURS);
  expect(FOURS.count(sessionText(session)!)).toBeGreaterThan(490);
  expect(at / (at + rest)).toBeCloseTo(0.25, 1);
});

it('a text is cut after whole words', () => {
  expect(cutAt('one two three', 2, WORDS)).toBe('one two'.length);
  expect(cutAt('one two three', 9, WORDS)).toBe('one two three'.length);
  expect(cutAt('one two three', 0, WORDS)).toBe(0);
  // "one two" is 2 tokens of four characters, "one two three" 4.
  expect([0, 1, 2, 3, 4, 5].map((limit) => cutAt('one two three', limit, FOURS))).toEqual([
    0, 3, 7, 7, 13, 13,
  ]);
});

const document = (text: string): Session => ({
  session: null,
  timestamp_ms: null,
  tags: { source: 'book.jsonl' },
  turns: [{ ...EMPTY_TURN, messages: [{ role: 'user', content: text }] }],
});
const words = (count: number, word: string): string => Array.from({ length: count }, () => word).join(' ');

it('the texts of files follow one another, from the beginning again after the end', async () => {
  const texts = [words(300, 'a'), words(300, 'b'), words(300, 'c')].map(document);
  const found = haystacks(async function* () {
    yield texts.slice(0, 2);
    yield texts.slice(2);
  }, OPTIONS);
  const parents: unknown[] = [];
  for (let record = 0; record < 4; record++) {
    const haystack = await found.next(record);
    parents.push(haystack.tags['parent']);
    const session = longContextSession(record, haystack, OPTIONS);
    checked(session, 500);
    expect(WORDS.count(sessionText(session)!)).toBe(500);
  }
  await found.close();
  const [a, b, c] = ['book.jsonl#0', 'book.jsonl#1', 'book.jsonl#2'];
  expect(parents).toEqual([`${a}, ${b}`, `${c}, ${a}`, `${b}, ${c}`, `${a}, ${b}`]);
});

it('texts that are too short together are an error, and so are none', async () => {
  const short = haystacks(async function* () {
    yield [document('a few words')];
  }, OPTIONS);
  await expect(short.next(0)).rejects.toThrow(/3 words.*500/);
  const none = haystacks(async function* () {
    yield [{ ...document(''), turns: [{ ...EMPTY_TURN, input_tokens: 5 }] }];
  }, OPTIONS);
  await expect(none.next(0)).rejects.toThrow(/no record has a text/);
});
