import type { Sample } from '../sample.ts';

/** Finish reasons by which a server says that the model came to its end, in the words of all APIs. */
const NATURAL: ReadonlySet<string | null> = new Set(['stop', 'completed', 'end_turn', 'eos', 'eos_token']);

/** Counts the answers whose length is not the one that was asked for. */
export class AnswerLengths {
  /** Successes with a planned length. */
  planned = 0;
  /** Fewer tokens than planned, by a count of tokens. */
  shorter = 0;
  /** More streamed tokens than planned; an event has at least one. */
  longer = 0;
  /** Counts responses with as many tokens as planned whose finish reason does not name the limit. */
  unmarked = 0;
  /** Finish reasons of these. */
  readonly reasons = new Set<string>();

  /** @param hidden tokens that were counted and not streamed: some servers have a limit of their own for them */
  add(sample: Sample, hidden: number): void {
    const { outcome, tokens_from, output_tokens, planned_output, finish, choices = 1 } = sample;
    // The limit is that of one choice.
    if (outcome !== 'ok' || output_tokens === null || planned_output === null || choices > 1) return;
    this.planned++;
    // What a tokenizer counts afterwards is not exact.
    if (tokens_from !== 'tokenizer' && output_tokens - hidden > planned_output) this.longer++;
    if (tokens_from === 'events') return;
    if (output_tokens < planned_output) this.shorter++;
    if (output_tokens !== planned_output || finish === null || !NATURAL.has(finish)) return;
    this.unmarked++;
    this.reasons.add(finish);
  }
}
