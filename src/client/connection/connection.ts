import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { Client as HttpClient } from 'undici';
import type { Microseconds } from '../../units.ts';
import type { SetUp } from './dial.ts';
import { dial, offered, withKnownProtocol } from './dial.ts';
import type { ReadClock } from './read-clock.ts';
import type { Route } from './route.ts';
import { destinationOf } from './route.ts';
import { SocketReads } from './socket-reads.ts';

export interface ConnectionHandler {
  opened(): void;
  /** Its socket is gone, whether a request was using it or not. */
  closed(connection: Connection): void;
}

/** What the connections to one server share. */
export interface Server {
  origin: string;
  route: Route;
  now: () => Microseconds;
  reads: ReadClock;
  /** The latest TLS session, to be resumed by the next handshake. */
  session: Buffer | null;
}

/** Reads the body of a response. */
export interface BodyReader {
  /**
   * A read has been read whole.
   * @param turnAt the instant by which what it brought had come, if that was one event and nothing else; or `null`
   */
  readEnded(turnAt: Microseconds | null): void;
}

/**
 * What one segment of TCP carries over every path (RFC 8200 §5: 1,280 bytes, less 60 of headers). More than that may have
 * come in pieces, the last of them after the kernel reported the first.
 */
const ONE_SEGMENT = 1220;

/**
 * An idle socket is given up before common servers do it (5 s in uvicorn, so in vLLM and SGLang), because a request
 * sent into a socket that the server is closing fails. A server that announces its own time is taken at its word.
 */
const KEEP_ALIVE_MS = 4000;

const CR = 13;

type Where = Pick<buildConnector.Options, 'protocol' | 'hostname' | 'port'>;

/** One connection for one request at a time; a client of undici's whose socket we open and watch ourselves. */
export class Connection {
  readonly http: HttpClient;
  readonly #server: Server;
  readonly #handler: ConnectionHandler;
  #socket: Socket | null = null;
  /** Ends an opening that is under way. */
  #cancel: () => void = () => undefined;
  #readAt: Microseconds = 0;
  /** What the server speaks; HTTP/2 reads its sockets itself, below what we see of them. */
  isHttp2 = false;
  /**
   * Reads the body that has begun. While there is one, reads are lent and not copied: undici keeps views of the bytes of a
   * head until the head is whole, and of a body nothing. (It keeps those of trailers, which nobody here reads.)
   */
  body: BodyReader | null = null;
  /** The turn of the latest read; and the instant by which the latest read's bytes had come, if they are one event. */
  #turn = 0;
  #turnAt: Microseconds | null = null;
  /**
   * The first error of its socket. undici forgets it where the other side then closes, as after an alert of TLS 1.3, by which a
   * server refuses a client whose handshake is over.
   */
  brokenBy: Error | null = null;
  /** How long its socket took to open; `null` until one has. */
  setUp: SetUp | null = null;
  /** Requests that were sent on this socket. */
  sent = 0;
  /** It was open before there was a request for it. */
  isPrepared = false;
  #prepared: Socket | null = null;
  /** When the last answer on it was whole, and when a request last took it from among the free ones. */
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
   * When the latest read came: one clock read for all that undici makes of it, before it parses anything. Where HTTP/2 was asked for
   * this is the instant at which a frame is handed to us.
   */
  get readAt(): Microseconds {
    return this.#server.route.http2 ? Math.round(this.#server.now()) : this.#readAt;
  }

  /** A request can be sent at once. */
  get ready(): boolean {
    return this.#socket !== null && !this.#socket.destroyed;
  }

  /** Opens its socket before there is a request for it; resolves with what went wrong, or `null`. */
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

  /** Ends it now, whatever it is doing; a request under way fails. */
  async destroy(): Promise<void> {
    // undici's HTTP/2 takes a socket that ends under it for a fault of its own.
    if (!this.isHttp2) this.#cancel();
    await this.http.destroy();
    this.#cancel();
  }

  #connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared !== null && !prepared.destroyed) {
      // undici goes on only with what comes after it has asked.
      queueMicrotask(() => callback(null, prepared));
      return;
    }
    this.isPrepared = false;
    this.#open(options, callback);
  }

  #open({ hostname, port, protocol }: Where, callback: buildConnector.Callback): void {
    const server = this.#server;
    const { http2 } = server.route;
    // TLS holds bytes back; so does the TLS of a proxy.
    const isPolled = protocol !== 'https:' && server.route.proxy?.isTls !== true;
    const reads = new SocketReads({
      began: (bytes) => this.#readBegan(bytes, isPolled),
      ended: () => this.body?.readEnded(this.#turnAt),
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
        made: (socket, isLent) => {
          if (isLent) reads.attach(socket);
          else if (!http2) reads.watch(socket);
          this.#socket = socket;
          this.brokenBy = null;
          socket.once('error', (error) => (this.brokenBy = error));
          this.body = null;
          this.sent = 0;
        },
        opened: (socket, setUp) => {
          this.setUp = setUp;
          withKnownProtocol(socket, to, server.route);
          this.isHttp2 = http2 && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
          this.#handler.opened();
          callback(null, socket);
        },
        failed: (error) => callback(error, null),
      },
    );
  }

  /** @param isPolled the kernel reported these bytes, and not a layer between that may hold some back */
  #readBegan(bytes: Buffer, isPolled: boolean): boolean {
    const { reads } = this.#server;
    this.#readAt = reads.read();
    const isFirst = this.#turn !== reads.turn;
    this.#turn = reads.turn;
    // A line end at its beginning ends the chunk before: then the report may have been of that alone.
    const isOne = isPolled && isFirst && this.body !== null && bytes.length <= ONE_SEGMENT && bytes[0] !== CR;
    this.#turnAt = isOne ? reads.turnAt : null;
    return this.body !== null;
  }
}
