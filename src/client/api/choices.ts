import type {
  Answer,
  AnswerReader,
  EventReading,
  Place,
  RepeatReader,
  Repetition,
  TextSource,
} from './api.ts';
import type { RepeatedWeight } from './choice-weight.ts';
import { addCount, markOf, marksIn, weigh } from './choice-weight.ts';
import type { JsonObject } from '../http/json.ts';
import { asArray, asObject } from '../http/json.ts';
import { checkLimit, word } from '../http/limits.ts';
import { TokenSeries } from './tokens.ts';
import { Transcript } from './transcript.ts';
import type { Usage } from './usage.ts';
import { hasUsage, hiddenTokens, UsageTracker } from './usage.ts';
import { OutputWords } from './words.ts';

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
  words: OutputWords;
}

interface ChoiceRepetition extends Repetition {
  indices: readonly number[];
  hasUsage: boolean;
  /** By which of its texts are not empty, as bits: of a choice that had no output before, and of one that had. */
  opening: readonly RepeatedWeight[];
  weights: readonly RepeatedWeight[];
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
export class ChoicesReader implements AnswerReader, RepeatReader {
  /** Kept text has to be read: nothing repeats then. */
  readonly repeats: RepeatReader | null;
  readonly #piecesOf: (choice: JsonObject, spoken: boolean) => Pieces;
  readonly #choices = new Map<number, ChoiceState>();
  readonly #usage = new UsageTracker();
  readonly #ids = new TokenSeries();
  readonly #growth = new TokenSeries();
  readonly #logprobs = new TokenSeries();
  readonly #transcript: Transcript | null;
  #unfinished = 0;
  #events = 0;
  #answer: number | null = null;
  #sawRawReasoning = false;

  /** @param piecesOf reads one choice; `spoken`: it has had output before */
  constructor(piecesOf: (choice: JsonObject, spoken: boolean) => Pieces, keepText: boolean) {
    this.#piecesOf = piecesOf;
    this.#transcript = keepText ? new Transcript() : null;
    this.repeats = keepText ? null : this;
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
      const state = this.#choice(index);
      const pieces = this.#piecesOf(choice, state.spoken);
      const weight = weigh(choice, pieces);
      if (weight.speaks) {
        state.spoken = true;
        reading.output = true;
        answer ||= weight.answers;
        this.#sawRawReasoning ||= weight.thinks;
        if (index === 0) this.#transcript?.add(pieces);
        state.words.add(pieces);
      }
      ids = addCount(ids, weight.ids, weight.speaks);
      logprobs = addCount(logprobs, weight.logprobs, weight.speaks);
      const finish = finishOf(choice);
      if (finish !== null) {
        if (state.finish === null) this.#unfinished--;
        state.finish = finish;
        reading.finish = true;
      }
    }
    this.#add(reading.output, answer, ids, logprobs, this.#usage.read(payload, indices, allFinished));
    return reading;
  }

  repetition(payload: JsonObject, texts: readonly Place[]): Repetition | null {
    const choices = asArray(payload['choices']);
    const choice = asObject(choices[0]);
    if (choice === null || choices.length > 1 || finishOf(choice) !== null) return null;
    const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
    // Whatever the API makes of a text, it asks only whether it is empty, and keeps it whole or leaves it out.
    const weightsOf = (spoken: boolean): (RepeatedWeight | null)[] =>
      Array.from({ length: 1 << texts.length }, (_, bits) => {
        for (const [i, { parent, key }] of texts.entries()) parent[key] = (bits >> i) & 1 ? markOf(i) : '';
        const pieces = this.#piecesOf(choice, spoken);
        const reasoning = marksIn(pieces.reasoning, texts.length);
        const answer = marksIn(pieces.answer, texts.length);
        if (reasoning === null || answer === null || pieces.calls.length > 0) return null;
        return { ...weigh(choice, pieces), reasoning, answer };
      });
    const opening = weightsOf(false).filter((weight) => weight !== null);
    const weights = weightsOf(true).filter((weight) => weight !== null);
    // Words outside of the texts would be counted in no repetition.
    if (opening.length + weights.length < 2 << texts.length) return null;
    const repetition: ChoiceRepetition = {
      payload,
      indices: [index],
      hasUsage: hasUsage(payload),
      opening,
      weights,
    };
    return repetition;
  }

  repeat(repetition: Repetition, texts: number, source: TextSource): boolean {
    const { payload, indices, opening, weights, hasUsage: counts } = repetition as ChoiceRepetition;
    const allFinished = counts && this.#finished();
    const state = this.#choice(indices[0]!);
    const weight = (state.spoken ? weights : opening)[texts]!;
    const { speaks, answers, thinks, ids, logprobs } = weight;
    if (speaks) {
      for (const text of weight.reasoning) source.countWords(text, state.words.reasoning);
      for (const text of weight.answer) source.countWords(text, state.words.answer);
      state.spoken = true;
      this.#sawRawReasoning ||= thinks;
    }
    const growth = counts ? this.#usage.read(payload, indices, allFinished) : null;
    this.#add(speaks, answers, ids, logprobs, growth);
    return speaks;
  }

  #choice(index: number): ChoiceState {
    let state = this.#choices.get(index);
    if (state === undefined) {
      checkLimit('choices', this.#choices.size + 1);
      state = { finish: null, spoken: false, words: new OutputWords() };
      this.#choices.set(index, state);
      this.#usage.sees(index);
      this.#unfinished++;
    }
    return state;
  }

  #add(
    output: boolean,
    answer: boolean,
    ids: number | null,
    logprobs: number | null,
    growth: number | null,
  ): void {
    this.#ids.add(output, ids);
    this.#logprobs.add(output, logprobs);
    this.#growth.add(output, growth);
    if (!output) return;
    if (answer) this.#answer ??= this.#events;
    this.#events++;
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
      finish: this.#finish(),
      n: this.#ids.perEvent(visible) ?? this.#growth.perEvent(visible) ?? this.#logprobs.perEvent(visible),
      answer: this.#answer,
      input_tokens: usage?.input ?? null,
      cached_tokens: usage?.cached ?? null,
      output_tokens: count,
      reasoning_tokens: usage?.reasoning ?? null,
      hidden_tokens: hidden,
      tokens_from: from,
      ...(this.#choices.size > 1 ? { choices: this.#choices.size } : {}),
      usage_problem: usage?.problem ?? null,
      words: from === 'events' ? this.#words() : null,
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

  #words(): number {
    let sum = 0;
    for (const { words } of this.#choices.values()) sum += words.total;
    return sum;
  }

  #finished(): boolean {
    return this.#choices.size > 0 && this.#unfinished === 0;
  }

  /** Of choice 0; of the first that came where that one never did. */
  #finish(): string | null {
    const [first] = this.#choices.values();
    return (this.#choices.get(0) ?? first)?.finish ?? null;
  }

  #badFinish(): string | null {
    for (const { finish } of this.#choices.values()) {
      if (finish !== null && isBadFinish(finish)) return finish;
    }
    return null;
  }
}

/** TGI sends '' until the end. */
function finishOf(choice: JsonObject): string | null {
  const finish = choice['finish_reason'];
  return typeof finish === 'string' && finish !== '' ? word(finish) : null;
}
