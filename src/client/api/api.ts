import type { Asking } from './asking.ts';
import { chat } from './chat.ts';
import { completions } from './completions.ts';
import type { JsonObject } from '../http/json.ts';
import { messages } from './messages.ts';
import { responses } from './responses.ts';
import type { ServerError } from './server-error.ts';
import type { TokenSource } from '../../sample.ts';
import type { WordCounter } from './words.ts';

/** What a request says: a text, or messages as the user gave them. */
export type ApiPrompt =
  | { kind: 'text'; text: string }
  | { kind: 'messages'; messages: readonly Readonly<Record<string, unknown>>[] };

export interface BodyOptions {
  model: string;
  prompt: ApiPrompt;
  maxTokens: number;
  asking: Asking;
  /** Fields of the user's own, merged last. */
  extra: Readonly<Record<string, unknown>>;
}

/** What one event of the stream brought. */
export interface EventReading {
  /** It is an output event: metrics.md, "Instants of one request". */
  output: boolean;
  /** A choice finished. */
  finish: boolean;
  /** This API's own marker of the end: what follows is ignored. */
  terminal?: boolean;
  /** The server's failure, where this API has a place of its own for it. */
  error?: ServerError;
}

/** What the whole stream said, as far as it came. The keys of a sample carry a sample's meaning. */
export interface Answer {
  /** Every choice seen has a finish reason, and a good one. */
  complete: boolean;
  /** A finish reason by which the server says that it failed. */
  badFinish: string | null;
  finish: string | null;
  n: readonly number[] | null;
  answer: number | null;
  input_tokens: number | null;
  cached_tokens: number | null;
  /** `null` where nothing was counted and nothing came. */
  output_tokens: number | null;
  reasoning_tokens: number | null;
  hidden_tokens: number | null;
  tokens_from: TokenSource;
  /** Choices of the response, where there were several. */
  choices?: number;
  /** Which count of its usage was not believed, and why. */
  usage_problem: string | null;
  /** Words in the text of the output events; `null` where something better was counted. */
  words: number | null;
  /** Of choice 0, and only where text is kept. */
  kept: { text: string; reasoning_text: string; tool_calls?: unknown; usage?: unknown } | null;
}

/** A place in a payload. */
export interface Place {
  parent: Record<string, unknown>;
  key: string;
}

/** What the events are that equal one but for their text and for numbers; of one stream or another. */
export interface Repetition {
  payload: JsonObject;
}

/** Reads the events of one stream. */
export interface AnswerReader {
  read(payload: JsonObject): EventReading;
  /** `null` where no event is like another: each is then read by itself. */
  readonly repeats: RepeatReader | null;
  answer(): Answer;
}

/** The texts of the event that is being read. */
export interface TextSource {
  /** @param text its number among the `texts` of the repetition */
  countWords(text: number, words: WordCounter): void;
}

/** The part of a reader that knows what repeats. */
export interface RepeatReader {
  /**
   * @param payload of an event that was read before, with output and nothing else
   * @param texts where its output text is
   * @returns what is to be known of it to read others like it, or `null` where each must be read by itself
   */
  repetition(payload: JsonObject, texts: readonly Place[]): Repetition | null;
  /**
   * Does what `read` does for the payload of the repetition as it is now, if each text is empty or not as the bits say. The
   * repetition may be of another stream, whose reader was made alike; this one has read an event like it, and with output.
   * @returns whether it is an output event
   */
  repeat(repetition: Repetition, texts: number, source: TextSource): boolean;
}

/** One API: what is asked, and how the answer is read. A new one is one file and one line here. */
export interface Api {
  /** Below the base URL. */
  readonly path: string;
  /** Its own request headers: how the key is sent, which version is meant. */
  headers(apiKey: string | null): Record<string, string>;
  /** The smallest limit of output tokens that its servers accept. */
  readonly leastTokens: number;
  body(options: BodyOptions): Record<string, unknown>;
  reader(keepText: boolean): AnswerReader;
}

const APIS = { chat, completions, responses, messages } satisfies Record<string, Api>;

export type ApiName = keyof typeof APIS;

export function apiNamed(name: ApiName): Api {
  return APIS[name];
}
