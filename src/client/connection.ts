import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { Client as HttpClient } from 'undici';
import type { Microseconds } from '../units.ts';
import type { ReadClock } from './read-clock.ts';
import { SocketReads } from './socket-reads.ts';

export interface ConnectionHandler {
  opened(): void;
  /** Its socket is gone, whether a request was using it or not. */
  closed(connection: Connection): void;
}

/** What the connections to one server share. */
export interface Server {
  origin: string;
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

/** One connection for one request at a time; a client of undici's whose socket we open and watch ourselves. */
export class Connection {
  readonly http: HttpClient;
  readonly #server: Server;
  readonly #handler: ConnectionHandler;
  #socket: Socket | null = null;
  /** When the latest read came: one clock read for all that undici makes of it, before it parses anything. */
  readAt: Microseconds = 0;
  /**
   * Reads the body that has begun. While there is one, reads are lent and not copied: undici keeps views of the bytes of a
   * head until the head is whole, and of a body nothing. (It keeps those of trailers, which nobody here reads.)
   */
  body: BodyReader | null = null;
  /** The turn of the latest read; and the instant by which the latest read's bytes had come, if they are one event. */
  #turn = 0;
  #turnAt: Microseconds | null = null;
  /** How long the socket took to open. */
  setUp: Microseconds = 0;
  /** Requests that were sent on this socket. */
  sent = 0;
  /** When the last answer on it was whole, and when a request last took it from among the free ones. */
  freedAt: Microseconds | null = null;
  takenAt: Microseconds | null = null;

  constructor(server: Server, handler: ConnectionHandler) {
    this.#server = server;
    this.#handler = handler;
    this.http = new HttpClient(server.origin, {
      connect: (options, callback) => this.#open(options, callback),
      allowH2: false,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    this.http.on('disconnect', () => handler.closed(this));
    this.http.on('connectionError', () => handler.closed(this));
  }

  /** A request can be sent at once. */
  get ready(): boolean {
    return this.#socket !== null && !this.#socket.destroyed;
  }

  /** Ends it now, whatever it is doing; a request under way fails. */
  async destroy(): Promise<void> {
    this.#socket?.destroy();
    await this.http.destroy();
  }

  #open(options: buildConnector.Options, callback: buildConnector.Callback): void {
    const { now } = this.#server;
    const began = Math.round(now());
    const isTls = options.protocol === 'https:';
    const reads = new SocketReads({
      began: (bytes) => this.#readBegan(bytes, !isTls),
      ended: () => this.body?.readEnded(this.#turnAt),
    });
    const socket = this.#connect(options, reads.onread);
    reads.attach(socket);
    this.#socket = socket;
    this.body = null;
    this.sent = 0;
    let waiting = true;
    // It stays for the life of the socket: an error without a listener would end the process.
    socket.on('error', (error) => {
      if (!waiting) return;
      waiting = false;
      callback(error, null);
    });
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      waiting = false;
      this.setUp = Math.round(now()) - began;
      this.#handler.opened();
      callback(null, socket);
    });
  }

  /** @param isPolled the kernel reported these bytes, and not a layer between that may hold some back */
  #readBegan(bytes: Buffer, isPolled: boolean): boolean {
    const { reads } = this.#server;
    this.readAt = reads.read();
    const isFirst = this.#turn !== reads.turn;
    this.#turn = reads.turn;
    // A line end at its beginning ends the chunk before: then the report may have been of that alone.
    const isOne = isPolled && isFirst && this.body !== null && bytes.length <= ONE_SEGMENT && bytes[0] !== CR;
    this.#turnAt = isOne ? reads.turnAt : null;
    return this.body !== null;
  }

  #connect({ hostname, port, protocol, servername }: buildConnector.Options, onread: OnReadOpts): Socket {
    const isTls = protocol === 'https:';
    const target = {
      host: hostname,
      port: Number(port) || (isTls ? 443 : 80),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      onread,
    };
    return isTls ? this.#connectTls(target, servername) : connectTcp(target);
  }

  #connectTls(
    target: { host: string; port: number; onread: OnReadOpts },
    servername: string | undefined,
  ): TLSSocket {
    // An address is no name to ask for (RFC 6066 §3).
    const name = servername ?? (isIP(target.host) === 0 ? target.host : '');
    const { session } = this.#server;
    const socket = connectTls({
      ...target,
      ...(name === '' ? {} : { servername: name }),
      ...(session === null ? {} : { session }),
      ALPNProtocols: ['http/1.1'],
    });
    socket.on('session', (latest) => {
      this.#server.session = latest;
    });
    return socket;
  }
}
