import { hashPart, mix } from './hash.ts';
import { countWords, eachWord } from './words.ts';

/** Identifies a token: its text, or its number in the vocabulary of a tokenizer. */
export type TokenKey = string | number;

/** The unit in which a text is counted: the tokens of a tokenizer, or words. */
export interface TokenUnit {
  name: 'tokens' | 'words';
  count(text: string): number;
  /** Calls `visit` with 64 bits that identify each token, in order. */
  each(text: string, visit: (high: number, low: number) => void): void;
  /** Calls `visit` with each token, in order. */
  keys(text: string, visit: (key: TokenKey) => void): void;
  textOf(key: TokenKey): string;
}

const OTHER_SEED = 0x9dc5811c;

/** Without a tokenizer a token is a word: text between white space. */
export const WORDS: TokenUnit = {
  name: 'words',
  count: countWords,
  each(text, visit) {
    eachWord(text, (from, end) => visit(hashPart(text, from, end), hashPart(text, from, end, OTHER_SEED)));
  },
  keys(text, visit) {
    eachWord(text, (from, end) => visit(text.slice(from, end)));
  },
  textOf: String,
};

/** The ids of a text's tokens, and the text of an id. */
interface Vocabulary {
  encode(text: string): readonly number[];
  textOf(id: number): string;
}

export function tokensOf({ encode, textOf }: Vocabulary): TokenUnit {
  // Several figures count the same text one after another.
  let last: { text: string; ids: readonly number[] } = { text: '', ids: [] };
  const ids = (text: string): readonly number[] => {
    if (text !== last.text) last = { text, ids: encode(text) };
    return last.ids;
  };
  return {
    name: 'tokens',
    count: (text) => ids(text).length,
    each(text, visit) {
      for (const id of ids(text)) visit(mix(id + 1), mix(id + OTHER_SEED));
    },
    keys(text, visit) {
      for (const id of ids(text)) visit(id);
    },
    textOf: (key) => textOf(Number(key)),
  };
}
