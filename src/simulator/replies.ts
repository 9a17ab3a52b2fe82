import type { ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';

/** In OpenAI's shape; what is none of its errors is the server's own. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ApiError ? error : new ApiError(500, String(error), { type: 'server_error' });
  send(response, known.status, known.body(), known.headers);
}

/** A whole body, JSON unless the headers say otherwise. */
export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
