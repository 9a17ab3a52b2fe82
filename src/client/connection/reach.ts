import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Milliseconds, toMicroseconds } from '../../units.ts';
import type { SetUp } from './dial.ts';
import { dial, prepareTls } from './dial.ts';
import { connectionFailure, type Failure, failure, isDefect } from '../http/failures.ts';
import type { Destination, Route } from './route.ts';
import { addressOf, destinationOf, forwarded } from './route.ts';

/** What one new connection showed. */
export interface Reached {
  /** The address that answered. */
  ip: string | null;
  /** To resolve the name; `null` for an address. */
  dns_ms: Milliseconds | null;
  /** TCP's handshake: one round trip. */
  connect_ms: Milliseconds;
  tls: ReachedTls | null;
  /** From a small request to the first line of its answer, which asks nothing of any model; `null`: none came, or HTTP/2 was chosen. */
  answer_ms: Milliseconds | null;
  /** As the server writes it, `1.1`; `null` where it wrote no HTTP. */
  http: string | null;
}

export interface ReachedTls {
  handshake_ms: Milliseconds;
  /** `TLSv1.3`. */
  version: string | null;
  cipher: string;
  /** What the server chose of what it was offered; `null`: it chose nothing. */
  alpn: string | null;
  subject: string | null;
  issuer: string | null;
  /** As the certificate has it. */
  valid_to: string | null;
}

export type Reaching = { reached: Reached; failure: null } | { reached: null; failure: Failure };

/** An answer's first line is looked for in so many bytes. */
const HEAD_BYTES = 4096;

/**
 * Opens one connection, asks `HEAD …/models` without any key, and closes it: what the way to an endpoint is like. A failure of the connection is a result, not an exception.
 * @param offer by ALPN, where there is TLS
 */
export async function reach(
  url: string,
  route: Route,
  offer: readonly ('h2' | 'http/1.1')[],
  timeoutMs: Milliseconds,
): Promise<Reaching> {
  const to = new URL(url);
  const destination = destinationOf(to);
  const address = addressOf(destination, route);
  const limit = AbortSignal.timeout(timeoutMs);
  const opening = open(destination, route, offer);
  limit.addEventListener('abort', opening.cancel);
  try {
    const { socket, setUp } = await opening.done;
    const milliseconds = (step: keyof SetUp): Milliseconds | null =>
      setUp[step] === null ? null : setUp[step] / 1000;
    const tls = setUp.tls === null ? null : tlsOf(socket as TLSSocket, setUp.tls / 1000);
    const way = {
      ip: socket.remoteAddress ?? null,
      dns_ms: milliseconds('dns'),
      connect_ms: milliseconds('tcp')!,
      tls,
    };
    if (tls?.alpn === 'h2') return { reached: { ...way, answer_ms: null, http: '2' }, failure: null };
    const asked = performance.now();
    const { before, headers } = forwarded(to, route);
    const lines = Object.entries({ host: to.host, connection: 'close', ...headers }).map((each) =>
      each.join(': '),
    );
    const path = `${before}${to.pathname.replace(/\/$/, '')}/models`;
    socket.write([`HEAD ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    const line = await firstLine(socket, limit);
    const took_ms = toMicroseconds(performance.now() - asked);
    const http = /^HTTP\/(\d(?:\.\d)?) /.exec(line ?? '')?.[1] ?? null;
    return { reached: { ...way, answer_ms: http === null ? null : took_ms, http }, failure: null };
  } catch (error) {
    if (isDefect(error as Error)) throw error;
    const failed = limit.aborted
      ? failure('timeout', `no connection to ${address} within ${timeoutMs} ms`)
      : connectionFailure(error as Error, { sent: false, headers: false, reused: false, address });
    return { reached: null, failure: failed };
  } finally {
    opening.cancel();
  }
}

/** `cancel` closes it, and fails what is not open yet. */
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
    { made: () => undefined, opened: (socket, setUp) => resolve({ socket, setUp }), failed: reject },
  );
  return {
    done: promise,
    cancel() {
      cancel();
      reject(new Error('given up'));
    },
  };
}

function tlsOf(socket: TLSSocket, handshake_ms: Milliseconds): ReachedTls {
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

/** @returns `null` where none came */
function firstLine(socket: Socket, limit: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\n');
      if (end !== -1 || text.length > HEAD_BYTES) resolve(text.slice(0, Math.max(end, 0)).trimEnd());
    });
    socket.once('close', () => resolve(null));
    limit.addEventListener('abort', () => resolve(null));
  });
}
