import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import { checkServerIdentity, connect as connectTls, createSecureContext, getCACertificates } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Microseconds } from '../../units.ts';
import type { Destination, ProxyRoute, Route, TlsRoute } from './route.ts';
import { authority, destinationOf } from './route.ts';
import { openTunnel } from './tunnel.ts';

/** How long each step of opening a connection took; `null`: there was no such step. */
export interface SetUp {
  total: Microseconds;
  dns: Microseconds | null;
  tcp: Microseconds | null;
  /** TLS with the proxy, and its answer. */
  proxy: Microseconds | null;
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
  /**
   * The socket that will carry the requests is there, and not open yet.
   * @param isLent it reads into the caller's buffer: one over another socket does not (Node's TLSSocket leaves `onread` out)
   */
  made(socket: Socket, isLent: boolean): void;
  opened(socket: Socket, setUp: SetUp): void;
  /** Once, and only instead of `opened`. */
  failed(error: Error): void;
}

/**
 * Opens one connection along a route, and times its steps.
 * @returns ends whatever has been begun, without a further word
 */
export function dial(to: Destination, route: Route, options: DialOptions, handler: DialHandler): () => void {
  const opening = new Opening(to, route, options, handler);
  opening.begin();
  return () => opening.cancel();
}

class Opening {
  readonly #to: Destination;
  readonly #route: Route;
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  readonly #began: Microseconds;
  #sockets: Socket[] = [];
  #resolved: Microseconds | null = null;
  #connected: Microseconds | null = null;
  #tunnelled: Microseconds | null = null;
  #waiting = true;

  constructor(to: Destination, route: Route, options: DialOptions, handler: DialHandler) {
    this.#to = to;
    this.#route = route;
    this.#options = options;
    this.#handler = handler;
    this.#began = Math.round(options.now());
  }

  begin(): void {
    const { proxy } = this.#route;
    const { isTls } = this.#to;
    const { onread } = this.#options;
    if (proxy !== null && isTls) this.#beginTunnel(proxy);
    else if (proxy?.isTls === true)
      this.#final(
        connectTls({ ...this.#place(proxy, onread), ...asked(proxy.host, proxy.tls) }),
        'secureConnect',
      );
    else if (isTls)
      this.#final(connectTls({ ...this.#place(this.#to, onread), ...this.#tls() }), 'secureConnect');
    else this.#final(connectTcp(this.#place(proxy ?? this.#to, onread)), 'connect');
  }

  cancel(): void {
    this.#waiting = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  #beginTunnel(proxy: ProxyRoute): void {
    const place = this.#place(proxy, undefined);
    const socket = proxy.isTls
      ? connectTls({ ...place, ...asked(proxy.host, proxy.tls) })
      : connectTcp(place);
    const name = authority(proxy);
    this.#watch(socket, (error) => Object.assign(error, { message: `the proxy ${name}: ${error.message}` }));
    socket.once(proxy.isTls ? 'secureConnect' : 'connect', () =>
      openTunnel(socket, proxy, this.#to, (refusal) => {
        if (refusal !== null) this.#fail(refusal);
        else if (this.#waiting) {
          this.#tunnelled = this.#now();
          this.#final(connectTls({ socket, ...this.#tls() }), 'secureConnect', false);
        }
      }),
    );
  }

