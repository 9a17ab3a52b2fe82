/** The smallest tokenizer.json of a kind, with the names that Hugging Face's own files have. */
const common = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null as object | null,
  post_processor: null,
  decoder: null,
};

/** Words apart by spaces are tokens; others are `[UNK]`, which is one too. */
export const wordLevel = (words: readonly string[]): object => ({
  ...common,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(['[UNK]', ...words].map((word, id) => [word, id])),
    unk_token: '[UNK]',
  },
});

/** Byte pairs, of plain letters, words apart by spaces. `merges` in the order they are made. */
export const bytePairs = (letters: string, merges: readonly (readonly [string, string])[]): object => {
  const tokens = [...new Set([...Array.from(letters), ...merges.map(([a, b]) => a + b)])];
  return {
    ...common,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([a, b]) => `${a} ${b}`),
    },
  };
};

/** Byte-pair encoding as Sennrich et al. (2016) describe it: the earliest merge first, everywhere, until none is left. */
export function naiveBytePairs(text: string, merges: readonly (readonly [string, string])[]): number {
  let total = 0;
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    let parts = Array.from(word);
    for (;;) {
      const rank = (k: number): number => merges.findIndex(([a, b]) => a === parts[k] && b === parts[k + 1]);
      const ranks = parts.map((_, k) => rank(k)).filter((found) => found !== -1);
      if (ranks.length === 0) break;
      const best = Math.min(...ranks);
      const merged: string[] = [];
      for (let k = 0; k < parts.length; k++) {
        if (rank(k) === best) merged.push(parts[k]! + parts[++k]!);
        else merged.push(parts[k]!);
      }
      parts = merged;
    }
    total += parts.length;
  }
  return total;
}
