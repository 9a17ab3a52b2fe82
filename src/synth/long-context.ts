import { randomStream } from '../random.ts';
import { synthesize } from '../workload/synthetic.ts';
import type { Session } from '../dataset/model/session.ts';
import type { TokenUnit } from '../dataset/text/tokens.ts';
import { eachWord } from '../dataset/text/words.ts';
import { promptSession } from './made-session.ts';

export interface LongContextOptions {
  /** Tokens of the whole prompt. */
  tokens: number;
  /** The places of the needle, in percent of the text before and after it. */
  depths: readonly number[];
  seed: number;
  unit: TokenUnit;
}

/** A text to hide a needle in. */
export interface Haystack {
  text: string;
  tags: Session['tags'];
}

const PLACES = [
  'Aarhus',
  'Bergen',
  'Cusco',
  'Dakar',
  'Erfurt',
  'Fukuoka',
  'Galway',
  'Hanoi',
  'Izmir',
  'Jaipur',
  'Kigali',
  'Leipzig',
  'Mombasa',
  'Nantes',
  'Oaxaca',
  'Porto',
  'Quito',
  'Rabat',
  'Salta',
  'Tartu',
];

/** Returns a sentence with an invented fact, the question about it, and its answer. */
function needleOf(seed: number, record: number): { needle: string; question: string; answer: string } {
  const random = randomStream(seed, 'needle', record);
  const place = PLACES[random.below(PLACES.length)]!;
  const answer = String(1_000_000 + random.below(9_000_000));
  return {
    needle: `The special number of ${place} is ${answer}.`,
    question: `What is the special number of ${place}, which the text above states? Answer with the number only.`,
    answer,
  };
}

/** Returns the tokens of a needle and its question, which the longest possible text leaves free. */
function ownTokens(seed: number, record: number, unit: TokenUnit): number {
  const { needle, question } = needleOf(seed, record);
  return unit.count(needle) + unit.count(question);
}

/** Returns the tokens that the text of a record needs, at least 1. */
export const haystackTokens = (record: number, { tokens, seed, unit }: LongContextOptions): number =>
  Math.max(1, tokens - ownTokens(seed, record, unit));

/** Returns a text of common words for a record, at least as long as needed. */
export const syntheticHaystack = (record: number, options: LongContextOptions): Haystack => ({
  text: synthesize({ seed: options.seed, i: record, length: haystackTokens(record, options) }),
  tags: { source: 'synthetic' },
});

/**
 * Returns a session of one turn: a text with a needle at one of the depths, which the records take by turns, and the question. The answer is
 * the reference; the tag `depth` has the depth in percent.
 */
export function longContextSession(
  record: number,
  { text, tags }: Haystack,
  options: LongContextOptions,
): Session {
  const { depths, seed, unit } = options;
  const { needle, question, answer } = needleOf(seed, record);
  const depth = depths[record % depths.length]!;
  const length = haystackTokens(record, options);
  const end = cutAt(text, length, unit);
  const at = cutAt(text, Math.round((depth / 100) * length), unit);
  const [before, after] = [text.slice(0, at).trimEnd(), text.slice(at, end).trim()];
  const context = [before, needle, after].filter((part) => part !== '').join(' ');
  return promptSession(
    `${context}\n\n${question}`,
    { ...tags, depth: String(depth) },
    {
      reference: answer,
    },
  );
}

/** Returns the end of the longest beginning of a text that has whole words and at most `limit` tokens. */
export function cutAt(text: string, limit: number, unit: TokenUnit): number {
  const ends: number[] = [0];
  eachWord(text, (_, end) => {
    ends.push(end);
  });
  if (unit.name === 'words') return ends[Math.min(limit, ends.length - 1)]!;
  let [fits, beyond] = [0, ends.length];
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >> 1;
    if (unit.count(text.slice(0, ends[middle])) <= limit) fits = middle;
    else beyond = middle;
  }
  return ends[fits]!;
}
