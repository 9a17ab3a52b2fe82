import type { Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { Milliseconds } from '../units.ts';
import { connectionFailure, type Failure, failure } from './failures.ts';

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
 * Opens one connection, asks `HEAD …/models` without any key, and closes it: what the way to an endpoint is like. Never throws.
 * @param offer by ALPN, where there is TLS
 */
export async function reach(
  url: string,
  offer: readonly ('h2' | 'http/1.1')[],
  timeoutMs: Milliseconds,
): Promise<Reaching> {
  const { hostname, port: written, protocol, host, pathname } = new URL(url);
  const isTls = protocol === 'https:';
  const port = Number(written) || (isTls ? 443 : 80);
  const name = hostname.replaceAll(/[[\]]/g, '');
  const address = `${hostname}:${port}`;
  const limit = AbortSignal.timeout(timeoutMs);
  const began = performance.now();
  let attempt = began;
  const tcp = connectTcp({ host: name, port, noDelay: true });
  tcp.on('connectionAttempt', () => (attempt = performance.now()));
  let socket: Socket = tcp;
  try {
    await happened(tcp, 'connect', limit);
    const connected = performance.now();
    const dns_ms = isIP(name) === 0 ? attempt - began : null;
    const ip = tcp.remoteAddress ?? null;
    let tls: ReachedTls | null = null;
    if (isTls) {
      const secured = secure(tcp, name, offer);
      socket = secured;
      await happened(secured, 'secureConnect', limit);
      tls = tlsOf(secured, performance.now() - connected);
    }
    const way = { ip, dns_ms, connect_ms: connected - attempt, tls };
    if (tls?.alpn === 'h2') return { reached: { ...way, answer_ms: null, http: '2' }, failure: null };
    const asked = performance.now();
    socket.write(
      `HEAD ${pathname.replace(/\/$/, '')}/models HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
    );
    const line = await firstLine(socket, limit);
    const answer_ms = line === null ? null : performance.now() - asked;
    const http = /^HTTP\/(\d(?:\.\d)?) /.exec(line ?? '')?.[1] ?? null;
    return { reached: { ...way, answer_ms, http }, failure: null };
  } catch (error) {
    const failed = limit.aborted
      ? failure('timeout', `no connection to ${address} within ${timeoutMs} ms`)
      : connectionFailure(error as Error, { sent: false, headers: false, reused: false, address });
    return { reached: null, failure: failed };
  } finally {
    socket.destroy();
    tcp.destroy();
  }
}

/** @throws what the socket fails with before, or the limit */
function happened(socket: Socket, event: string, limit: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // It stays for the life of the socket: an error without a listener would end the process.
    socket.on('error', reject);
    socket.once(event, () => resolve());
    limit.addEventListener('abort', () => reject(limit.reason as Error));
  });
}

function secure(socket: Socket, name: string, offer: readonly string[]): TLSSocket {
  // An address is no name to ask for (RFC 6066 §3).
  const who = isIP(name) === 0 ? { servername: name } : { host: name };
  return connectTls({ socket, ...who, ALPNProtocols: [...offer] });
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
