import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BatchFault } from '../../faults.ts';
import { ApiError } from '../api/api-error.ts';
import type { BodyReader } from '../api/body-reader.ts';
import { send, sendError } from '../api/replies.ts';
import type { BatchQueue } from './batch-queue.ts';

/** The parts of the endpoint that both batch protocols need. */
export interface BatchHost {
  bodies: BodyReader;
  queue: BatchQueue;
  /** Returns a new id. */
  newId(prefix: string): string;
  /** Returns the fault of the next batch. */
  nextFault(): BatchFault | null;
}

/** A request for one of the batch APIs. */
export interface BatchCall {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  /** The segments of the path after the collection: `[]`, `[id]`, `[id, action]`. */
  rest: readonly string[];
}

/** Longest list of batches or files. */
const PAGE = 100;

export const sendJson = ({ response }: BatchCall, document: unknown): void =>
  send(response, 200, JSON.stringify(document));

/** Reads the body of a request, and sends the error that `use` throws. */
export function withBody(
  { bodies }: BatchHost,
  { request, response }: BatchCall,
  maxBytes: number,
  use: (body: string) => void,
): void {
  bodies.read(
    request,
    response,
    (body) => {
      try {
        use(body);
      } catch (error) {
        sendError(response, error);
      }
    },
    maxBytes,
  );
}

/** @throws {ApiError} with status 404 */
export function found<T>(map: ReadonlyMap<string, T>, id: string | undefined, noun: string): T {
  const value = map.get(id ?? '');
  if (value === undefined) throw new ApiError(404, `No such ${noun} object: ${id}`, { param: 'id' });
  return value;
}

/** @throws {ApiError} with status 400 if the text is not a JSON object */
export function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError(400, 'the body is not a JSON object');
  return value as Record<string, unknown>;
}

export const notAllowed = (allow: string): ApiError =>
  new ApiError(405, `this path takes ${allow} only`, { code: 'method_not_allowed', headers: { allow } });

/** Returns the newest entries first, as lists of both protocols are. */
export const newestFirst = <T>(map: ReadonlyMap<string, T>): { page: T[]; hasMore: boolean } => ({
  page: [...map.values()].toReversed().slice(0, PAGE),
  hasMore: map.size > PAGE,
});