  /** The socket that carries the requests. */
  #final(
    socket: Socket,
    opened: 'connect' | 'secureConnect',
    isLent = this.#options.onread !== undefined,
  ): void {
    this.#watch(socket);
    if (this.#options.onSession !== undefined) socket.on('session', this.#options.onSession);
    this.#handler.made(socket, isLent);
    socket.once(opened, () => {
      this.#waiting = false;
      this.#handler.opened(socket, this.#setUp(this.#now()));
    });
  }

  #watch(socket: Socket, said = (error: Error): Error => error): void {
    this.#sockets.push(socket);
    // It stays for the life of the socket: an error without a listener would end the process.
    socket.on('error', (error) => this.#fail(said(error)));
    socket.once('lookup', () => (this.#resolved ??= this.#now()));
    socket.once('connect', () => (this.#connected ??= this.#now()));
  }

  #fail(error: Error): void {
    if (!this.#waiting) return;
    this.cancel();
    this.#handler.failed(error);
  }

  #setUp(at: Microseconds): SetUp {
    const { isTls } = this.#to;
    const { proxy } = this.#route;
    const resolved = this.#resolved ?? this.#began;
    // Without TLS the socket is open the moment it is connected.
    const connected = (isTls || proxy?.isTls === true ? this.#connected : null) ?? at;
    const tunnelled = this.#tunnelled ?? (isTls ? connected : at);
    return {
      total: at - this.#began,
      dns: this.#resolved === null ? null : resolved - this.#began,
      tcp: connected - resolved,
      proxy: proxy === null || tunnelled === connected ? null : tunnelled - connected,
      tls: isTls ? at - tunnelled : null,
    };
  }

  #now(): Microseconds {
    return Math.round(this.#options.now());
  }

  /** Where a socket goes: to the Unix socket, the address that stands for the name, or the name. */
  #place({ host, port }: Pick<Destination, 'host' | 'port'>, onread: OnReadOpts | undefined): Place {
    const { unixSocket, resolve } = this.#route;
    const common = { ...SOCKET, ...(onread === undefined ? {} : { onread }) };
    if (unixSocket !== null) return { ...common, path: unixSocket };
    const known = resolve.find((each) => each.port === port && each.host === host.toLowerCase());
    return { ...common, host: known?.address ?? host, port };
  }

  #tls(): ConnectionOptions {
    const { tls } = this.#route;
    const { session = null, protocols } = this.#options;
    return {
      ...asked(tls.servername ?? this.#to.host, tls),
      ...(session === null ? {} : { session }),
      ALPNProtocols: [...protocols],
    };
  }
}

const SOCKET = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

type Place = typeof SOCKET & { onread?: OnReadOpts } & ({ path: string } | { host: string; port: number });

/** What is asked of the other side of a TLS socket, which `name` stands for. */
const asked = (name: string, tls: TlsRoute): ConnectionOptions => ({
  // An address is no name to ask for (RFC 6066 §3).
  ...(isIP(name) === 0 ? { servername: name } : {}),
  secureContext: contextOf(tls),
  rejectUnauthorized: !tls.insecure,
  // Whatever was connected to: a Unix socket, an address in place of the name, a proxy.
  checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
});

/** The TLS context of a route, which its connections share. */
const contexts = new WeakMap<TlsRoute, SecureContext>();

/**
 * Builds the TLS contexts for the connections along a route. Reading some 140 certificates takes 15 ms the first time, which
 * belong to no step of a connection and to no request: call it before there are any.
 */
export function prepareTls({ isTls }: Pick<Destination, 'isTls'>, { tls, proxy }: Route): void {
  if (isTls) contexts.set(tls, contextFor(tls));
  if (proxy?.isTls === true) contexts.set(proxy.tls, contextFor(proxy.tls));
}

const contextOf = (tls: TlsRoute): SecureContext => contexts.get(tls) ?? contextFor(tls);

const contextFor = ({ ca, cert, key }: TlsRoute): SecureContext =>
  createSecureContext({
    // `ca` takes the place of the default ones, which stay trusted.
    ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(cert === null || key === null ? {} : { cert, key }),
  });

/** Protocols to offer (ALPN), the best first. */
export const offered = ({ http2 }: Route): readonly string[] => (http2 ? ['h2', 'http/1.1'] : ['http/1.1']);

/** Without TLS there is no one to ask: who wants HTTP/2 there knows that the server speaks it (RFC 9113 §3.3). */
export function withKnownProtocol(socket: Socket, { isTls }: Destination, { http2 }: Route): Socket {
  return http2 && !isTls ? Object.assign(socket, { alpnProtocol: 'h2' }) : socket;
}

/** For a client of undici's whose requests nobody measures; `close` ends what it opened, also what never got open. */
export function connector(route: Route): { connect: buildConnector.connector; close(): void } {
  const cancels: (() => void)[] = [];
  return {
    connect(options, callback) {
      const to = destinationOf({ ...options, port: options.port ?? '' });
      prepareTls(to, route);
      const cancel = dial(
        to,
        route,
        { now: () => performance.now() * 1000, protocols: offered(route) },
        {
          made: () => undefined,
          opened: (socket) => callback(null, withKnownProtocol(socket, to, route)),
          failed: (error) => callback(error, null),
        },
      );
      cancels.push(cancel);
    },
    close() {
      for (const cancel of cancels) cancel();
    },
  };
}
