import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { Microseconds } from '../../units.ts';
import { truncateLabel } from './limits.ts';
import { ServerFault } from './server-fault.ts';

/** Decodes a content-encoding incrementally. Results arrive later, each with the stamp of the read that completed it. */
export interface BodyDecoder {
  /** Number of reads that are not decoded yet. */
  readonly pending: number;
  /** Their size in bytes. */
  readonly backlog: number;
  write(chunk: Buffer, stamp: Microseconds): void;
  /** No more data follows; the handler's `end` is called once everything is decoded. */
  end(): void;
  destroy(): void;
}

export interface DecodedHandler {
  data(bytes: Buffer, stamp: Microseconds): void;
  decoded?(): void;
  /** Called once; `error` is `null` if all bytes were decoded. */
  end(error: Error | null): void;
}

// Flush each result immediately. A missing trailer is not an error: the finish reason proves completion.
const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };
const ZSTD = { flush: constants.ZSTD_e_flush, finishFlush: constants.ZSTD_e_flush };

const DECODERS = new Map<string, (firstByte: number) => Transform>([
  ['gzip', () => createGunzip(ZLIB)],
  ['x-gzip', () => createGunzip(ZLIB)],
  // RFC 9110 specifies the zlib format, whose first byte contains method 8; some servers send raw deflate.
  ['deflate', (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate(ZLIB) : createInflateRaw(ZLIB))],
  ['br', () => createBrotliDecompress(BROTLI)],
  ['zstd', () => createZstdDecompress(ZSTD)],
]);

/**
 * Returns a decoder for a body.
 * @param encoding the value of `content-encoding`; `identity` in it changes nothing
 * @returns `null` if there is nothing to decode
 * @throws {ServerFault} for an encoding that is not supported
 */
export function bodyDecoder(encoding: string, handler: DecodedHandler): BodyDecoder | null {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const [name, ...more] = names.filter((each) => each !== '' && each !== 'identity');
  if (name === undefined) return null;
  const create = more.length === 0 ? DECODERS.get(name) : undefined;
  if (create === undefined)
    throw new ServerFault(`cannot decode content-encoding "${truncateLabel(encoding)}"`);
  return new StreamDecoder(create, handler);
}

class StreamDecoder implements BodyDecoder {
  readonly #create: (firstByte: number) => Transform;
  readonly #handler: DecodedHandler;
  #transform: Transform | null = null;
  /** Stamps of the reads being decoded, in order: output belongs to the first of them. */
  readonly #stamps: Microseconds[] = [];
  #lastStamp: Microseconds = 0;
  backlog = 0;
  #ended = false;

  constructor(create: (firstByte: number) => Transform, handler: DecodedHandler) {
    this.#create = create;
    this.#handler = handler;
  }

  get pending(): number {
    return this.#stamps.length;
  }

  write(chunk: Buffer, stamp: Microseconds): void {
    if (this.#ended || chunk.length === 0) return;
    this.#transform ??= this.#open(chunk[0]!);
    this.#lastStamp = stamp;
    this.#stamps.push(stamp);
    // Decoding happens later, in another thread, and the chunk's buffer is only valid during the read.
    this.backlog += chunk.length;
    this.#transform.write(Buffer.from(chunk), () => {
      this.#stamps.shift();
      this.backlog -= chunk.length;
      this.#handler.decoded?.();
    });
  }

  end(): void {
    if (this.#transform === null) this.#end(null);
    else this.#transform.end();
  }

  destroy(): void {
    this.#ended = true;
    this.#stamps.length = 0;
    this.#transform?.destroy();
  }

  #open(firstByte: number): Transform {
    const transform = this.#create(firstByte);
    transform.on('data', (bytes: Buffer) => {
      if (!this.#ended) this.#handler.data(bytes, this.#stamps[0] ?? this.#lastStamp);
    });
    transform.once('end', () => this.#end(null));
    transform.on('error', (error) => this.#end(error));
    return transform;
  }

  #end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stamps.length = 0;
    this.#handler.end(error);
  }
}
