import type { BodyOptions } from './api.ts';
import type { Ask } from './asking.ts';
import { ASKS, plainFields, streamOptions } from './asking.ts';
import { asObject } from '../http/json.ts';

/**
 * The fields that chat and completions share, `own` (prompt or messages), what is asked of this server, and the user's
 * `extra` fields, which win. A user's limit of either name takes the place of ours: sending both is an error.
 */
export function requestBody(
  options: BodyOptions,
  own: Record<string, unknown>,
  limit: string,
): Record<string, unknown> {
  const { asking, extra, maxTokens } = options;
  const body: Record<string, unknown> = { model: options.model, ...own };
  if (!('max_completion_tokens' in extra || 'max_tokens' in extra)) body[limit] = maxTokens;
  body['stream'] = true;
  return { ...body, ...plainFields(asking, maxTokens), ...withStreamOptions(options) };
}

/**
 * The user's fields and our `stream_options`, which are merged key by key, so that asking for more does not lose the usage;
 * the user's `null` leaves them out, for servers that refuse them. `may`: those that the API has a place for.
 */
export function withStreamOptions(
  { asking, extra }: BodyOptions,
  may: readonly Ask[] = ASKS,
): Record<string, unknown> {
  const { stream_options: own, ...rest } = extra;
  if (own === null) return rest;
  const asks = asking.asks.filter((ask) => may.includes(ask));
  const all = { ...streamOptions(asks), ...asObject(own) };
  return Object.keys(all).length === 0 ? rest : { stream_options: all, ...rest };
}
