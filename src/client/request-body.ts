import type { BodyOptions } from './api.ts';
import { asObject } from './json.ts';

/**
 * The fields that chat and completions share, `own` (prompt or messages) and the user's `extra` fields, which win.
 * `stream_options` are merged key by key, so that asking for more does not lose the usage; `null` leaves them out, for
 * servers that refuse them. A user's `max_completion_tokens` takes the place of `max_tokens`: sending both is an error.
 */
export function requestBody(options: BodyOptions, own: Record<string, unknown>): Record<string, unknown> {
  const { stream_options: streamOptions, ...extra } = options.extra;
  const body: Record<string, unknown> = { model: options.model, ...own };
  if (!('max_completion_tokens' in extra)) body['max_tokens'] = options.maxTokens;
  body['stream'] = true;
  if (streamOptions !== null) body['stream_options'] = { include_usage: true, ...asObject(streamOptions) };
  return { ...body, ...extra };
}
