import type { ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';

/** Sets the id of a response, in the header that clients of its API read; Anthropic's is `request-id`. */
export function identify(response: ServerResponse, path: string, id: string): void {
  // The truth log is matched by this header, whatever the API.
  response.setHeader('x-request-id', id);
  if (path === '/v1/messages' || path.startsWith('/v1/messages/')) response.setHeader('request-id', id);
}

/** Returns an error's body in the format of the requested API. */
export function errorBody(response: ServerResponse, error: ApiError): string {
  const anthropic = response.getHeader('request-id');
  return typeof anthropic === 'string' ? error.anthropicBody(anthropic) : error.openaiBody();
}

/** Sends an error response; an error that is not an {@link ApiError} has status 500. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ApiError ? error : new ApiError(500, String(error), { type: 'server_error' });
  response.emit(REFUSAL, known.status);
  send(response, known.status, errorBody(response, known), known.headers);
}

const REFUSAL = 'goodput refusal';

/** Calls back immediately before this file sends an error response. */
export function onRefusal(response: ServerResponse, callback: (status: number) => void): void {
  response.once(REFUSAL, callback);
}

/** How long the data of a rejected client is read and discarded. */
const LINGER_MS = 10_000;

/**
 * Rejects a request whose body is incomplete, and closes its connection. Closing a socket with unread bytes resets the connection, so
 * that the client cannot read the reason (RFC 9112 §9.6): it is closed for writing, and read for a while.
 */
export function sendErrorAndClose(response: ServerResponse, error: ApiError): void {
  const { socket } = response.req;
  // Node calls this after the last response is written.
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
  response.emit(REFUSAL, error.status);
  send(response, error.status, errorBody(response, error), { ...error.headers, connection: 'close' });
}

/** Sends a complete body, JSON unless the headers say otherwise. */
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
