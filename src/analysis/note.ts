/** Identifies what a note is about, so that no reader has to search its text. */
export type NoteCode =
  | 'from_run'
  | 'simulated_server'
  | 'interrupted'
  | 'failed'
  | 'never_closed'
  | 'torn_line'
  | 'lost'
  | 'cut_missed'
  | 'censored'
  | 'one_wave'
  | 'held_back'
  | 'cut_in_flight'
  | 'synchronized_slots'
  | 'replica'
  | 'invalid_usage'
  | 'input_length'
  | 'cached_template'
  | 'cached_prompts'
  | 'mixed_token_sources'
  | 'events_as_tokens'
  | 'hidden_tokens'
  | 'estimated_tokens'
  | 'extra_choices'
  | 'short_answers'
  | 'long_answers'
  | 'unreported_limit'
  | 'grid_only';

/** A fact that a reader needs to interpret the figures. */
export interface Note {
  code: NoteCode;
  /** One or more complete sentences. */
  text: string;
}

const COUNT = new Intl.NumberFormat('en-US');

export const count = (value: number): string => COUNT.format(value);

/** Returns the number with its noun: "1 request", "2,000 requests". */
export const counted = (number: number, noun: string): string =>
  `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

export const wasOrWere = (number: number): string => (number === 1 ? 'was' : 'were');

export const rounded = (value: number): string => count(Math.round(value));

export const percent = (share: number): string => `${Math.round(100 * share)}%`;
