import type { Session } from '../model/session.ts';
import type { Fields } from './fields.ts';

/** The names of the formats, in the order of docs/data.md. */
export const FORMAT_NAMES = [
  'goodput',
  'openai-chat',
  'openai-batch',
  'sharegpt',
  'alpaca',
  'preference',
  'mooncake',
  'aiperf',
  'azure-llm',
  'burstgpt',
  'custom',
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** The facts that the records of one file share. */
export interface FileContext {
  /** Options of the format; `null`: not given. */
  timeUnit: 'ms' | 's' | null;
  columns: Readonly<Record<string, string>> | null;
  clock: FileClock;
  /** The state that a format keeps between the records of a file. */
  memory: Map<string, number>;
}

/** Times of a file since its first record that has one. */
export class FileClock {
  #whole: number | null = null;
  #part = 0;

  /** Returns the time since the first, in milliseconds, to the microsecond. The part is added to the whole; separate, they are exact. */
  since(whole_ms: number, part_ms = 0): number {
    if (this.#whole === null) {
      this.#whole = whole_ms;
      this.#part = part_ms;
    }
    return microseconds(whole_ms - this.#whole + (part_ms - this.#part));
  }
}

/** Rounds milliseconds to the microsecond. */
export const microseconds = (ms: number): number => Math.round(ms * 1000) / 1000 + 0;

/** A record as a session. */
export interface ReadRecord {
  session: Session;
  /** True if records with the same session are turns of one session. */
  isRow: boolean;
}

/** A format of data sets: how its records are recognised and read. */
export interface Format {
  name: FormatName;
  /** Its characteristic keys, for the nearest format of an unknown record. */
  keys: readonly string[];
  /** Returns true if the first record has this format. */
  recognises(first: Fields): boolean;
  /** Returns true if another record of the file can be of this format: it has the keys that the format needs. */
  fits(record: Fields): boolean;
  /** The keys that `fits` needs, in words. */
  needs: string;
  /**
   * @returns `null` if the record has nothing to send
   * @throws {RecordError} if a value is invalid
   */
  read(record: Fields, context: FileContext): ReadRecord | null;
}
