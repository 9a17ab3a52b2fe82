import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { connect as connectTls, createSecureContext, getCACertificates } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Microseconds } from '../units.ts';
import type { Route, TlsRoute } from './route.ts';

/** Where to, as the URL says. */
export interface Destination {
  isTls: boolean;
  /** A name or an address, without brackets. */
  host: string;
  port: number;
}

/** How long each step of opening a connection took; `null`: there was no such step. */
export interface SetUp {
  total: Microseconds;
  dns: Microseconds | null;
  tcp: Microseconds | null;
  tls: Microseconds | null;
}

export interface DialOptions {
  now: () => Microseconds;
  /** Protocols to offer (ALPN), the best first. */
  protocols: readonly string[];
  /** Reads into a buffer of the caller's instead of emitting data. */
  onread?: OnReadOpts;
  /** A TLS session to resume, and who is told of new ones. */
  session?: Buffer | null;
  onSession?(session: Buffer): void;
}

export interface DialHandler {
  /** The socket that will carry the requests is there, and not open yet. */
  made(socket: Socket): void;
  opened(socket: Socket, setUp: SetUp): void;
  /** Once, and only instead of `opened`. */
  failed(error: Error): void;
}

/** Opens one connection along a route, and times its steps. */
export function dial(to: Destination, route: Route, options: DialOptions, handler: DialHandler): void {
  const { now } = options;
  const began = Math.round(now());
  let resolved: Microseconds | null = null;
  let connected: Microseconds | null = null;
  const socket = to.isTls ? tlsSocket(to, route, options) : connectTcp(tcpOptions(to, options.onread));
  handler.made(socket);
  let waiting = true;
  // It stays for the life of the socket: an error without a listener would end the process.
  socket.on('error', (error) => {
    if (!waiting) return;
    waiting = false;
    handler.failed(error);
  });
  socket.once('lookup', () => {
    resolved = Math.round(now());
  });
  const opened = (): void => {
    waiting = false;
    const at = Math.round(now());
    handler.opened(socket, {
      total: at - began,
      dns: resolved === null ? null : resolved - began,
      tcp: (connected ?? at) - (resolved ?? began),
      tls: connected === null ? null : at - connected,
    });
  };
  if (to.isTls) {
    socket.once('connect', () => {
      connected = Math.round(now());
    });
    socket.once('secureConnect', opened);
  } else socket.once('connect', opened);
}

/** For a client of undici's whose requests nobody measures; `close` ends what it opened, also what never got open. */
export function connector(route: Route): { connect: buildConnector.connector; close(): void } {
  const sockets = new Set<Socket>();
  return {
    connect({ hostname, port, protocol }, callback) {
      const isTls = protocol === 'https:';
      dial(
        { isTls, host: hostname, port: Number(port) || (isTls ? 443 : 80) },
        route,
        { now: () => performance.now() * 1000, protocols: ['http/1.1'] },
        {
          made: (socket) => sockets.add(socket),
          opened: (socket) => callback(null, socket),
          failed: (error) => callback(error, null),
        },
      );
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

interface TcpOptions {
  host: string;
  port: number;
  noDelay: boolean;
  keepAlive: boolean;
  keepAliveInitialDelay: number;
  onread?: OnReadOpts;
}

const tcpOptions = ({ host, port }: Destination, onread: OnReadOpts | undefined): TcpOptions => ({
  host,
  port,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  ...(onread === undefined ? {} : { onread }),
});

function tlsSocket(to: Destination, { tls }: Route, options: DialOptions): TLSSocket {
  const { onread, session = null, onSession } = options;
  // An address is no name to ask for (RFC 6066 §3).
  const name = tls.servername ?? (isIP(to.host) === 0 ? to.host : '');
  const socket = connectTls({
    ...tcpOptions(to, onread),
    ...(name === '' ? {} : { servername: name }),
    ...(session === null ? {} : { session }),
    ...trust(tls),
    rejectUnauthorized: !tls.insecure,
    ALPNProtocols: [...options.protocols],
  });
  if (onSession !== undefined) socket.on('session', onSession);
  return socket;
}

/** Reading some 140 certificates takes milliseconds: once for a route, and not at all where Node's own way will do. */
const contexts = new WeakMap<TlsRoute, SecureContext>();

function trust(tls: TlsRoute): { secureContext?: SecureContext } {
  if (tls.ca === null && tls.cert === null) return {};
  let context = contexts.get(tls);
  if (context === undefined) {
    context = createSecureContext({
      // `ca` takes the place of the default ones, which stay trusted.
      ...(tls.ca === null ? {} : { ca: [...getCACertificates('default'), tls.ca] }),
      ...(tls.cert === null || tls.key === null ? {} : { cert: tls.cert, key: tls.key }),
    });
    contexts.set(tls, context);
  }
  return { secureContext: context };
}
