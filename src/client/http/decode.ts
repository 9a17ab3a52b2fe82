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
import { word } from './limits.ts';
import { ServerFault } from './server-fault.ts';

/** Undoes a content-encoding piece by piece. Results come later, each with the stamp of the read that completed it. */
export interface BodyDecoder {
  /** Reads that are not decoded yet. */
  readonly pending: number;
  /** Their bytes. */
  readonly backlog: number;
  write(chunk: Buffer, stamp: Microseconds): void;
  /** Nothing more comes; `end` follows once everything is decoded. */
  end(): void;
  destroy(): void;
}

export interface DecodedHandler {
  data(bytes: Buffer, stamp: Microseconds): void;
  /** One read is decoded whole. */
  decoded?(): void;
  /** Once: `error` is `null` where all bytes were decoded. */
  end(error: Error | null): void;
}

// Each result at once, and a stream without its trailer is an end, not an error: the finish reason proves completion.
const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };
const ZSTD = { flush: constants.ZSTD_e_flush, finishFlush: constants.ZSTD_e_flush };

const DECODERS = new Map<string, (firstByte: number) => Transform>([
  ['gzip', () => createGunzip(ZLIB)],
  ['x-gzip', () => createGunzip(ZLIB)],
  // RFC 9110 means the zlib format, whose first byte names method 8; some servers send the bare one.
  ['deflate', (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate(ZLIB) : createInflateRaw(ZLIB))],
  ['br', () => createBrotliDecompress(BROTLI)],
  ['zstd', () => createZstdDecompress(ZSTD)],
]);

/**
 * @param encoding the value of `content-encoding`; `identity` in it changes nothing
 * @returns `null` where there is nothing to undo
 * @throws {ServerFault} for an encoding that is not known here
 */
export function bodyDecoder(encoding: string, handler: DecodedHandler): BodyDecoder | null {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const [name, ...more] = names.filter((each) => each !== '' && each !== 'identity');
  if (name === undefined) return null;
  const create = more.length === 0 ? DECODERS.get(name) : undefined;
  if (create === undefined) throw new ServerFault(`cannot decode content-encoding "${word(encoding)}"`);
  return new StreamDecoder(create, handler);
}

class StreamDecoder implements BodyDecoder {
  readonly #create: (firstByte: number) => Transform;
  readonly #handler: DecodedHandler;
  #transform: Transform | null = null;
  /** Of the reads being decoded, in their order: the first one owns what comes out. */
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
    // It is decoded later, in another thread, and the bytes are lent for the time of the read.
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
