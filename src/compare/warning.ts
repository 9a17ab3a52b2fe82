import type { Note } from '../analysis/note.ts';

/** The codes of the warnings of a comparison: why its differences may have another cause than the server. */
export const WARNING_CODES = [
  'other_slos',
  'rounds_missing',
  'round_invalid',
  'round_interrupted',
  'other_model',
  'other_api',
  'other_body',
  'other_prompt_files',
  'other_window',
  'other_warmup',
  'other_clock',
  'other_machine',
  'other_version',
  'several_endpoints',
  'other_token_source',
  'other_output_length',
  'other_error_rate',
  'other_cached_share',
  'short_runs',
  'incomplete_run',
  'lost_requests',
  'imported_run',
  'suspect_run',
  'overloaded_run',
  'measured_apart',
  'not_interleaved',
] as const;

export type Warning = Note<(typeof WARNING_CODES)[number]>;

/** The codes of the reasons why a comparison is invalid. A suspect run is a reason only with `--strict`. */
export const REASON_CODES = ['invalid_run', 'suspect_run'] as const;

export type InvalidReason = Note<(typeof REASON_CODES)[number]>;
