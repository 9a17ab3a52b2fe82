import { hashPart, mix } from './hash.ts';
import { countWords, eachWord } from './words.ts';

/** Receives 64 bits that identify a token, and its place in the text. */
export type TokenVisitor = (high: number, low: number, from: number, end: number) => void;

/** The unit in which a text is counted: the tokens of a tokenizer, or words. */
export interface TokenUnit {
  name: 'tokens' | 'words';
  count(text: string): number;
  /** Visits each token, in order. */
  each(text: string, visit: TokenVisitor): void;
  /** Returns the text of the token at a place that `each` named. */
  textAt(text: string, from: number, end: number): string;
}

const OTHER_SEED = 0x9dc5811c;

/** Without a tokenizer a token is a word: text between white space. */
export const WORDS: TokenUnit = {
  name: 'words',
  count: countWords,
  each(text, visit) {
    eachWord(text, (from, end) =>
      visit(hashPart(text, from, end), hashPart(text, from, end, OTHER_SEED), from, end),
    );
  },
  textAt: (text, from, end) => text.slice(from, end),
};

/** The ids of a text's tokens, and the text of an id. */
interface Vocabulary {
  encode(text: string): readonly number[];
  textOf(id: number): string;
}

/** The characters of texts whose tokens are kept. */
const MOST_KEPT = 1_000_000;

export function tokensOf({ encode, textOf }: Vocabulary): TokenUnit {
  // Several figures count the texts of a session one after another.
  const known = new Map<string, readonly number[]>();
  let kept = 0;
  const ids = (text: string): readonly number[] => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const encoded = encode(text);
    kept += text.length;
    if (kept > MOST_KEPT) {
      known.clear();
      kept = text.length;
    }
    known.set(text, encoded);
    return encoded;
  };
  return {
    name: 'tokens',
    count: (text) => ids(text).length,
    each(text, visit) {
      for (const [at, id] of ids(text).entries()) visit(mix(id + 1), mix(id + OTHER_SEED), at, at + 1);
    },
    textAt: (text, from) => textOf(ids(text)[from]!),
  };
}
