import type { OnReadOpts, Socket } from 'node:net';

/**
 * Where every socket of the thread is read to: libuv reads and calls back before it reads the next. A buffer per read, which
 * is Node's ordinary way, brings a garbage collection of 1 to 3 ms every few thousand reads: three quarters of the p99 of a
 * stamp's error at 50,000 events/s.
 */
const BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

export interface ReadHandler {
  /**
   * Called first thing.
   * @returns whether the bytes may be lent for the time of the read; else they are copied
   */
  began(bytes: Buffer): boolean;
  /** All that the read brought has been read. */
  ended(): void;
}

/**
 * Reads a socket through `BUFFER` for a consumer of `readable` and `read()`, which undici is. Each read is handed on before
 * it returns. What is not taken at once goes the ordinary way, copied: through the stream, its limits and its order.
 */
export class SocketReads {
  /** To be given to the socket when it is made. */
  readonly onread: OnReadOpts;
  readonly #handler: ReadHandler;
  #socket: Socket | null = null;
  #fresh: Buffer | null = null;
  /** The consumer is being told of a read. */
  #isTold = false;

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
      // Whether there is more is asked after every read, and takes Node a fiftieth of all the time that an event costs.
      if (fresh === null) return this.#isTold && socket.readableLength === 0 ? null : read();
      this.#fresh = null;
      return fresh;
    };
    socket.unshift = (rest: Buffer) => unshift(Buffer.from(rest));
  }

  /** In place of `attach`, for a socket that Node reads in its own way: it is told of each read as Node hands it to the stream. */
  watch(socket: Socket): void {
    const push = socket.push.bind(socket);
    socket.push = (bytes: Buffer | null, encoding) => {
      if (bytes !== null) this.#handler.began(bytes);
      return push(bytes, encoding);
    };
  }

  /** @returns whether the next read is wanted */
  #arrived(length: number): boolean {
    const socket = this.#socket!;
    const bytes = BUFFER.subarray(0, length);
    const isLent = this.#handler.began(bytes);
    if (socket.readableLength > 0) return socket.push(Buffer.from(bytes));
    this.#fresh = isLent ? bytes : Buffer.from(bytes);
    this.#isTold = true;
    socket.emit('readable');
    this.#isTold = false;
    const left = this.#fresh;
    this.#fresh = null;
    this.#handler.ended();
    return left === null || socket.destroyed || socket.push(Buffer.from(left));
  }
}
