import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Milliseconds, toMicroseconds } from '../../units.ts';
import type { SetUp } from './dial.ts';
import { dial, prepareTls } from './dial.ts';
import { connectionFailure, type Failure, failure, isDefect } from '../http/failures.ts';
import type { Destination, Route } from './network-route.ts';
import { addressOf, destinationOf, proxyParts } from './network-route.ts';

export interface ConnectionFacts {
  ip: string | null;
  /** Duration of the DNS lookup; `null` for an IP address. */
  dns_ms: Milliseconds | null;
  /** Duration of the TCP handshake: one round trip. */
  connect_ms: Milliseconds;
  tls: TlsFacts | null;
  /**
   * Time from a small request, which involves no model, to the first line of its response; `null` if no response came or HTTP/2 was
   * chosen.
   */
  answer_ms: Milliseconds | null;
  /** HTTP version as in the server's response, such as `1.1`; `null` if the response was not HTTP. */
  http: string | null;
}

export interface TlsFacts {
  handshake_ms: Milliseconds;
  version: string | null;
  cipher: string;
  /** The protocol that the server chose; `null` if none. */
  alpn: string | null;
  subject: string | null;
  issuer: string | null;
  /** Expiry date in the certificate's own format. */
  valid_to: string | null;
}

export type ConnectionCheck =
  | { reached: ConnectionFacts; failure: null }
  | { reached: null; failure: Failure };

/** Bytes within which the first line of a response must end. */
const MAX_LINE_BYTES = 4096;

/**
 * Opens one connection, sends `HEAD …/models` without a key, and closes it, to learn about the connection to an endpoint. A failed
 * connection is a result, not an exception.
 * @param offer ALPN protocols, used if there is TLS
 */
export async function checkConnection(
  url: string,
  route: Route,
  offer: readonly ('h2' | 'http/1.1')[],
  timeoutMs: Milliseconds,
): Promise<ConnectionCheck> {
  const to = new URL(url);
  const destination = destinationOf(to);
  const address = addressOf(destination, route);
  const limit = AbortSignal.timeout(timeoutMs);
  const attempt = open(destination, route, offer);
  limit.addEventListener('abort', attempt.cancel);
  try {
    const { socket, setUp } = await attempt.done;
    const milliseconds = (step: keyof SetUp): Milliseconds | null =>
      setUp[step] === null ? null : setUp[step] / 1000;
    const tls = setUp.tls === null ? null : tlsOf(socket as TLSSocket, setUp.tls / 1000);
    const facts = {
      ip: socket.remoteAddress ?? null,
      dns_ms: milliseconds('dns'),
      connect_ms: milliseconds('tcp')!,
      tls,
    };
    if (tls?.alpn === 'h2') return { reached: { ...facts, answer_ms: null, http: '2' }, failure: null };
    const sent = performance.now();
    const { pathPrefix, headers } = proxyParts(to, route);
    const lines = Object.entries({ host: to.host, connection: 'close', ...headers }).map((each) =>
      each.join(': '),
    );
    const path = `${pathPrefix}${to.pathname.replace(/\/$/, '')}/models`;
    socket.write([`HEAD ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    const line = await firstLine(socket, limit);
    const took_ms = toMicroseconds(performance.now() - sent);
    const http = /^HTTP\/(\d(?:\.\d)?) /.exec(line ?? '')?.[1] ?? null;
    return { reached: { ...facts, answer_ms: http === null ? null : took_ms, http }, failure: null };
  } catch (error) {
    if (isDefect(error as Error)) throw error;
    const failed = limit.aborted
      ? failure('timeout', `no connection to ${address} within ${timeoutMs} ms`)
      : connectionFailure(error as Error, { sent: false, headers: false, reused: false, address });
    return { reached: null, failure: failed };
  } finally {
    attempt.cancel();
  }
}

/** Opens a connection; `cancel` closes it or cancels the attempt. */
function open(
  to: Destination,
  route: Route,
  protocols: readonly string[],
): { done: Promise<{ socket: Socket; setUp: SetUp }>; cancel: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<{ socket: Socket; setUp: SetUp }>();
  prepareTls(to, route);
  const cancel = dial(
    to,
    route,
    { now: () => performance.now() * 1000, protocols },
    { created: () => undefined, opened: (socket, setUp) => resolve({ socket, setUp }), failed: reject },
  );
  return {
    done: promise,
    cancel() {
      cancel();
      reject(new Error('cancelled'));
    },
  };
}

function tlsOf(socket: TLSSocket, handshake_ms: Milliseconds): TlsFacts {
  const { subject, issuer, valid_to } = socket.getPeerCertificate();
  const alpn = socket.alpnProtocol;
  return {
    handshake_ms,
    version: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    alpn: typeof alpn === 'string' ? alpn : null,
    subject: textOf(subject?.CN),
    issuer: textOf(issuer?.O) ?? textOf(issuer?.CN),
    valid_to: textOf(valid_to),
  };
}

const textOf = (value: unknown): string | null => {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' && one !== '' ? one : null;
};

/** Returns the first line of the response; `null` if none came. */
function firstLine(socket: Socket, limit: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\n');
      if (end !== -1 || text.length > MAX_LINE_BYTES) resolve(text.slice(0, Math.max(end, 0)).trimEnd());
    });
    socket.once('close', () => resolve(null));
    limit.addEventListener('abort', () => resolve(null));
  });
}
