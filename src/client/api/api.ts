import type { ServerTiming, TokenSource } from '../../sample.ts';
import type { JsonObject } from '../http/json-values.ts';
import type { OptionalField, RequestProfile } from './request-profile.ts';
import type { ServerError } from './server-error.ts';
import type { WordCounter } from './word-counter.ts';

export type ApiName = 'chat' | 'completions' | 'responses' | 'messages';

export type ApiPrompt =
  | { kind: 'text'; text: string }
  | { kind: 'messages'; messages: readonly Readonly<Record<string, unknown>>[] };

export interface BodyOptions {
  model: string;
  prompt: ApiPrompt;
  maxTokens: number;
  /** Tools in the shape of the chat API or of this one; `null` for none. */
  tools?: readonly unknown[] | null;
  profile: RequestProfile;
  /** The user's own fields, merged last. */
  extra: Readonly<Record<string, unknown>>;
}

export interface EventReading {
  /** Is an output event: docs/metrics.md, "Instants of one request". */
  output: boolean;
  finish: boolean;
  /** Is the API's end-of-stream event: later events are ignored. */
  terminal?: boolean;
  /** The server's failure, if the API has a field of its own for it. */
  error?: ServerError;
}

/** Result of reading a stream up to where it ended. Keys that a sample has too mean the same there. */
export interface Answer {
  /** Every choice has a finish reason, and none reports a failure. */
  complete: boolean;
  /** A finish reason by which the server reports a failure. */
  badFinish: string | null;
  finish: string | null;
  n: readonly number[] | null;
  answer: number | null;
  input_tokens: number | null;
  cached_tokens: number | null;
  /** `null` if nothing was counted and no output came. */
  output_tokens: number | null;
  reasoning_tokens: number | null;
  hidden_tokens: number | null;
  tokens_from: TokenSource;
  /** Number of choices, if more than one. */
  choices?: number;
  /** The server's own times of the request; `null` if it reports none. */
  server_timing?: ServerTiming | null;
  /** The first count of the usage that was rejected, with the reason. */
  usage_problem: string | null;
  /** Words in the text of the output events; `null` if tokens were counted in a better way. */
  words: number | null;
  /** Text of choice 0; `null` unless text is kept. */
  kept: { text: string; reasoning_text: string; tool_calls?: unknown; usage?: unknown } | null;
}

export interface Place {
  parent: Record<string, unknown>;
  key: string;
}

/** A kind of event: its events are equal except for their text and for numbers. Streams of one endpoint share shapes. */
export interface EventShape {
  payload: JsonObject;
}

/** The text of an answer to keep: none, all of it with the usage for the record, or what a later request repeats. */
export type KeptText = boolean | 'history';

export interface AnswerReader {
  read(payload: JsonObject): EventReading;
  /** `null` if every event must be parsed. */
  readonly shapes: ShapeReader | null;
  answer(): Answer;
}

export interface TextSource {
  /** @param text index among the `texts` of the shape */
  countWords(text: number, words: WordCounter): void;
  /** Returns a text of the event. */
  textOf(text: number): string;
}

/** Reads events of a known shape without parsing them. */
export interface ShapeReader {
  /**
   * Returns the shape of an event, or `null` if events like it must each be parsed.
   * @param payload of an event that was read before, with output and nothing else
   * @param texts the places of its output text
   */
  shapeOf(payload: JsonObject, texts: readonly Place[]): EventShape | null;
  /**
   * Does what `read` does for the shape's payload with its current counts. Returns true for an output event. The shape may come from
   * another stream, whose reader was created with the same arguments.
   * @param texts one bit for each text, 0 if the text is empty
   */
  readShape(shape: EventShape, texts: number, source: TextSource): boolean;
}

/** One API: how a request is written and how its response is read. A new API is one file and one line in apis.ts. */
export interface Api {
  readonly path: string;
  /** Returns the API's own request headers: the key, the version. */
  headers(apiKey: string | null): Record<string, string>;
  /** The smallest limit of output tokens that its servers accept. */
  readonly minTokenLimit: number;
  readonly optionalFields: readonly OptionalField[];
  readonly hasTwoLimitNames: boolean;
  body(options: BodyOptions): Record<string, unknown>;
  reader(keeps: KeptText): AnswerReader;
}
