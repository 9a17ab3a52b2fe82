import type { Answer, AnswerReader, EventReading } from './api.ts';
import type { JsonObject } from './json.ts';
import { asArray, asObject } from './json.ts';
import { TokenSeries } from './tokens.ts';
import { Transcript } from './transcript.ts';
import type { Usage } from './usage.ts';
import { hiddenTokens, UsageTracker } from './usage.ts';

export interface CallPiece {
  index: number | null;
  id: string;
  name: string;
  arguments: string;
}

/** The output that one choice of one event carries. */
export interface Pieces {
  answer: string;
  reasoning: string;
  /** The model's own thinking, not a summary of it. */
  reasoningIsRaw: boolean;
  /** Refusal or audio. */
  other: boolean;
  calls: readonly CallPiece[];
}

interface ChoiceState {
  finish: string | null;
  spoken: boolean;
}

/** Finish reasons by which servers report their own failure. Unknown reasons are completions, counted by reason. */
const BAD_FINISH = new Set([
  'error',
  'abort',
  'aborted',
  'cancelled',
  'canceled',
  'insufficient_system_resource',
]);

export const isBadFinish = (reason: string): boolean => BAD_FINISH.has(reason.toLowerCase());

/** Reads streams made of `choices`: the chat and completions APIs, which differ in where a choice has its output. */
export class ChoicesReader implements AnswerReader {
  readonly #piecesOf: (choice: JsonObject, spoken: boolean) => Pieces;
  readonly #choices = new Map<number, ChoiceState>();
  readonly #usage = new UsageTracker();
  readonly #ids = new TokenSeries();
  readonly #growth = new TokenSeries();
  readonly #logprobs = new TokenSeries();
  readonly #transcript: Transcript | null;
  #events = 0;
  #answer: number | null = null;
  #sawRawReasoning = false;

  /** @param piecesOf reads one choice; `spoken`: it has had output before */
  constructor(piecesOf: (choice: JsonObject, spoken: boolean) => Pieces, keepText: boolean) {
    this.#piecesOf = piecesOf;
    this.#transcript = keepText ? new Transcript() : null;
  }

  read(payload: JsonObject): EventReading {
    const allFinished = this.#finished();
    const indices: number[] = [];
    const reading = { output: false, finish: false };
    let answer = false;
    let ids: number | null = 0;
    let logprobs: number | null = 0;
    for (const value of asArray(payload['choices'])) {
      const choice = asObject(value);
      if (choice === null) continue;
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
      if (!indices.includes(index)) indices.push(index);
      let state = this.#choices.get(index);
      if (state === undefined) {
        state = { finish: null, spoken: false };
        this.#choices.set(index, state);
      }
      const pieces = this.#piecesOf(choice, state.spoken);
      const answers =
        pieces.answer !== '' ||
        pieces.other ||
        pieces.calls.some((call) => call.name !== '' || call.arguments !== '');
      const speaks = answers || pieces.reasoning !== '';
      if (speaks) {
        state.spoken = true;
        reading.output = true;
        answer ||= answers;
        this.#sawRawReasoning ||= pieces.reasoning !== '' && pieces.reasoningIsRaw;
        if (index === 0) this.#transcript?.add(pieces);
      }
      ids = addCount(ids, countIds(choice), speaks);
      logprobs = addCount(logprobs, countLogprobs(choice['logprobs']), speaks);
      const finish = choice['finish_reason'];
      // TGI sends '' until the end.
      if (typeof finish === 'string' && finish !== '') {
        state.finish = finish;
        reading.finish = true;
      }
    }
    this.#ids.add(reading.output, ids);
    this.#logprobs.add(reading.output, logprobs);
    this.#growth.add(reading.output, this.#usage.read(payload, indices, allFinished));
    if (reading.output) {
      if (answer) this.#answer ??= this.#events;
      this.#events++;
    }
    return reading;
  }

  answer(): Answer {
    const finished = this.#finished();
    const badFinish = this.#badFinish();
    const found = this.#usage.result(finished);
    const usage = found?.usage ?? null;
    const { count, from } = this.#count(found);
    const hidden =
      usage !== null && (from === 'usage' || from === 'continuous_usage')
        ? hiddenTokens(usage, count ?? 0, this.#sawRawReasoning)
        : null;
    const visible = from === 'events' ? 0 : (count ?? 0) - (hidden ?? 0);
    return {
      complete: finished && badFinish === null,
      badFinish,
      finish: this.#choices.get(0)?.finish ?? null,
      n: this.#ids.perEvent(visible) ?? this.#growth.perEvent(visible) ?? this.#logprobs.perEvent(visible),
      answer: this.#answer,
      input_tokens: usage?.input ?? null,
      cached_tokens: usage?.cached ?? null,
      output_tokens: count,
      reasoning_tokens: usage?.reasoning ?? null,
      hidden_tokens: hidden,
      tokens_from: from,
      kept: this.#transcript?.kept(usage?.raw ?? null) ?? null,
    };
  }

  /** The best source there is: metrics.md, "Token counts". */
  #count(found: { usage: Usage; final: boolean } | null): {
    count: number | null;
    from: Answer['tokens_from'];
  } {
    // Zero usage beside output is no usage.
    const reported = found?.usage.output === 0 && this.#events > 0 ? null : (found?.usage.output ?? null);
    if (found?.final === true && reported !== null) return { count: reported, from: 'usage' };
    if (this.#ids.total !== null) return { count: this.#ids.total, from: 'token_ids' };
    if (reported !== null) return { count: reported, from: 'continuous_usage' };
    if (this.#logprobs.total !== null) return { count: this.#logprobs.total, from: 'logprobs' };
    return { count: this.#events > 0 || this.#finished() ? this.#events : null, from: 'events' };
  }

  #finished(): boolean {
    if (this.#choices.size === 0) return false;
    for (const choice of this.#choices.values()) if (choice.finish === null) return false;
    return true;
  }

  #badFinish(): string | null {
    for (const { finish } of this.#choices.values()) {
      if (finish !== null && isBadFinish(finish)) return finish;
    }
    return null;
  }
}

/** One choice with output and without a count makes the event's count unknown. */
function addCount(sum: number | null, count: number | null, speaks: boolean): number | null {
  if (count === null) return speaks ? null : sum;
  return sum === null ? null : sum + count;
}

/** `token_ids` (vLLM), `output_ids` (LMDeploy), or the one `token_id` of a delta (Together). */
function countIds(choice: JsonObject): number | null {
  const list = choice['token_ids'] ?? choice['output_ids'];
  if (Array.isArray(list)) return list.length;
  return typeof asObject(choice['delta'])?.['token_id'] === 'number' ? 1 : null;
}

/** Entries of `content` and `refusal` (chat), or of `tokens` (completions). */
function countLogprobs(value: unknown): number | null {
  const logprobs = asObject(value);
  if (logprobs === null) return null;
  let count: number | null = null;
  for (const key of ['content', 'refusal', 'tokens']) {
    const list = logprobs[key];
    if (Array.isArray(list)) count = (count ?? 0) + list.length;
  }
  return count;
}
