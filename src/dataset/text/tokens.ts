import { hashPart, mix } from './hash.ts';
import { countWords, eachWord } from './words.ts';

/** The unit in which a text is counted: the tokens of a tokenizer, or words. */
export interface TokenUnit {
  name: 'tokens' | 'words';
  count(text: string): number;
  /** Calls `visit` with 64 bits that identify each token, in order. */
  each(text: string, visit: (high: number, low: number) => void): void;
}

const OTHER_SEED = 0x9dc5811c;

/** Without a tokenizer a token is a word: text between white space. */
export const WORDS: TokenUnit = {
  name: 'words',
  count: countWords,
  each(text, visit) {
    eachWord(text, (from, end) => visit(hashPart(text, from, end), hashPart(text, from, end, OTHER_SEED)));
  },
};

/** @param encode returns the ids of a text's tokens */
export const tokensOf = (encode: (text: string) => readonly number[]): TokenUnit => ({
  name: 'tokens',
  count: (text) => encode(text).length,
  each(text, visit) {
    for (const id of encode(text)) visit(mix(id + 1), mix(id + OTHER_SEED));
  },
});
