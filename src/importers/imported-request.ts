import type { Outcome, Phase, SampleError, TokenSource } from '../sample.ts';

/** Seconds, as other tools record times. */
export type Seconds = number;

/** One request as the file of another tool holds it. What the file does not hold is `null`. */
export interface ImportedRequest {
  /** Where the file holds it, such as `r.json: request 3`. */
  where: string;
  phase: Phase;
  /** Instant of the send, by the clock of the file. All other times but `planned_s` count from it. */
  start_s: Seconds | null;
  planned_s: Seconds | null;
  /** How long the connection took to open before the send. */
  connect_s: Seconds | null;
  headers_s: Seconds | null;
  /** When each output event arrived; with unknown gaps only the first and the last. */
  events_s: readonly Seconds[];
  /** Only if there may be events between the first and the last that the file does not hold. */
  lacksGaps?: boolean;
  end_s: Seconds | null;
  /** Tokens of each event, if they are known exactly. */
  n: readonly number[] | null;
  /** Index of the first event that is not reasoning. */
  answer: number | null;
  outcome: Outcome;
  status: number | null;
  finish: string | null;
  error: SampleError | null;
  input_tokens: number | null;
  cached_tokens: number | null;
  output_tokens: number | null;
  reasoning_tokens: number | null;
  tokens_from: TokenSource;
  planned_output: number | null;
}

/** A request of which only the outcome is known. */
export const BLANK = {
  phase: 'measure',
  start_s: null,
  planned_s: null,
  connect_s: null,
  headers_s: null,
  events_s: [],
  end_s: null,
  n: null,
  answer: null,
  outcome: 'ok',
  status: null,
  finish: null,
  error: null,
  input_tokens: null,
  cached_tokens: null,
  output_tokens: null,
  reasoning_tokens: null,
  tokens_from: 'unstated',
  planned_output: null,
} as const satisfies Omit<ImportedRequest, 'where'>;
