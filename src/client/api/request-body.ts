import { asObject } from '../http/json-values.ts';
import type { BodyOptions } from './api.ts';
import type { OptionalField } from './request-profile.ts';
import { OPTIONAL_FIELDS, streamOptions, topLevelFields } from './request-profile.ts';

/**
 * Returns the body of a chat or completions request: the shared fields, `own` (prompt or messages), the profile's optional fields, and
 * the user's `extra` fields, which override the others. A limit in `extra`, under either name, replaces goodput's limit, because servers
 * reject a request with both.
 */
export function requestBody(
  options: BodyOptions,
  own: Record<string, unknown>,
  limit: string,
): Record<string, unknown> {
  const { profile, extra, maxTokens } = options;
  const body: Record<string, unknown> = { model: options.model, ...own };
  if (!('max_completion_tokens' in extra || 'max_tokens' in extra)) body[limit] = maxTokens;
  body['stream'] = true;
  return { ...body, ...topLevelFields(profile, maxTokens), ...withStreamOptions(options) };
}

/**
 * Returns the user's fields with goodput's `stream_options`. The two are merged key by key, so that a user's option does not remove the
 * usage; a user's `null` removes `stream_options`, for servers that reject them.
 * @param supported the optional fields of the API
 */
export function withStreamOptions(
  { profile, extra }: BodyOptions,
  supported: readonly OptionalField[] = OPTIONAL_FIELDS,
): Record<string, unknown> {
  const { stream_options: own, ...rest } = extra;
  if (own === null) return rest;
  const fields = profile.optionalFields.filter((field) => supported.includes(field));
  const all = { ...streamOptions(fields), ...asObject(own) };
  return Object.keys(all).length === 0 ? rest : { stream_options: all, ...rest };
}
