import { randomStream } from '../random.ts';
import { WORDS } from './words.ts';

export interface SyntheticPrompt {
  seed: number;
  /** Number of the request in the plan, below 2³². */
  i: number;
  words: number;
  /** The first `words` words, which all requests of `group` share. */
  shared?: { group: number; words: number };
}

/** Returns the number of words that a prompt shares with its group. A short prompt shares fewer, so that its own part remains. */
export const sharedWords = (words: number, prefix: number): number =>
  Math.max(0, Math.min(prefix, words - HEAD_WORDS));

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
export function synthesize({ seed, i, words, shared }: SyntheticPrompt): string {
  const text: string[] = [];
  if (shared !== undefined) {
    fill(text, sharedWords(words, shared.words), seed, 'shared prefix', shared.group);
  }
  for (const word of headWords(i, seed)) if (text.length < words) text.push(word);
  fill(text, words, seed, 'prompt', i);
  return text.join(' ');
}

function headWords(i: number, seed: number): string[] {
  const number = digits(scatter(i, seed), NUMBER_WORDS);
  // The digits of the number shift those of the seed, so that a small seed does not repeat one word.
  const shifted = digits(seed, SEED_WORDS).map(
    (digit, k) => (digit + number[k % NUMBER_WORDS]! + 37 * k) % BASE,
  );
  return [...number, ...shifted].map((digit) => WORDS[digit]!);
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

/** Appends random words until the text has `length` of them. */
function fill(text: string[], length: number, seed: number, purpose: string, index: number): void {
  const random = randomStream(seed, purpose, index);
  while (text.length < length) {
    let draw = random.below(BASE ** WORDS_PER_DRAW);
    for (let k = 0; k < WORDS_PER_DRAW && text.length < length; k++) {
      text.push(WORDS[draw % BASE]!);
      draw = Math.floor(draw / BASE);
    }
  }
}
