import type { ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';

/** In OpenAI's shape; what is none of its errors is the server's own. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ApiError ? error : new ApiError(500, String(error), { type: 'server_error' });
  send(response, known.status, known.body(), known.headers);
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
  send(response, error.status, error.body(), { ...error.headers, connection: 'close' });
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
