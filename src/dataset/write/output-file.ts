import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import { GoodputError } from '../../errors.ts';
import { reasonOf } from '../../system-errors.ts';
import type { FileDigest } from '../containers/bytes.ts';

/** How records are stored in an output, by the ending of its name. */
export interface OutputKind {
  container: 'jsonl' | 'json' | 'csv' | 'parquet';
  compression: 'gzip' | 'zstd' | null;
}

const ENDING = /\.(?:(jsonl|ndjson|json|csv)(?:\.(gz|zst))?|(parquet))$/i;

/** @throws {GoodputError} kind `usage` for an unknown ending */
export function outputKind(path: string): OutputKind {
  const [, text, compression, parquet] = ENDING.exec(path)?.map((part) => part?.toLowerCase()) ?? [];
  const container = text ?? parquet ?? '';
  if (container === '')
    throw new GoodputError('usage', `${path}: unknown file ending`, {
      hint: 'Data sets are written to .jsonl, .json or .csv, each also with .gz or .zst, or to .parquet.',
    });
  return {
    container: container === 'ndjson' ? 'jsonl' : (container as OutputKind['container']),
    compression: compression === 'gz' ? 'gzip' : compression === 'zst' ? 'zstd' : null,
  };
}

/** Text is handed to the stream in parts of this size. */
const PART = 256 * 1024;

/**
 * A file that appears under its name only when it is complete: it is written next to it under another name, and renamed. Until then an existing
 * file keeps its content.
 */
export class OutputFile {
  readonly path: string;
  readonly #copy: string;
  readonly #file: WriteStream;
  readonly #input: NodeJS.WritableStream;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #pending = '';
  #failure: Error | null = null;

  private constructor(path: string, file: WriteStream, compression: OutputKind['compression']) {
    this.path = path;
    this.#copy = String(file.path);
    this.#file = file;
    const counter = new Transform({
      transform: (chunk: Buffer, _, done) => {
        this.#hash.update(chunk);
        this.#bytes += chunk.length;
        done(null, chunk);
      },
    });
    counter.pipe(file);
    const compressor =
      compression === 'gzip' ? createGzip() : compression === 'zstd' ? createZstdCompress() : null;
    compressor?.pipe(counter);
    this.#input = compressor ?? counter;
    for (const stream of [file, counter, ...(compressor === null ? [] : [compressor])])
      stream.on('error', (error: Error) => {
        this.#failure ??= error;
        this.#input.emit('drain');
      });
  }

  /** @throws {GoodputError} kind `usage` if the file cannot be created */
  static async open(path: string, compression: OutputKind['compression']): Promise<OutputFile> {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) throw new GoodputError('usage', `cannot write ${path}: it is a folder`);
    const file = createWriteStream(join(dirname(path), `.${basename(path)}.${process.pid}.tmp`));
    try {
      await once(file, 'open');
    } catch (error) {
      throw new GoodputError('usage', `cannot write ${path}: ${reasonOf(error, 'write')}`, { cause: error });
    }
    return new OutputFile(path, file, compression);
  }

  /** @throws {GoodputError} kind `io` if the disk fails */
  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= PART) await this.#flush();
  }

  /** @throws {GoodputError} kind `io` if the disk fails */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    this.#check();
    if (!this.#input.write(bytes)) await once(this.#input, 'drain');
    this.#check();
  }

  async #flush(): Promise<void> {
    this.#check();
    const isFull = !this.#input.write(this.#pending);
    this.#pending = '';
    if (isFull) await once(this.#input, 'drain');
    this.#check();
  }

  #check(): void {
    if (this.#failure === null) return;
    throw new GoodputError('io', `cannot write ${this.path}: ${reasonOf(this.#failure, 'write')}`, {
      cause: this.#failure,
    });
  }

  /**
   * Completes the file and gives it its name.
   * @throws {GoodputError} kind `io` if the disk fails; an existing file is unchanged
   */
  async finish(): Promise<FileDigest> {
    await this.#flush();
    const closed = once(this.#file, 'close');
    this.#input.end();
    await closed.catch((error: unknown) => {
      this.#failure ??= error as Error;
    });
    this.#check();
    await rename(this.#copy, this.path);
    return { path: this.path, sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    this.#file.destroy();
    await unlink(this.#copy).catch(() => {});
  }
}
