import type { RequestFault } from '../../faults.ts';
import { ApiError } from '../api/api-error.ts';
import type { Api } from '../api/api-paths.ts';

/** Returns the error that a fault sends instead of an answer. */
export function httpFault({ kind, retryAfter, limit }: RequestFault, api: Api): ApiError {
  const status = Number(kind);
  const wait = retryAfter === null ? {} : waitHeaders(retryAfter);
  if (status === 429)
    return new ApiError(429, 'Rate limit reached (injected fault)', {
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      headers: { ...wait, ...rateLimitHeaders(api, limit, retryAfter ?? 0) },
    });
  const reason = status === 500 ? 'The server had an error' : 'The server is overloaded';
  return new ApiError(status, `${reason} (injected fault)`, {
    type: status === 529 ? 'overloaded_error' : 'server_error',
    headers: wait,
  });
}

/** `retry-after` is in whole seconds (RFC 9110, 10.2.3); `retry-after-ms`, which OpenAI's clients prefer, is exact. */
const waitHeaders = (ms: number): Record<string, string> => ({
  'retry-after': String(Math.ceil(ms / 1000)),
  'retry-after-ms': String(ms),
});

/** Returns the headers with which each API reports an exhausted limit: OpenAI's reset is a duration, Anthropic's an instant. */
function rateLimitHeaders(api: Api, limit: number, reset_ms: number): Record<string, string> {
  if (api === 'messages')
    return {
      'anthropic-ratelimit-requests-limit': String(limit),
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': new Date(Date.now() + reset_ms).toISOString(),
    };
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': reset_ms < 1000 ? `${reset_ms}ms` : `${reset_ms / 1000}s`,
  };
}
