import type { Message, Tags } from '../dataset/model/session.ts';
import type { Microseconds } from '../units.ts';

/** One turn of a planned session, without its text. */
export interface PlannedTurn {
  /** Planned input tokens of the request; `null` if they are unknown. */
  input: number | null;
  /** Planned output tokens (sent as max_tokens). */
  output: number;
  /** The time between the end of the previous answer and this turn; 0 for the first turn. */
  delay_us: Microseconds;
  /** The tools that the model may call. */
  tools: readonly unknown[] | null;
  /** Merged into the body of the request. */
  body: Readonly<Record<string, unknown>> | null;
  /** The recorded answer. */
  reference: string | Message | null;
  /** The content of each block of the prompt, by id: equal ids are equal text. */
  hash_ids: readonly number[] | null;
  /** True if the turn is its request's whole input: no history precedes it. */
  isWhole: boolean;
  /** True if it begins with the results of tools, whose calls the recorded answer before has. */
  hasResults: boolean;
  tags: Tags;
}

/** A session of a workload. */
export interface WorkloadSession {
  turns: readonly PlannedTurn[];
  tags: Tags;
}

export const NO_TAGS: Tags = {};
