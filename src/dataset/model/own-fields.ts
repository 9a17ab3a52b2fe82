/** Fields of a request body that limit the output tokens, by API. */
export const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;

/** Fields of a request body that a run sets itself: its prompt, its model, how it streams, and its limit of output tokens. */
export const OWN_FIELDS: readonly string[] = [
  'messages',
  'prompt',
  'input',
  'model',
  'stream',
  'stream_options',
  ...OUTPUT_LIMITS,
];
