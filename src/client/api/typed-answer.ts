import type { Answer, KeptText } from './api.ts';
import { isBadFinish } from './finish-reason.ts';
import { hasAnswer, NO_PIECES, type Pieces } from './output-pieces.ts';
import { checkLimit, truncateLabel } from '../http/limits.ts';
import { TokenSeries } from './token-series.ts';
import { Transcript } from './transcript.ts';
import type { Usage } from './usage.ts';
import { hiddenTokens } from './usage.ts';
import { OutputWords } from './word-counter.ts';

/** Output of one event in a stream of typed events; omitted keys are empty. */
export type TypedPieces = Partial<Pieces> & {
  /** Tokens of this event according to its logprobs. */
  logprobs?: number | null;
};

/** Collects the answer of a stream whose events have a `type`: the responses and messages APIs. */
export class TypedAnswer {
  readonly #logprobs = new TokenSeries();
  readonly #transcript: Transcript | null;
  readonly #calls = new Map<string, number>();
  readonly #words = new OutputWords();
  #events = 0;
  #answer: number | null = null;
  #sawRawReasoning = false;
  #finish: string | null = null;
  #usage: Usage | null = null;
  #usageIsFinal = false;

  constructor(keeps: KeptText) {
    this.#transcript = keeps === false ? null : new Transcript();
  }

  get hasOutput(): boolean {
    return this.#events > 0;
  }

  /** Adds one event; returns true if it is an output event. */
  add({ logprobs = null, ...rest }: TypedPieces): boolean {
    const pieces: Pieces = { ...NO_PIECES, ...rest };
    const isAnswer = hasAnswer(pieces);
    if (!isAnswer && pieces.reasoning === '') return false;
    this.#sawRawReasoning ||= pieces.reasoning !== '' && pieces.reasoningIsRaw;
    this.#transcript?.add(pieces);
    this.#words.add(pieces);
    this.#logprobs.add(true, logprobs);
    if (isAnswer) this.#answer ??= this.#events;
    this.#events++;
    return true;
  }

  hasCall(key: string): boolean {
    return this.#calls.has(key);
  }

  /** Returns the index of the tool call with this key. Calls are numbered in the order of their first event. */
  callIndex(key: string): number {
    let index = this.#calls.get(key);
    if (index === undefined) {
      checkLimit('calls', this.#calls.size + 1);
      index = this.#calls.size;
      this.#calls.set(key, index);
    }
    return index;
  }

  /**
   * Records a usage object.
   * @param final it covers the complete answer, not only the answer so far
   */
  count(usage: Usage | null, final: boolean): void {
    if (usage === null) return;
    this.#usage = usage;
    this.#usageIsFinal = final;
  }

  finish(reason: string): void {
    this.#finish = truncateLabel(reason);
  }

  answer(): Answer {
    const usage = this.#usage;
    const badFinish = this.#finish !== null && isBadFinish(this.#finish) ? this.#finish : null;
    const { count, from } = this.#count();
    const hidden =
      usage !== null && (from === 'usage' || from === 'continuous_usage')
        ? hiddenTokens(usage, count ?? 0, this.#sawRawReasoning)
        : null;
    return {
      complete: this.#finish !== null && badFinish === null,
      badFinish,
      finish: this.#finish,
      n: from === 'events' ? null : this.#logprobs.perEvent((count ?? 0) - (hidden ?? 0)),
      answer: this.#answer,
      input_tokens: usage?.input ?? null,
      cached_tokens: usage?.cached ?? null,
      output_tokens: count,
      reasoning_tokens: usage?.reasoning ?? null,
      hidden_tokens: hidden,
      tokens_from: from,
      usage_problem: usage?.problem ?? null,
      words: from === 'events' ? this.#words.total : null,
      kept: this.#transcript?.kept(usage?.raw ?? null) ?? null,
    };
  }

  /** Returns the output tokens from the best available source: docs/metrics.md, "Token counts". */
  #count(): { count: number | null; from: Answer['tokens_from'] } {
    const reported = this.#usage?.output ?? 0;
    if (reported > 0 || (this.#usage?.output === 0 && !this.hasOutput)) {
      if (this.#usageIsFinal) return { count: reported, from: 'usage' };
      // Each event has at least one token, so a smaller count precedes the events (message_start) and does not include them.
      if (reported >= this.#events) return { count: reported, from: 'continuous_usage' };
    }
    if (this.#logprobs.total !== null) return { count: this.#logprobs.total, from: 'logprobs' };
    return { count: this.hasOutput || this.#finish !== null ? this.#events : null, from: 'events' };
  }
}
