/** Input of every client of the benchmark. */
export interface Setting {
  /** Base URL with its `/v1`. */
  url: string;
  streams: number;
  /** Output events of each stream. */
  events: number;
  /**
   * Buffer for the instant of each event, by stream and number, in microseconds of CLOCK_MONOTONIC; `null` if not
   * requested.
   */
  stamps: Float64Array | null;
  /** Returns microseconds of CLOCK_MONOTONIC. */
  now: () => number;
}

export interface Reader {
  /** Reads stream `id` to its end; returns its number of output events. */
  read(id: number): Promise<number>;
  close(): Promise<void>;
}

export type Variant = (setting: Setting) => Reader | Promise<Reader>;

/** Bodies by which the server identifies streams. */
export const requestBody = (id: number): string =>
  `{"id":${id},"model":"bench","stream":true,"messages":[{"role":"user","content":"hello"}]}`;

/** The part of a chunk that users of an API read. */
export interface ChatChunk {
  choices: { delta: { content?: string } }[];
}

export const isOutput = (chunk: ChatChunk): boolean => (chunk.choices[0]?.delta.content ?? '') !== '';
