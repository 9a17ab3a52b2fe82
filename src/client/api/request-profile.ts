/** Fields of a request that only some servers accept; docs/endpoints.md describes each. */
export const OPTIONAL_FIELDS = [
  'include_usage',
  'continuous_usage_stats',
  'return_token_ids',
  'include_obfuscation',
  'ignore_eos',
  'min_tokens',
] as const;

export type OptionalField = (typeof OPTIONAL_FIELDS)[number];

/** Name of the limit of output tokens in the chat API: OpenAI's reasoning models reject the older one, older servers the newer one. */
export type LimitName = 'max_tokens' | 'max_completion_tokens';

/** Fields that every measured request of a run sends besides the prompt. They are determined before the measurement. */
export interface RequestProfile {
  optionalFields: readonly OptionalField[];
  /** Used by the chat API only. */
  limit: LimitName;
}

/** The profile for a server about which nothing is known. */
export const DEFAULT_PROFILE: RequestProfile = { optionalFields: ['include_usage'], limit: 'max_tokens' };

/** The optional fields that belong in `stream_options`, with the value to send. */
const STREAM_OPTIONS: Partial<Record<OptionalField, boolean>> = {
  include_usage: true,
  continuous_usage_stats: true,
  include_obfuscation: false,
};

export function streamOptions(fields: readonly OptionalField[]): Record<string, boolean> {
  return Object.fromEntries(
    fields.flatMap((field) => (STREAM_OPTIONS[field] === undefined ? [] : [[field, STREAM_OPTIONS[field]]])),
  );
}

/**
 * Returns the optional fields that belong at the top level of the body.
 * @param maxTokens the limit of output tokens, which `min_tokens` repeats
 */
export function topLevelFields(
  { optionalFields }: RequestProfile,
  maxTokens: number,
): Record<string, unknown> {
  return {
    ...(optionalFields.includes('return_token_ids') ? { return_token_ids: true } : {}),
    ...(optionalFields.includes('ignore_eos') ? { ignore_eos: true } : {}),
    ...(optionalFields.includes('min_tokens') ? { min_tokens: maxTokens } : {}),
  };
}

/** Returns true if the user's own fields decide about an optional field, so that goodput neither tries nor sends it. */
export function isSetByUser(field: OptionalField, extra: Readonly<Record<string, unknown>>): boolean {
  if (field in extra) return true;
  if (STREAM_OPTIONS[field] === undefined || !('stream_options' in extra)) return false;
  const own = extra['stream_options'];
  return typeof own !== 'object' || own === null || field in own;
}
