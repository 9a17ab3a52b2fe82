import type { SessionColumns } from './session-table.ts';

/** The sessions of data sets that a run may send, read before it starts. */
export interface WorkloadData {
  /** At least one, in the order of the files. */
  sessions: SessionColumns;
  /** Tokens of a block of `hash_ids`. */
  blockTokens: number;
}

/** Returns true if texts of requests are generated: without data, or for turns that are given by length. */
export const hasGeneratedText = (data: WorkloadData | null): boolean =>
  data === null || data.sessions.hasLengths;
