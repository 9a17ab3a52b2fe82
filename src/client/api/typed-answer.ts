import type { Answer } from './api.ts';
import type { Pieces } from './choices.ts';
import { isBadFinish } from './choices.ts';
import { checkLimit, word } from '../http/limits.ts';
import { TokenSeries } from './tokens.ts';
import { Transcript } from './transcript.ts';
import type { Usage } from './usage.ts';
import { hiddenTokens } from './usage.ts';
import { OutputWords } from './words.ts';

/** What one event of a stream of typed events brought; keys that are left out are empty. */
export type TypedPieces = Partial<Pieces> & {
  /** Tokens of this event, where its logprobs tell them. */
  logprobs?: number | null;
};

/** The one answer of a stream whose events say what they are by their `type`: responses and messages. */
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

  constructor(keepText: boolean) {
    this.#transcript = keepText ? new Transcript() : null;
  }

  /** Whether there has been output. */
  get spoke(): boolean {
    return this.#events > 0;
  }

  /** Takes one event; returns whether it is an output event. */
  add({ logprobs = null, ...rest }: TypedPieces): boolean {
    const pieces: Pieces = { ...NOTHING, ...rest };
    const answers =
      pieces.answer !== '' ||
      pieces.other ||
      pieces.calls.some((call) => call.name !== '' || call.arguments !== '');
    if (!answers && pieces.reasoning === '') return false;
    this.#sawRawReasoning ||= pieces.reasoning !== '' && pieces.reasoningIsRaw;
    this.#transcript?.add(pieces);
    this.#words.add(pieces);
    this.#logprobs.add(true, logprobs);
    if (answers) this.#answer ??= this.#events;
    this.#events++;
    return true;
  }

  hasCall(key: string): boolean {
    return this.#calls.has(key);
  }

  /** Tool calls are numbered as they come, whatever else stands between them; `key` tells them apart. */
  callIndex(key: string): number {
    let index = this.#calls.get(key);
    if (index === undefined) {
      checkLimit('calls', this.#calls.size + 1);
      index = this.#calls.size;
      this.#calls.set(key, index);
    }
    return index;
  }

  /** @param final it counts the whole answer; else what there was of it so far */
  count(usage: Usage | null, final: boolean): void {
    if (usage === null) return;
    this.#usage = usage;
    this.#usageIsFinal = final;
  }

  finish(reason: string): void {
    this.#finish = word(reason);
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

  /** The best source there is: docs/metrics.md, "Token counts". */
  #count(): { count: number | null; from: Answer['tokens_from'] } {
    const reported = this.#usage?.output ?? 0;
    if (reported > 0 || (this.#usage?.output === 0 && !this.spoke)) {
      if (this.#usageIsFinal) return { count: reported, from: 'usage' };
      // Each event has a token at least: a count from before them (message_start) is none of what followed.
      if (reported >= this.#events) return { count: reported, from: 'continuous_usage' };
    }
    if (this.#logprobs.total !== null) return { count: this.#logprobs.total, from: 'logprobs' };
    return { count: this.spoke || this.#finish !== null ? this.#events : null, from: 'events' };
  }
}

const NOTHING: Pieces = { answer: '', reasoning: '', reasoningIsRaw: false, other: false, calls: [] };
