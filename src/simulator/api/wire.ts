/** Content of one event: one choice, one channel, one or more tokens. */
export interface Piece {
  choice: number;
  text: string;
  reasoning: boolean;
  /** Tokens of the event, and tokens of the choice so far. */
  tokens: number;
  sofar: number;
  last: boolean;
}

/** Writes answers in the format of one API. The texts are sent unchanged. */
export interface Wire {
  /** Returns the text before any token, sent when the request is accepted. */
  begin(): string;
  /** Returns one output event, with the text that must precede it. */
  piece(piece: Piece): string;
  /** Returns the end of a choice; empty if its last event contained it. */
  finish(choice: number): string;
  end(): string;
  /** Returns the event for a failure of the server. */
  error(message: string): string;
  /** Returns the beginning of an output event whose data is not JSON. */
  malformed(): string;
  /** Returns the answer to a request that did not ask for a stream. */
  document(): string;
}
