import type { ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';

/** Gives an answer its id, under the header that the clients of its API read; Anthropic's is `request-id`. */
export function identify(response: ServerResponse, path: string, id: string): void {
  // The truth log is matched by this one, whatever the API.
  response.setHeader('x-request-id', id);
  if (path === '/v1/messages') response.setHeader('request-id', id);
}

/** Returns an error's body in the shape of the API that was asked. */
export function errorBody(response: ServerResponse, error: ApiError): string {
  const anthropic = response.getHeader('request-id');
  return typeof anthropic === 'string' ? error.anthropicBody(anthropic) : error.openaiBody();
}

/** Refuses a request; an error that is no {@link ApiError} is a 500. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ApiError ? error : new ApiError(500, String(error), { type: 'server_error' });
  response.emit(REFUSAL, known.status);
  send(response, known.status, errorBody(response, known), known.headers);
}

const REFUSAL = 'goodput refusal';

/** Calls back right before the response is a refusal by this file, wherever that is decided. */
export function onRefusal(response: ServerResponse, callback: (status: number) => void): void {
  response.once(REFUSAL, callback);
}

/** How long what a refused client still sends is read and dropped. */
const LINGER_MS = 10_000;

/**
 * Refuses a request whose body has not come whole, and closes its connection. A socket that is closed with bytes unread resets the
 * connection, and the client never gets to read why (RFC 9112 §9.6): it is ended for writing, and read on for a while.
 */
export function sendErrorAndClose(response: ServerResponse, error: ApiError): void {
  const { socket } = response.req;
  // Node calls it once the last response is written.
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
  response.emit(REFUSAL, error.status);
  send(response, error.status, errorBody(response, error), { ...error.headers, connection: 'close' });
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
