import type { Scenario } from '../scenario/keys/scenario.ts';
import { readTokenizer } from '../tokenize/tokenizer.ts';
import { measureWords, type WordTokens } from '../workload/word-tokens.ts';

/**
 * Reads the scenario's tokenizer, and measures the words of synthetic prompts with it.
 * @returns `null` without a tokenizer, if no text is generated, and if prompts cannot be exact
 * @throws {GoodputError} kind `usage` if the tokenizer is unusable
 */
export async function readWordTokens(
  { run }: Pick<Scenario, 'run'>,
  isGenerated: boolean,
): Promise<WordTokens | null> {
  if (run.tokenizer === null) return null;
  const count = await readTokenizer(run.tokenizer);
  return isGenerated ? measureWords(count) : null;
}

/** Returns the note on synthetic prompts that cannot be exact. */
export const wordTokensNotes = (
  { run }: Pick<Scenario, 'run'>,
  isGenerated: boolean,
  found: WordTokens | null,
): string[] =>
  run.tokenizer === null || !isGenerated || found !== null
    ? []
    : [
        `${run.tokenizer} has tokens that span several words, or no word of one token: prompts are written by the server's mean tokens per word, and are not exact to the token.`,
      ];
