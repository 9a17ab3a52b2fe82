import type { Answer } from './answer.ts';
import { ChatWire } from './chat-wire.ts';
import { CompletionsWire } from './completions-wire.ts';
import type { Dialect } from './stream-dialect.ts';
import { MessagesWire } from './messages-wire.ts';
import type { GenerationRequest } from './generation-request.ts';
import { ResponsesWire } from './responses-wire.ts';

/** What an answer's JSON carries besides its text. */
export interface Reply {
  id: string;
  /** Seconds since 1970. */
  created: number;
  request: GenerationRequest;
  answer: Answer;
  dialect: Dialect;
  /** Of `answer.tokens`. */
  reasoning: number;
  /** Input tokens. */
  prompt: number;
  /** Of the input, found in the cache; known once the request was admitted. */
  cached: number;
}

/** What one event shows: of one choice, one channel, one or more tokens. */
export interface Piece {
  choice: number;
  text: string;
  reasoning: boolean;
  /** Its tokens, and those of the choice up to here. */
  tokens: number;
  sofar: number;
  /** No more of this choice follows. */
  last: boolean;
}

/** How one API writes an answer. Its texts go to the socket as they are. */
export interface Wire {
  /** What comes before any token, as soon as the request is taken. */
  begin(): string;
  /** One output event, with what has to come before it. */
  piece(piece: Piece): string;
  /** A choice has ended; empty where its last piece has said so. */
  finish(choice: number): string;
  /** All have. */
  end(): string;
  /** The server breaks off. */
  error(message: string): string;
  /** The beginning of an output event whose data is not JSON. */
  malformed(): string;
  /** The answer to a request that did not ask for a stream. */
  whole(): string;
}

const WIRES = {
  chat: ChatWire,
  completions: CompletionsWire,
  responses: ResponsesWire,
  messages: MessagesWire,
} as const;

export const openWire = (reply: Reply): Wire => new WIRES[reply.request.api](reply);
