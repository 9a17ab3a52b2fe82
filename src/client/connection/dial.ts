import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import { checkServerIdentity, connect as connectTls, createSecureContext, getCACertificates } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Microseconds } from '../../units.ts';
import type { Destination, ProxyRoute, Route, TlsRoute } from './network-route.ts';
import { authority, destinationOf } from './network-route.ts';
import { openTunnel } from './tunnel.ts';

/** Duration of each step of opening a connection; `null` for a step that did not take place. */
export interface SetUp {
  total: Microseconds;
  dns: Microseconds | null;
  tcp: Microseconds | null;
  /** TLS with the proxy, and the proxy's response. */
  proxy: Microseconds | null;
  tls: Microseconds | null;
}

export interface DialOptions {
  now: () => Microseconds;
  /** ALPN protocols to offer, in order of preference. */
  protocols: readonly string[];
  /** Makes the socket read into the caller's buffer instead of emitting data. */
  onread?: OnReadOpts;
  session?: Buffer | null;
  onSession?(session: Buffer): void;
}

export interface DialHandler {
  /**
   * The socket for the requests was created but is not open yet.
   * @param sharesBuffer it reads into the caller's buffer; TLS over another socket does not, because Node's TLSSocket ignores `onread`
   */
  created(socket: Socket, sharesBuffer: boolean): void;
  opened(socket: Socket, setUp: SetUp): void;
  /** Called at most once, and only instead of `opened`. */
  failed(error: Error): void;
}

/**
 * Opens one connection along a route and times its steps.
 * @returns a function that cancels the attempt without calling the handler
 */
export function dial(to: Destination, route: Route, options: DialOptions, handler: DialHandler): () => void {
  const attempt = new ConnectionAttempt(to, route, options, handler);
  attempt.begin();
  return () => attempt.cancel();
}

class ConnectionAttempt {
  readonly #to: Destination;
  readonly #route: Route;
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  readonly #started: Microseconds;
  #sockets: Socket[] = [];
  #resolved: Microseconds | null = null;
  #connected: Microseconds | null = null;
  #tunnelled: Microseconds | null = null;
  #isPending = true;

  constructor(to: Destination, route: Route, options: DialOptions, handler: DialHandler) {
    this.#to = to;
    this.#route = route;
    this.#options = options;
    this.#handler = handler;
    this.#started = Math.round(options.now());
  }

  begin(): void {
    const { proxy } = this.#route;
    const { isTls } = this.#to;
    const { onread } = this.#options;
    if (proxy !== null && isTls) this.#beginTunnel(proxy);
    else if (proxy?.isTls === true)
      this.#openSocket(
        connectTls({ ...this.#target(proxy, onread), ...tlsOptions(proxy.host, proxy.tls) }),
        'secureConnect',
      );
    else if (isTls)
      this.#openSocket(connectTls({ ...this.#target(this.#to, onread), ...this.#tls() }), 'secureConnect');
    else this.#openSocket(connectTcp(this.#target(proxy ?? this.#to, onread)), 'connect');
  }

  cancel(): void {
    this.#isPending = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  #beginTunnel(proxy: ProxyRoute): void {
    const target = this.#target(proxy, undefined);
    const socket = proxy.isTls
      ? connectTls({ ...target, ...tlsOptions(proxy.host, proxy.tls) })
      : connectTcp(target);
    const name = authority(proxy);
    this.#watch(socket, (error) => Object.assign(error, { message: `the proxy ${name}: ${error.message}` }));
    socket.once(proxy.isTls ? 'secureConnect' : 'connect', () =>
      openTunnel(socket, proxy, this.#to, (refusal) => {
        if (refusal !== null) this.#fail(refusal);
        else if (this.#isPending) {
          this.#tunnelled = this.#now();
          this.#openSocket(connectTls({ socket, ...this.#tls() }), 'secureConnect', false);
        }
      }),
    );
  }

