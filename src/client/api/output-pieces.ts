/** Part of a tool call in one event. */
export interface CallPiece {
  index: number | null;
  id: string;
  name: string;
  arguments: string;
}

/** Output of one choice in one event. */
export interface Pieces {
  answer: string;
  reasoning: string;
  /** The model's own reasoning, not a summary of it. */
  reasoningIsRaw: boolean;
  /** Refusal or audio. */
  other: boolean;
  calls: readonly CallPiece[];
}
