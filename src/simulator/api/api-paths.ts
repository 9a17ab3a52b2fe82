import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';

export type Api = 'chat' | 'completions' | 'responses' | 'messages';

/** The paths of the APIs, with the prefix of their answers' ids. */
export const GENERATIONS: ReadonlyMap<string, { api: Api; id: string }> = new Map([
  ['/v1/chat/completions', { api: 'chat', id: 'chatcmpl' }],
  ['/v1/completions', { api: 'completions', id: 'cmpl' }],
  ['/v1/responses', { api: 'responses', id: 'resp' }],
  ['/v1/messages', { api: 'messages', id: 'msg' }],
]);

const PAGES = ['/v1/models', '/health', '/metrics'];

/** @throws {ApiError} with status 405 for a known path with another method, 404 for an unknown path */
export function checkMethod(request: IncomingMessage, path: string, allowed: string): void {
  if (request.method === allowed || (allowed === 'GET' && request.method === 'HEAD')) return;
  if (!GENERATIONS.has(path) && !PAGES.includes(path)) throw unknownPath(path);
  throw new ApiError(405, `${path} takes ${allowed} only`, {
    code: 'method_not_allowed',
    headers: { allow: allowed },
  });
}

export const unknownPath = (path: string): ApiError =>
  new ApiError(404, `no such path: ${path}`, { code: 'not_found' });
