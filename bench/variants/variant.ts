/** What every client of the bench is given. */
export interface Setting {
  /** With its `/v1`. */
  url: string;
  streams: number;
  /** Output events of each stream. */
  events: number;
  /** Where each event's instant goes, by stream and number, in microseconds of CLOCK_MONOTONIC; `null`: not asked for. */
  stamps: Float64Array | null;
  /** Microseconds of CLOCK_MONOTONIC. */
  now: () => number;
}

export interface Reader {
  /** Reads stream `id` to its end; how many output events it had. */
  read(id: number): Promise<number>;
  close(): Promise<void>;
}

export type Variant = (setting: Setting) => Reader | Promise<Reader>;

/** The bodies that the server tells streams apart by. */
export const requestBody = (id: number): string =>
  `{"id":${id},"model":"bench","stream":true,"messages":[{"role":"user","content":"hello"}]}`;

/** The part of a chunk that users of an API look at. */
export interface ChatChunk {
  choices: { delta: { content?: string } }[];
}

export const isOutput = (chunk: ChatChunk): boolean => (chunk.choices[0]?.delta.content ?? '') !== '';
