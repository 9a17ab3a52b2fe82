import type { OnReadOpts, Socket } from 'node:net';

/**
 * Buffer for the reads of all sockets of the thread: libuv calls back for each read before the next. Node's default, one buffer per read,
 * causes a garbage collection of 1 to 3 ms every few thousand reads: three quarters of the p99 of the stamp error at 50,000 events/s.
 */
const BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

export interface ReadHandler {
  /**
   * Called before anything else.
   * @returns true if the consumer may use the shared buffer until the read ends; else the bytes are copied
   */
  began(bytes: Buffer): boolean;
  /** All bytes of the read have been parsed. */
  ended(): void;
}

/**
 * Reads a socket through `BUFFER` for a consumer of `readable` and `read()`, such as undici. The consumer gets each read before the next
 * one. What it does not take at once is copied and goes through the stream, with its limits and its order.
 */
export class SocketReads {
  /** Option for the socket's constructor. */
  readonly onread: OnReadOpts;
  readonly #handler: ReadHandler;
  #socket: Socket | null = null;
  #fresh: Buffer | null = null;
  /** The consumer is being notified of a read. */
  #isNotifying = false;

  constructor(handler: ReadHandler) {
    this.#handler = handler;
    this.onread = { buffer: BUFFER, callback: (length) => this.#arrived(length) };
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    const read = socket.read.bind(socket);
    const unshift = socket.unshift.bind(socket);
    socket.read = (size) => {
      const fresh = this.#fresh;
      if (size !== undefined) return read(size);
      // The consumer asks for more after every read, which costs Node a fiftieth of the time per event.
      if (fresh === null) return this.#isNotifying && socket.readableLength === 0 ? null : read();
      this.#fresh = null;
      return fresh;
    };
    socket.unshift = (rest: Buffer) => unshift(Buffer.from(rest));
  }

  /**
   * Observes a socket that Node reads into its own buffers, instead of `attach`: the handler is called for each read before the stream
   * gets it.
   */
  observe(socket: Socket): void {
    const push = socket.push.bind(socket);
    socket.push = (bytes: Buffer | null, encoding) => {
      if (bytes !== null) this.#handler.began(bytes);
      return push(bytes, encoding);
    };
  }

  /** @returns true if the next read is wanted */
  #arrived(length: number): boolean {
    const socket = this.#socket!;
    const bytes = BUFFER.subarray(0, length);
    const isShared = this.#handler.began(bytes);
    if (socket.readableLength > 0) return socket.push(Buffer.from(bytes));
    this.#fresh = isShared ? bytes : Buffer.from(bytes);
    this.#isNotifying = true;
    socket.emit('readable');
    this.#isNotifying = false;
    const left = this.#fresh;
    this.#fresh = null;
    this.#handler.ended();
    return left === null || socket.destroyed || socket.push(Buffer.from(left));
  }
}
