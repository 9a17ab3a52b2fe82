import type { ServerResponse } from 'node:http';
import type { RequestFaultKind } from '../../faults.ts';
import { ApiError } from './api-error.ts';
import { errorBody } from './replies.ts';
import type { Wire } from './wire.ts';

/** Bytes that were sent have reached the client by then: a reset may throw away what was not read yet. */
const BEFORE_RESET_MS = 100;

const DIED = 'the engine died (a fault that was asked for)';

interface Broken {
  response: ServerResponse;
  wire: Wire;
}

/** Whether a fault comes after some tokens, and ends the answer. */
export const breaksOff = (kind: RequestFaultKind): boolean =>
  ['reset', 'hang', 'error', 'truncate', 'malformed'].includes(kind);

/** Breaks a stream off. Of a `hang` nothing is to be done: nothing more is written, and the socket stays until the client leaves. */
export function breakStream(kind: RequestFaultKind, { response, wire }: Broken): void {
  switch (kind) {
    case 'reset':
      setTimeout(() => response.socket?.resetAndDestroy(), BEFORE_RESET_MS);
      break;
    case 'error':
      response.end(wire.error(DIED));
      break;
    case 'malformed':
      response.end(wire.malformed());
      break;
    case 'truncate':
      response.end();
      break;
    default:
  }
}

/** The same for an answer that does not stream. */
export function breakWhole(
  kind: RequestFaultKind,
  { response, wire }: Broken,
  send: (status: number, body: string, headers?: Readonly<Record<string, string>>) => void,
): void {
  const half = wire.whole().slice(0, 40);
  switch (kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
    case 'error':
      send(500, errorBody(response, new ApiError(500, DIED, { type: 'server_error' })));
      break;
    case 'malformed':
      send(200, half);
      break;
    case 'truncate':
      send(200, half, { 'content-length': String(half.length + 1) });
      response.socket?.destroySoon();
      break;
    default:
  }
}
