import type { RunHeader } from '../record/header.ts';
/** The codes of the notes of a report: what each note is about, so that no reader has to search its text. */
export const NOTE_CODES = [
  'from_run',
  'imported',
  'simulated_server',
  'interrupted',
  'failed',
  'never_closed',
  'torn_line',
  'lost',
  'cut_missed',
  'censored',
  'one_wave',
  'held_back',
  'cut_in_flight',
  'synchronized_slots',
  'replica',
  'ranks',
  'invalid_usage',
  'input_length',
  'cached_template',
  'cached_prompts',
  'mixed_token_sources',
  'events_as_tokens',
  'hidden_tokens',
  'estimated_tokens',
  'extra_choices',
  'short_answers',
  'long_answers',
  'unreported_limit',
  'grid_only',
] as const;

export type NoteCode = (typeof NOTE_CODES)[number];

/** A fact in words, and what it is about. */
export interface Note<Code extends string = NoteCode> {
  code: Code;
  /** One or more complete sentences. */
  text: string;
}

export const textsOf = (notes: readonly Pick<Note, 'text'>[]): string[] => notes.map(({ text }) => text);

export const codesOf = <Code extends string>(notes: readonly Note<Code>[]): Code[] =>
  notes.map(({ code }) => code);

export const wasOrWere = (number: number): string => (number === 1 ? 'was' : 'were');

/** Returns a map of the scenario; an empty one if there is none. */
export function objectAt({ scenario }: RunHeader, key: string): object {
  const value = scenario[key];
  return typeof value === 'object' && value !== null ? value : {};
}
