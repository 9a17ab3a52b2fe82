import type { RequestFault } from '../../faults.ts';
import { ApiError } from '../api/api-error.ts';
import type { Api } from '../api/generation-request.ts';

/** Returns the error that a fault sends in place of an answer. */
export function httpFault({ kind, retryAfter, limit }: RequestFault, api: Api): ApiError {
  const status = Number(kind);
  const wait = retryAfter === null ? {} : waitHeaders(retryAfter);
  if (status === 429)
    return new ApiError(429, 'Rate limit reached (a fault that was asked for)', {
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      headers: { ...wait, ...rateLimitHeaders(api, limit, retryAfter ?? 0) },
    });
  const words = status === 500 ? 'The server had an error' : 'The server is overloaded';
  return new ApiError(status, `${words} (a fault that was asked for)`, {
    type: status === 529 ? 'overloaded_error' : 'server_error',
    headers: wait,
  });
}

/** `retry-after` has whole seconds (RFC 9110, 10.2.3); `retry-after-ms`, which OpenAI's clients look at first, is exact. */
const waitHeaders = (ms: number): Record<string, string> => ({
  'retry-after': String(Math.ceil(ms / 1000)),
  'retry-after-ms': String(ms),
});

/** The headers by which each API reports a limit that is used up: OpenAI's reset is a duration, Anthropic's an instant. */
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
