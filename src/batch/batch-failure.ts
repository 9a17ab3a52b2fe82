import type { DocumentError } from '../client/document-client.ts';
import { GoodputError } from '../errors.ts';
import {
  CERTAIN,
  failureText,
  fixFor,
  unusableCause,
  type UnusableEndpoint,
} from '../preflight/unusable-endpoint.ts';

/** Statuses of a path that the endpoint does not have. */
const NO_PATH: readonly unknown[] = [404, 405, 501];

/**
 * Returns the error that ends a batch run, with its fix.
 * @param what the request that failed
 * @param isFirst the request is the first one to the Batch API
 */
export function batchFailure(
  what: string,
  { failed }: DocumentError,
  endpoint: UnusableEndpoint,
  isFirst: boolean,
): GoodputError {
  const text = `${what} failed: ${failureText(failed)}`;
  if (isFirst && NO_PATH.includes(failed.status)) {
    const paths = endpoint.api === 'messages' ? '/messages/batches' : '/files and /batches';
    return new GoodputError('unusable', text, {
      hint: `this endpoint seems to have no Batch API, as most servers of one's own; it needs ${paths} below the base URL (--url)`,
    });
  }
  const cause = unusableCause(failed, endpoint.url);
  if (cause === null || !CERTAIN.has(cause) || cause === 'path') return new GoodputError('endpoint', text);
  return new GoodputError('unusable', text, { hint: fixFor(cause, endpoint) });
}
