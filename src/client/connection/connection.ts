import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { HttpClient } from './http-client.ts';
import type { Microseconds } from '../../units.ts';
import type { SetUp } from './dial.ts';
import { dial, offered, withPriorKnowledge } from './dial.ts';
import type { ReadClock } from './read-clock.ts';
import type { Route } from './network-route.ts';
import { destinationOf } from './network-route.ts';
import { SocketReads } from './socket-reads.ts';

export interface ConnectionHandler {
  opened(): void;
  /** The socket was closed, whether or not a request was using it. */
  closed(connection: Connection): void;
}

/** State that the connections to one server share. */
export interface Server {
  origin: string;
  route: Route;
  now: () => Microseconds;
  reads: ReadClock;
  /** The latest TLS session, which the next handshake resumes. */
  session: Buffer | null;
}

export interface BodyReader {
  /**
   * All bytes of a read have been parsed.
   * @param arrivedBy an instant by which its bytes had arrived, if they are a single event; else `null`
   */
  readEnded(arrivedBy: Microseconds | null): void;
}

/**
 * Bytes that one TCP segment carries on every path (RFC 8200 §5: 1,280 bytes, minus 60 of headers). More bytes may have arrived in
 * several segments, the last of them after the kernel reported the first.
 */
const ONE_SEGMENT = 1220;

/**
 * An idle socket is closed before common servers close it (5 s in uvicorn, so in vLLM and SGLang), because a request that is sent while
 * the server closes the socket fails. If a server announces its own timeout, undici uses that.
 */
const KEEP_ALIVE_MS = 4000;

const CR = 13;

type Where = Pick<buildConnector.Options, 'protocol' | 'hostname' | 'port'>;

/** A connection that carries one request at a time: an undici client whose socket is opened and observed here. */
export class Connection {
  readonly http: HttpClient;
  readonly #server: Server;
  readonly #handler: ConnectionHandler;
  #socket: Socket | null = null;
  #cancel: () => void = () => undefined;
  #readAt: Microseconds = 0;
  /** The connection uses HTTP/2, for which Node reads the socket itself. */
  isHttp2 = false;
  /**
   * Reads the current response body. While it is set, undici gets the shared read buffer instead of a copy: undici keeps references to
   * the bytes of an incomplete head, but not to those of a body. (It keeps those of trailers, which are never read here.)
   */
  body: BodyReader | null = null;
  /** Event-loop iteration of the latest read. */
  #iteration = 0;
  /** Instant by which the bytes of the latest read had arrived, if they are one event. */
  #arrivedBy: Microseconds | null = null;
  /**
   * The first error of the socket. undici loses it if the other side then closes the connection, as after a TLS 1.3 alert, which is how a
   * server rejects a client after the handshake.
   */
  brokenBy: Error | null = null;
  setUp: SetUp | null = null;
  sent = 0;
  /** The socket was opened before a request needed it. */
  isPrepared = false;
  #prepared: Socket | null = null;
  /** When the last response on it was complete, and when a request last took it from the free connections. */
  freedAt: Microseconds | null = null;
  takenAt: Microseconds | null = null;

  constructor(server: Server, handler: ConnectionHandler) {
    this.#server = server;
    this.#handler = handler;
    this.http = new HttpClient(server.origin, {
      connect: (options, callback) => this.#connect(options, callback),
      allowH2: server.route.http2,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    this.http.on('disconnect', () => handler.closed(this));
    this.http.on('connectionError', () => handler.closed(this));
  }

  /**
   * Instant of the latest read: one clock reading per read, before undici parses anything. If HTTP/2 was requested, the current instant,
   * at which a frame is delivered.
   */
  get readAt(): Microseconds {
    return this.#server.route.http2 ? Math.round(this.#server.now()) : this.#readAt;
  }

  get isReady(): boolean {
    return this.#socket !== null && !this.#socket.destroyed;
  }

  /** Opens the socket before a request needs it. Resolves with the error, or `null`. */
  prepare(): Promise<Error | null> {
    const { protocol, hostname, port } = new URL(this.#server.origin);
    return new Promise((resolve) => {
      this.#open({ protocol, hostname, port }, (error, socket) => {
        if (error === null) {
          this.isPrepared = true;
          this.#prepared = socket;
          socket.once('close', () => this.#handler.closed(this));
        }
        resolve(error);
      });
    });
  }

  /** Closes the connection immediately; a request in progress fails. */
  async destroy(): Promise<void> {
    // undici's HTTP/2 treats a socket that is closed under it as its own error.
    if (!this.isHttp2) this.#cancel();
    await this.http.destroy();
    this.#cancel();
  }

  #connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared !== null && !prepared.destroyed) {
      // undici expects the callback after `connect` has returned.
      queueMicrotask(() => callback(null, prepared));
      return;
    }
    this.isPrepared = false;
    this.#open(options, callback);
  }

  #open({ hostname, port, protocol }: Where, callback: buildConnector.Callback): void {
    const server = this.#server;
    const { http2 } = server.route;
    // TLS may hold bytes back, including the TLS of a proxy.
    const isPolled = protocol !== 'https:' && server.route.proxy?.isTls !== true;
    const reads = new SocketReads({
      began: (bytes) => this.#readBegan(bytes, isPolled),
      ended: () => this.body?.readEnded(this.#arrivedBy),
    });
    const to = destinationOf({ protocol, hostname, port });
    this.#cancel = dial(
      to,
      server.route,
      {
        now: server.now,
        protocols: offered(server.route),
        ...(http2 ? {} : { onread: reads.onread }),
        session: server.session,
        onSession: (session) => {
          server.session = session;
        },
      },
      {
        created: (socket, sharesBuffer) => {
          if (sharesBuffer) reads.attach(socket);
          else if (!http2) reads.observe(socket);
          this.#socket = socket;
          this.brokenBy = null;
          socket.once('error', (error) => (this.brokenBy = error));
          this.body = null;
          this.sent = 0;
        },
        opened: (socket, setUp) => {
          this.setUp = setUp;
          withPriorKnowledge(socket, to, server.route);
          this.isHttp2 = http2 && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
          this.#handler.opened();
          callback(null, socket);
        },
        failed: (error) => callback(error, null),
      },
    );
  }

  /** @param isPolled the kernel reported these bytes directly, without a layer that may hold bytes back */
  #readBegan(bytes: Buffer, isPolled: boolean): boolean {
    const { reads } = this.#server;
    this.#readAt = reads.read();
    const isFirst = this.#iteration !== reads.iteration;
    this.#iteration = reads.iteration;
    // A leading CR ends the previous chunk: the kernel's report may have been about those bytes only.
    const isOne = isPolled && isFirst && this.body !== null && bytes.length <= ONE_SEGMENT && bytes[0] !== CR;
    this.#arrivedBy = isOne ? reads.share() : null;
    return this.body !== null;
  }
}
