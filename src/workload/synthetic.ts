import { randomStream } from '../random.ts';
import { WORDS } from './words.ts';

export interface SyntheticPrompt {
  seed: number;
  /** Number of the request in the plan, below 2³². */
  i: number;
  words: number;
  /** Begins with `words` words that all requests of `group` share. */
  shared?: { group: number; words: number };
}

/** How many of its words a prompt shares with its group: one too short for both shares less rather than lose what is its own. */
export const sharedWords = (words: number, prefix: number): number =>
  Math.max(0, Math.min(prefix, words - HEAD_WORDS));

const BASE = WORDS.length;
/** 4 words tell apart 2³² requests, 7 more any seed below 2⁵³. */
const NUMBER_WORDS = 4;
const SEED_WORDS = 7;
const HEAD_WORDS = NUMBER_WORDS + SEED_WORDS;
/** 6 base-256 digits from one draw of 53 bits. */
const WORDS_PER_DRAW = 6;

/**
 * The text of one request, which depends on its arguments alone.
 *
 * It begins with words that spell the request's number and the seed: 4 words are unique within a run and 11 across
 * seeds, less than one 16-token block, so a server's prefix cache finds nothing by accident. Behind a shared beginning
 * they come first after it, and a prompt too short for both shares less rather than losing what makes it unique.
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
  // Shifted by the number's digits, which are known by then, so that a small seed does not read as one word again and again.
  const shifted = digits(seed, SEED_WORDS).map(
    (digit, k) => (digit + number[k % NUMBER_WORDS]! + 37 * k) % BASE,
  );
  return [...number, ...shifted].map((digit) => WORDS[digit]!);
}

/**
 * Odd multiplication and addition modulo 2³²: one to one in `i`, so numbers stay unique while neighbours, and the same
 * number under other seeds, begin with another word.
 */
function scatter(i: number, seed: number): number {
  const offset = Math.floor(randomStream(seed, 'prompt number').uniform() * 0x1_0000_0000);
  return (Math.imul(i, 0x9e37_79b1) + offset) >>> 0;
}

/** Base-256 digits, lowest first. */
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
