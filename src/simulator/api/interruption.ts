import type { ServerResponse } from 'node:http';
import type { RequestFaultKind } from '../../faults.ts';
import { ApiError } from './api-error.ts';
import { errorBody } from './replies.ts';
import type { Wire } from './wire.ts';

/** Delay after which the client has received what was sent: a reset may discard bytes that were not read yet. */
const RESET_DELAY_MS = 100;

const ENGINE_DIED = 'the engine died (injected fault)';

interface Interrupted {
  response: ServerResponse;
  wire: Wire;
}

/** Returns true if a fault ends the answer after some tokens. */
export const interruptsAnswer = (kind: RequestFaultKind): boolean =>
  ['reset', 'hang', 'error', 'truncate', 'malformed'].includes(kind);

/** Interrupts a stream. A `hang` requires no action: nothing more is written, and the socket stays open until the client leaves. */
export function interruptStream(kind: RequestFaultKind, { response, wire }: Interrupted): void {
  switch (kind) {
    case 'reset':
      setTimeout(() => response.socket?.resetAndDestroy(), RESET_DELAY_MS);
      break;
    case 'error':
      response.end(wire.error(ENGINE_DIED));
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

export function interruptDocument(
  kind: RequestFaultKind,
  { response, wire }: Interrupted,
  send: (status: number, body: string, headers?: Readonly<Record<string, string>>) => void,
): void {
  const half = wire.document().slice(0, 40);
  switch (kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
    case 'error':
      send(500, errorBody(response, new ApiError(500, ENGINE_DIED, { type: 'server_error' })));
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
