import type { Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { Client as HttpClient } from 'undici';
import type { Microseconds } from '../units.ts';

export interface ConnectionHandler {
  opened(): void;
  /** Its socket is gone, whether a request was using it or not. */
  closed(connection: Connection): void;
}

/** What the connections to one server share. */
export interface Server {
  origin: string;
  now: () => Microseconds;
  /** The latest TLS session, to be resumed by the next handshake. */
  session: Buffer | null;
}

/**
 * An idle socket is given up before common servers do it (5 s in uvicorn, so in vLLM and SGLang), because a request
 * sent into a socket that the server is closing fails. A server that announces its own time is taken at its word.
 */
const KEEP_ALIVE_MS = 4000;

/** One connection for one request at a time; a client of undici's whose socket we open and watch ourselves. */
export class Connection {
  readonly http: HttpClient;
  readonly #server: Server;
  readonly #handler: ConnectionHandler;
  #socket: Socket | null = null;
  /** When the latest read became readable: one clock read for all that undici makes of it, before it parses anything. */
  readAt: Microseconds = 0;
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
    const socket = this.#connect(options);
    this.#socket = socket;
    this.sent = 0;
    let waiting = true;
    // It stays for the life of the socket: an error without a listener would end the process.
    socket.on('error', (error) => {
      if (!waiting) return;
      waiting = false;
      callback(error, null);
    });
    socket.once(options.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      waiting = false;
      this.setUp = Math.round(now()) - began;
      this.#handler.opened();
      // undici reads the socket in a listener that it adds after this one.
      socket.on('readable', () => {
        this.readAt = Math.round(now());
      });
      callback(null, socket);
    });
  }

  #connect({ hostname, port, protocol, servername }: buildConnector.Options): Socket {
    const isTls = protocol === 'https:';
    const target = {
      host: hostname,
      port: Number(port) || (isTls ? 443 : 80),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    };
    return isTls ? this.#connectTls(target, servername) : connectTcp(target);
  }

  #connectTls(target: { host: string; port: number }, servername: string | undefined): TLSSocket {
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
