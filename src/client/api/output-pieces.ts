export interface CallPiece {
  index: number | null;
  id: string;
  name: string;
  arguments: string;
}

export interface Pieces {
  answer: string;
  reasoning: string;
  /** The model's own reasoning, not a summary of it. */
  reasoningIsRaw: boolean;
  /** Refusal or audio. */
  other: boolean;
  calls: readonly CallPiece[];
}

export const NO_PIECES: Pieces = {
  answer: '',
  reasoning: '',
  reasoningIsRaw: false,
  other: false,
  calls: [],
};

/** Returns true if there is output other than reasoning. */
export const hasAnswer = ({ answer, other, calls }: Pieces): boolean =>
  answer !== '' || other || calls.some((call) => call.name !== '' || call.arguments !== '');
