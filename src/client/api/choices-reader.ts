import type {
  Answer,
  AnswerReader,
  EventReading,
  Place,
  ShapeReader,
  EventShape,
  KeptText,
  TextSource,
} from './api.ts';
import type { ShapeSummary } from './output-summary.ts';
import { addCount, placeholder, textsIn, summarizeOutput } from './output-summary.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject } from '../http/json-values.ts';
import type { ServerTiming } from '../../sample.ts';
import { checkLimit, truncateLabel } from '../http/limits.ts';
import { isBadFinish } from './finish-reason.ts';
import { NO_PIECES, type Pieces } from './output-pieces.ts';
import { serverTimingOf } from './server-timing.ts';
import { TokenSeries } from './token-series.ts';
import { Transcript } from './transcript.ts';
import type { Usage } from './usage.ts';
import { hasUsage, hiddenTokens, UsageTracker } from './usage.ts';
import { OutputWords } from './word-counter.ts';

interface ChoiceState {
  finish: string | null;
  hasOutput: boolean;
  words: OutputWords;
}

interface ChoiceShape extends EventShape {
  indices: readonly number[];
  hasUsage: boolean;
  /** Indexed by a bit mask of the texts that are not empty: for a choice without earlier output, and for one with. */
  first: readonly ShapeSummary[];
  later: readonly ShapeSummary[];
}

/** Reads the streams of the chat and completions APIs, which consist of `choices` and differ in where a choice has its output. */
export class ChoicesReader implements AnswerReader, ShapeReader {
  /** `null` if text is kept for the record, because every event must then be parsed. */
  readonly shapes: ShapeReader | null;
  readonly #piecesOf: (choice: JsonObject, hasOutput: boolean) => Pieces;
  readonly #choices = new Map<number, ChoiceState>();
  readonly #usage = new UsageTracker();
  readonly #ids = new TokenSeries();
  readonly #growth = new TokenSeries();
  readonly #logprobs = new TokenSeries();
  readonly #transcript: Transcript | null;
  readonly #keepsUsage: boolean;
  #timing: ServerTiming | null = null;
  #unfinished = 0;
  #events = 0;
  #answer: number | null = null;
  #sawRawReasoning = false;

  /** @param piecesOf returns the output of one choice; `hasOutput`: it had output before */
  constructor(piecesOf: (choice: JsonObject, hasOutput: boolean) => Pieces, keeps: KeptText) {
    this.#piecesOf = piecesOf;
    this.#transcript = keeps === false ? null : new Transcript();
    this.#keepsUsage = keeps === true;
    this.shapes = keeps === true ? null : this;
  }

  read(payload: JsonObject): EventReading {
    const allFinished = this.#finished();
    const indices: number[] = [];
    const reading = { output: false, finish: false };
    let hasAnswer = false;
    let ids: number | null = 0;
    let logprobs: number | null = 0;
    this.#timing = serverTimingOf(payload) ?? this.#timing;
    for (const value of asArray(payload['choices'])) {
      const choice = asObject(value);
      if (choice === null) continue;
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
      if (!indices.includes(index)) indices.push(index);
      const state = this.#choice(index);
      const pieces = this.#piecesOf(choice, state.hasOutput);
      const summary = summarizeOutput(choice, pieces);
      if (summary.hasOutput) {
        state.hasOutput = true;
        reading.output = true;
        hasAnswer ||= summary.hasAnswer;
        this.#sawRawReasoning ||= summary.hasRawReasoning;
        if (index === 0) this.#transcript?.add(pieces);
        state.words.add(pieces);
      }
      ids = addCount(ids, summary.ids, summary.hasOutput);
      logprobs = addCount(logprobs, summary.logprobs, summary.hasOutput);
      const finish = finishOf(choice);
      if (finish !== null) {
        if (state.finish === null) this.#unfinished--;
        state.finish = finish;
        reading.finish = true;
      }
    }
    this.#add(reading.output, hasAnswer, ids, logprobs, this.#usage.read(payload, indices, allFinished));
    return reading;
  }

