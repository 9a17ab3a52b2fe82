import { randomStream } from '../random.ts';
import { ONE_EACH, type WordTokens } from './word-tokens.ts';
import { WORDS } from './words.ts';

export interface SyntheticPrompt {
  seed: number;
  /** Number of the request in the plan, below 2³². */
  i: number;
  /** Tokens of the text by `tokens`, at least 1; words without `tokens`. */
  length: number;
  /** The first `length` tokens, which all requests of `group` share. */
  shared?: { group: number; length: number };
  /** Tokens of each word; default: one each. */
  tokens?: WordTokens;
}

/** Returns the length that a prompt shares with its group. A short prompt shares less, so that its own part remains. */
export const sharedLength = (length: number, prefix: number, { longest }: WordTokens = ONE_EACH): number =>
  Math.max(0, Math.min(prefix, length - HEAD_WORDS * longest));

const BASE = WORDS.length;
/** 4 words distinguish 2³² requests, and 7 more distinguish every seed below 2⁵³. */
const NUMBER_WORDS = 4;
const SEED_WORDS = 7;
const HEAD_WORDS = NUMBER_WORDS + SEED_WORDS;
/** One random number of 53 bits has 6 base-256 digits. */
const WORDS_PER_DRAW = 6;

/**
 * Returns the text of one request. It depends on the arguments only.
 *
 * The text begins with words that encode the request's number and the seed: the first 4 words are unique within a run, and 11 across
 * seeds. This is less than one 16-token block, so a server's prefix cache has no accidental hits. A shared prefix precedes these words;
 * a prompt that is too short for both shares less, so that it remains unique.
 */
export function synthesize({ seed, i, length, shared, tokens = ONE_EACH }: SyntheticPrompt): string {
  const text = new Text(tokens);
  if (shared !== undefined)
    fill(text, sharedLength(length, shared.length, tokens), seed, 'shared prefix', shared.group);
  fillOwn(text, length, seed, i);
  return text.toString();
}

/** Appends the part of a request that no other has. */
function fillOwn(text: Text, length: number, seed: number, i: number): void {
  for (const word of headWords(i, seed)) if (text.length < length) text.append(word, length);
  fill(text, length, seed, 'prompt', i);
}

/** A prompt whose content is known by block. */
export interface BlockPrompt extends Omit<SyntheticPrompt, 'shared'> {
  /** Names of the blocks, in order: equal ids are equal text. */
  ids: readonly number[];
  /** Returns the length of the first `blocks` blocks; the last block may be cut. */
  endOf(blocks: number): number;
}

/**
 * Returns the text of a request whose blocks are named. The text of a block depends on the seed and its id only, so requests that begin with
 * the same ids begin with the same text. Beyond its blocks, a prompt is unique.
 */
export function synthesizeBlocks({ seed, i, length, ids, endOf, tokens = ONE_EACH }: BlockPrompt): string {
  const text = new Text(tokens);
  for (let k = 0; k < ids.length && text.length < length; k++)
    fillBlock(text, Math.min(length, endOf(k + 1)), seed, ids[k]!);
  if (text.length < length) fillOwn(text, length, seed, i);
  return text.toString();
}

/** Streams have numbers below 2³², ids below 2⁵³. */
const fillBlock = (text: Text, length: number, seed: number, id: number): void =>
  fill(text, length, seed, `block ${Math.floor(id / 0x1_0000_0000)}`, id % 0x1_0000_0000);

/** Returns the text of a shared prefix, which is the same for all requests of a group. */
export function sharedText({
  seed,
  group,
  length,
  tokens = ONE_EACH,
}: Pick<SyntheticPrompt, 'seed' | 'length' | 'tokens'> & { group: number }): string {
  const text = new Text(tokens);
  fill(text, length, seed, 'shared prefix', group);
  return text.toString();
}

/** A text of words that grows to an exact length. */
class Text {
  readonly #tokens: WordTokens;
  readonly #words: string[] = [];
  /** In tokens. */
  length = 0;

  constructor(tokens: WordTokens) {
    this.#tokens = tokens;
  }

  /** Appends the word with this index; if it is too long for the rest of `limit`, a shorter one. */
  append(index: number, limit: number): void {
    const { first, next, shortFirst, shortNext } = this.#tokens;
    const [lengths, short] = this.#words.length === 0 ? [first, shortFirst] : [next, shortNext];
    const word = this.length + lengths[index]! <= limit ? index : short[index % short.length]!;
    this.#words.push(WORDS[word]!);
    this.length += lengths[word]!;
  }

  toString(): string {
    return this.#words.join(' ');
  }
}

/** Returns the indices of the words that encode the request's number and the seed. */
function headWords(i: number, seed: number): number[] {
  const number = digits(scatter(i, seed), NUMBER_WORDS);
  // The digits of the number shift those of the seed, so that a small seed does not repeat one word.
  const shifted = digits(seed, SEED_WORDS).map(
    (digit, k) => (digit + number[k % NUMBER_WORDS]! + 37 * k) % BASE,
  );
  return [...number, ...shifted];
}

/**
 * Maps `i` one to one to another number below 2³², by an odd factor and an offset: consecutive numbers, and the same number with
 * another seed, then begin with different words.
 */
function scatter(i: number, seed: number): number {
  const offset = Math.floor(randomStream(seed, 'prompt number').uniform() * 0x1_0000_0000);
  return (Math.imul(i, 0x9e37_79b1) + offset) >>> 0;
}

/** Returns the base-256 digits of a number, lowest first. */
function digits(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.floor(value / BASE ** k) % BASE);
}

/** Appends random words until the text has `length` tokens. */
function fill(text: Text, length: number, seed: number, purpose: string, index: number): void {
  const random = randomStream(seed, purpose, index);
  while (text.length < length) {
    let draw = random.below(BASE ** WORDS_PER_DRAW);
    for (let k = 0; k < WORDS_PER_DRAW && text.length < length; k++) {
      text.append(draw % BASE, length);
      draw = Math.floor(draw / BASE);
    }
  }
}