  /** Creates the socket that carries the requests. */
  #openSocket(
    socket: Socket,
    opened: 'connect' | 'secureConnect',
    sharesBuffer = this.#options.onread !== undefined,
  ): void {
    this.#watch(socket);
    if (this.#options.onSession !== undefined) socket.on('session', this.#options.onSession);
    this.#handler.created(socket, sharesBuffer);
    socket.once(opened, () => {
      this.#isPending = false;
      this.#handler.opened(socket, this.#setUp(this.#now()));
    });
  }

  #watch(socket: Socket, describe = (error: Error): Error => error): void {
    this.#sockets.push(socket);
    // The listener stays for the life of the socket: an error without a listener would end the process.
    socket.on('error', (error) => this.#fail(describe(error)));
    socket.once('lookup', () => (this.#resolved ??= this.#now()));
    socket.once('connect', () => (this.#connected ??= this.#now()));
  }

  #fail(error: Error): void {
    if (!this.#isPending) return;
    this.cancel();
    this.#handler.failed(error);
  }

  #setUp(at: Microseconds): SetUp {
    const { isTls } = this.#to;
    const { proxy } = this.#route;
    const resolved = this.#resolved ?? this.#started;
    // Without TLS the socket is open as soon as it is connected.
    const connected = (isTls || proxy?.isTls === true ? this.#connected : null) ?? at;
    const tunnelled = this.#tunnelled ?? (isTls ? connected : at);
    return {
      total: at - this.#started,
      dns: this.#resolved === null ? null : resolved - this.#started,
      tcp: connected - resolved,
      proxy: proxy === null || tunnelled === connected ? null : tunnelled - connected,
      tls: isTls ? at - tunnelled : null,
    };
  }

  #now(): Microseconds {
    return Math.round(this.#options.now());
  }

  /** Returns where to connect a socket: the Unix socket, the configured address of the host, or the host. */
  #target({ host, port }: Pick<Destination, 'host' | 'port'>, onread: OnReadOpts | undefined): Target {
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
      ...tlsOptions(tls.servername ?? this.#to.host, tls),
      ...(session === null ? {} : { session }),
      ALPNProtocols: [...protocols],
    };
  }
}

const SOCKET = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

type Target = typeof SOCKET & { onread?: OnReadOpts } & ({ path: string } | { host: string; port: number });

const tlsOptions = (name: string, tls: TlsRoute): ConnectionOptions => ({
  // SNI does not allow addresses (RFC 6066 §3).
  ...(isIP(name) === 0 ? { servername: name } : {}),
  secureContext: contextOf(tls),
  rejectUnauthorized: !tls.insecure,
  // `name` counts even if the socket is connected to a Unix socket, a configured address or a proxy.
  checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
});

/** TLS contexts, shared by the connections of a route. */
const contexts = new WeakMap<TlsRoute, SecureContext>();

/**
 * Builds the TLS contexts of a route. Reading about 140 certificates takes 15 ms the first time, which is part of no step of a connection
 * and of no request: call it before the first request.
 */
export function prepareTls({ isTls }: Pick<Destination, 'isTls'>, { tls, proxy }: Route): void {
  if (isTls) contexts.set(tls, contextFor(tls));
  if (proxy?.isTls === true) contexts.set(proxy.tls, contextFor(proxy.tls));
}

const contextOf = (tls: TlsRoute): SecureContext => contexts.get(tls) ?? contextFor(tls);

const contextFor = ({ ca, cert, key }: TlsRoute): SecureContext =>
  createSecureContext({
    // `ca` replaces the default certificates, which must stay trusted.
    ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(cert === null || key === null ? {} : { cert, key }),
  });

export const offered = ({ http2 }: Route): readonly string[] => (http2 ? ['h2', 'http/1.1'] : ['http/1.1']);

/** Marks a plain socket as HTTP/2 if requested: without TLS there is no negotiation (prior knowledge, RFC 9113 §3.3). */
export function withPriorKnowledge(socket: Socket, { isTls }: Destination, { http2 }: Route): Socket {
  return http2 && !isTls ? Object.assign(socket, { alpnProtocol: 'h2' }) : socket;
}

/**
 * Returns a connector for an undici client whose requests are not measured. `close` ends its connections, including those that are not
 * open yet.
 */
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
          created: () => undefined,
          opened: (socket) => callback(null, withPriorKnowledge(socket, to, route)),
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
