import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { reasonOf } from '../../system-errors.ts';
import { fileError } from '../model/record-error.ts';

/** A file as it was read: what identifies its content. */
export interface FileDigest {
  /** The path as given; `-` is stdin. */
  path: string;
  sha256: string;
  /** Its size as stored, before decompression. */
  bytes: number;
}

const CHUNK = 256 * 1024;

/** Reads to the end, without keeping anything. */
export async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of chunks) {
    // Reading completes the digest.
  }
}

/** Reads a file, or stdin for `-`, and computes its digest, which is complete after the last chunk. */
export class SourceFile {
  readonly path: string;
  /** Its name in messages. */
  readonly name: string;
  #hash = createHash('sha256');
  #bytes = 0;
  #isComplete = false;

  constructor(path: string) {
    this.path = path;
    this.name = path === '-' ? 'stdin' : path;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    const stream = this.path === '-' ? process.stdin : createReadStream(this.path, { highWaterMark: CHUNK });
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#hash.update(chunk);
        this.#bytes += chunk.length;
        yield chunk;
      }
      this.#isComplete = true;
    } catch (error) {
      throw fileError(this.name, null, `cannot be read: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Returns the digest of the whole file, of which a decompressor may not have read the end. */
  async digest(): Promise<FileDigest> {
    if (!this.#isComplete && this.path !== '-') {
      this.#hash = createHash('sha256');
      this.#bytes = 0;
      await drain(this.chunks());
    }
    return { path: this.path, sha256: this.#hash.copy().digest('hex'), bytes: this.#bytes };
  }
}

/** Returns the first bytes, at least `count` unless there are fewer, and all chunks including them. */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  count: number,
): Promise<{ head: Buffer; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let length = 0;
  while (length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    parts.push(next.value);
    length += next.value.length;
  }
  const head = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head, all: all() };
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Returns the bytes of a file, decompressed if they are gzip or zstd. */
export async function decompressed(
  source: SourceFile,
): Promise<{ chunks: AsyncIterable<Buffer>; isCompressed: boolean }> {
  const { head, all } = await peek(source.chunks(), ZSTD.length);
  const coding = head.subarray(0, 2).equals(GZIP) ? 'gzip' : head.subarray(0, 4).equals(ZSTD) ? 'zstd' : null;
  if (coding === null) return { chunks: all, isCompressed: false };
  const stream =
    coding === 'gzip' ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress({ chunkSize: CHUNK });
  return { chunks: through(source, all, stream, coding), isCompressed: true };
}

async function* through(
  source: SourceFile,
  chunks: AsyncIterable<Buffer>,
  stream: NodeJS.ReadWriteStream,
  coding: string,
): AsyncGenerator<Buffer> {
  let failed: unknown = null;
  const input = Readable.from(chunks, { objectMode: false });
  pipeline(input, stream, (error) => {
    failed = error ?? null;
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (error instanceof Error && error.name === 'GoodputError') throw error;
    throw fileError(source.name, null, `damaged ${coding} data: ${reasonOf(failed ?? error)}`, {
      cause: error,
    });
  }
}
