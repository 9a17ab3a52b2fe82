import { rewriteSamples } from '../record/rewrite.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { notesOf, TextCounter } from '../tokenize/count.ts';
import { readTokenizer } from '../tokenize/tokenizer.ts';

/**
 * After a run: gives the requests that the server did not count the tokens of their text, by the tokenizer that the scenario
 * names, and takes out the text that was kept for it alone.
 * @returns what the reader of the report should know
 * @throws {GoodputError} kind `usage` or `io`; the samples are then as they were
 */
export async function countTokens(
  dir: string,
  { run: { tokenizer, keepText }, endpoint: { body } }: Scenario,
): Promise<string[]> {
  if (tokenizer === null) return [];
  // Only choice 0 is kept.
  const choices = Number(body['n'] ?? 1);
  const counter = new TextCounter(choices > 1 ? null : await readTokenizer(tokenizer), keepText);
  await rewriteSamples(dir, counter.change);
  return notesOf(counter.result, tokenizer, choices);
}
