import type { ApiName } from './api.ts';

/** Fields of a request that only some servers take. What each is good for is in docs/endpoints.md. */
export const ASKS = [
  'include_usage',
  'continuous_usage_stats',
  'return_token_ids',
  'include_obfuscation',
  'ignore_eos',
  'min_tokens',
] as const;

export type Ask = (typeof ASKS)[number];

/** Names of the limit of output tokens, for the chat API: OpenAI's reasoning models refuse the older one, older servers the newer. */
export type LimitName = 'max_tokens' | 'max_completion_tokens';

/** What is asked of a server beyond the prompt; found out before the measurement, and the same for all of its requests. */
export interface Asking {
  asks: readonly Ask[];
  /** Of the chat API alone. */
  limit: LimitName;
}

/** What is asked where nothing is known of the server. */
export const PLAIN_ASKING: Asking = { asks: ['include_usage'], limit: 'max_tokens' };

/** Within `stream_options`, and the value asked for. */
const STREAM_OPTIONS: Partial<Record<Ask, boolean>> = {
  include_usage: true,
  continuous_usage_stats: true,
  include_obfuscation: false,
};

const ASKS_OF: Record<ApiName, readonly Ask[]> = {
  chat: ASKS,
  completions: ASKS,
  // Its usage always comes.
  responses: ['include_obfuscation'],
  messages: [],
};

/** Which fields an API has a place for. */
export const asksOf = (api: ApiName): readonly Ask[] => ASKS_OF[api];

/** The limit has two names in the chat API only. */
export const hasTwoLimits = (api: ApiName): boolean => api === 'chat';

/** @returns what stands in `stream_options`; empty where nothing does */
export function streamOptions(asks: readonly Ask[]): Record<string, boolean> {
  return Object.fromEntries(
    asks.flatMap((ask) => (STREAM_OPTIONS[ask] === undefined ? [] : [[ask, STREAM_OPTIONS[ask]]])),
  );
}

/** @param maxTokens the limit: with `min_tokens`, also the least */
export function plainFields({ asks }: Asking, maxTokens: number): Record<string, unknown> {
  return {
    ...(asks.includes('return_token_ids') ? { return_token_ids: true } : {}),
    ...(asks.includes('ignore_eos') ? { ignore_eos: true } : {}),
    ...(asks.includes('min_tokens') ? { min_tokens: maxTokens } : {}),
  };
}

/** Whether the user's own fields say already what becomes of an ask: then it is neither tried nor sent. */
export function isSettled(ask: Ask, extra: Readonly<Record<string, unknown>>): boolean {
  if (ask in extra) return true;
  if (STREAM_OPTIONS[ask] === undefined || !('stream_options' in extra)) return false;
  const own = extra['stream_options'];
  return typeof own !== 'object' || own === null || ask in own;
}
