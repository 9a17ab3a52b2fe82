/** One record as its container has it, before its format is known. */
export interface RawRecord {
  /** The line on which it begins, from 1; in Parquet its row. */
  line: number;
  value: Readonly<Record<string, unknown>>;
}

/** How the records of a file are stored. */
export type ContainerKind = 'jsonl' | 'json' | 'csv' | 'parquet';

/** An opened file: its records in order, in batches. */
export interface Container {
  kind: ContainerKind;
  /** The names in the header of a CSV file or the schema of a Parquet file; `null` in JSON. */
  columns: { names: readonly string[]; line: number | null } | null;
  batches: AsyncIterable<readonly RawRecord[]>;
}

/** A part of a file: its name in messages, and its bytes. */
export interface NamedBytes {
  name: string;
  chunks: AsyncIterable<Buffer>;
}

/** A longer line, element or row is not a record: without a limit, a file of another kind would be read into memory as a whole. */
export const LONGEST_RECORD = 256 * 1024 * 1024;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
