import { describeError } from '../client/api/server-error.ts';
import type { JsonObject } from '../client/http/json-values.ts';
import type { BatchResult } from './protocol.ts';

/** Returns the fields of a request that the endpoint answered with an error. */
export function failedResult(
  status: number | null,
  payload: JsonObject,
): Pick<BatchResult, 'outcome' | 'status' | 'error' | 'document'> {
  const error = describeError(payload);
  const isLimit = status === 429 || error.code === 'rate_limit_error';
  return { outcome: isLimit ? 'rate_limited' : 'http_error', status, error, document: null };
}

/** Returns the fields of a request that its batch did not execute: it expired or was cancelled. */
export function unexecuted(
  kind: 'expired' | 'cancelled',
  message: string,
  code: string,
): Pick<BatchResult, 'outcome' | 'status' | 'error' | 'document'> {
  const isExpired = kind === 'expired';
  return {
    outcome: isExpired ? 'timeout' : 'aborted',
    status: null,
    error: { message, code, ...(isExpired ? { kind: 'total' as const } : {}) },
    document: null,
  };
}
