import type { Sample } from '../sample.ts';

/** Finish reasons that mean that the model ended the answer by itself, of all APIs. */
const NATURAL: ReadonlySet<string | null> = new Set(['stop', 'completed', 'end_turn', 'eos', 'eos_token']);

/** Counts the answers whose length differs from the plan. */
export class AnswerLengths {
  /** Successes with a planned length. */
  planned = 0;
  /** Answers with fewer tokens than planned; events are not counted here. */
  shorter = 0;
  /** Answers with more streamed tokens than planned; an event has at least one. */
  longer = 0;
  /** Answers of exactly the planned length whose finish reason does not report the limit. */
  unmarked = 0;
  /** Finish reasons of the `unmarked` answers. */
  readonly reasons = new Set<string>();

  /** @param hidden tokens that were counted and not streamed; some servers have a separate limit for them */
  add(sample: Sample, hidden: number): void {
    const { outcome, tokens_from, output_tokens, planned_output, finish, choices = 1 } = sample;
    // The limit applies to one choice.
    if (outcome !== 'ok' || output_tokens === null || planned_output === null || choices > 1) return;
    this.planned++;
    // Counts of a tokenizer after the run are not exact.
    if (tokens_from !== 'tokenizer' && output_tokens - hidden > planned_output) this.longer++;
    if (tokens_from === 'events') return;
    if (output_tokens < planned_output) this.shorter++;
    if (output_tokens !== planned_output || finish === null || !NATURAL.has(finish)) return;
    this.unmarked++;
    this.reasons.add(finish);
  }
}