  shapeOf(payload: JsonObject, texts: readonly Place[]): EventShape | null {
    const choices = asArray(payload['choices']);
    const choice = asObject(choices[0]);
    if (choice === null || choices.length > 1 || finishOf(choice) !== null) return null;
    const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
    // `piecesOf` only checks whether a text is empty, and keeps it unchanged or drops it.
    const summariesOf = (hasOutput: boolean): (ShapeSummary | null)[] =>
      Array.from({ length: 1 << texts.length }, (_, bits) => {
        for (const [i, { parent, key }] of texts.entries())
          parent[key] = (bits >> i) & 1 ? placeholder(i) : '';
        const pieces = this.#piecesOf(choice, hasOutput);
        const reasoning = textsIn(pieces.reasoning, texts.length);
        const answer = textsIn(pieces.answer, texts.length);
        if (reasoning === null || answer === null || pieces.calls.length > 0) return null;
        return { ...summarizeOutput(choice, pieces), reasoning, answer };
      });
    const first = summariesOf(false).filter((summary) => summary !== null);
    const later = summariesOf(true).filter((summary) => summary !== null);
    // Words outside of the texts would not be counted.
    if (first.length + later.length < 2 << texts.length) return null;
    const shape: ChoiceShape = {
      payload,
      indices: [index],
      hasUsage: hasUsage(payload),
      first,
      later,
    };
    return shape;
  }

  readShape(shape: EventShape, texts: number, source: TextSource): boolean {
    const { payload, indices, first, later, hasUsage: counts } = shape as ChoiceShape;
    const allFinished = counts && this.#finished();
    const state = this.#choice(indices[0]!);
    const summary = (state.hasOutput ? later : first)[texts]!;
    const { hasOutput, hasAnswer, hasRawReasoning, ids, logprobs } = summary;
    if (hasOutput) {
      for (const text of summary.reasoning) source.countWords(text, state.words.reasoning);
      for (const text of summary.answer) source.countWords(text, state.words.answer);
      if (indices[0] === 0) this.#keep(summary, source);
      state.hasOutput = true;
      this.#sawRawReasoning ||= hasRawReasoning;
    }
    const growth = counts ? this.#usage.read(payload, indices, allFinished) : null;
    this.#add(hasOutput, hasAnswer, ids, logprobs, growth);
    return hasOutput;
  }

  /** Keeps the texts of an event that was not parsed. */
  #keep({ reasoning, answer }: ShapeSummary, source: TextSource): void {
    if (this.#transcript === null) return;
    const textOf = (texts: readonly number[]): string => texts.map((text) => source.textOf(text)).join('');
    this.#transcript.add({ ...NO_PIECES, reasoning: textOf(reasoning), answer: textOf(answer) });
  }

  #choice(index: number): ChoiceState {
    let state = this.#choices.get(index);
    if (state === undefined) {
      checkLimit('choices', this.#choices.size + 1);
      state = { finish: null, hasOutput: false, words: new OutputWords() };
      this.#choices.set(index, state);
      this.#usage.addChoice(index);
      this.#unfinished++;
    }
    return state;
  }

  #add(
    hasOutput: boolean,
    hasAnswer: boolean,
    ids: number | null,
    logprobs: number | null,
    growth: number | null,
  ): void {
    this.#ids.add(hasOutput, ids);
    this.#logprobs.add(hasOutput, logprobs);
    this.#growth.add(hasOutput, growth);
    if (!hasOutput) return;
    if (hasAnswer) this.#answer ??= this.#events;
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
      server_timing: this.#timing,
      usage_problem: usage?.problem ?? null,
      words: from === 'events' ? this.#words() : null,
      kept: this.#transcript?.kept(this.#keepsUsage ? (usage?.raw ?? null) : null) ?? null,
    };
  }

  /** Returns the output tokens from the best available source: docs/metrics.md, "Token counts". */
  #count(found: { usage: Usage; final: boolean } | null): {
    count: number | null;
    from: Answer['tokens_from'];
  } {
    // A count of 0 although there was output is not a count.
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

  /** Returns the finish reason of choice 0, or of the first choice seen if 0 was not. */
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

/** Returns the finish reason of a choice, or `null`: TGI sends '' until the end. */
function finishOf(choice: JsonObject): string | null {
  const finish = choice['finish_reason'];
  return typeof finish === 'string' && finish !== '' ? truncateLabel(finish) : null;
}
