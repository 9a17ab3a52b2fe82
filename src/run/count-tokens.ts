import { rewriteSamples } from '../record/rewrite.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { tokenizerNotes, TextCounter } from '../tokenize/count.ts';
import { readTokenizer } from '../tokenize/tokenizer.ts';

/**
 * Counts the tokens of requests that the server did not count, after a run, with the tokenizer that the scenario names. Removes the
 * text if it was only kept for this.
 * @returns notes for the report
 * @throws {GoodputError} kind `usage` or `io`; the samples are then unchanged
 */
export async function countTokens(
  dir: string,
  { run: { tokenizer, keepText }, endpoint: { body } }: Scenario,
): Promise<string[]> {
  if (tokenizer === null) return [];
  // Only the text of choice 0 is kept.
  const choices = Number(body['n'] ?? 1);
  const counter = new TextCounter(choices > 1 ? null : await readTokenizer(tokenizer), keepText);
  await rewriteSamples(dir, counter.change);
  return tokenizerNotes(counter.result, tokenizer, choices);
}
