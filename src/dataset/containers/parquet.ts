import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { fileError } from '../model/record-error.ts';
import { type Container, type NamedBytes, type RawRecord } from './container.ts';

/** The first bytes of a Parquet file. */
export const PARQUET_MAGIC = Buffer.from('PAR1');

/** Snappy and no compression are built into hyparquet. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
};

/**
 * Opens a Parquet file. Its columns are read by row group. A stream (stdin, or a compressed file) is copied to a temporary file first, because
 * the directory of a Parquet file is at its end.
 * @param path the file, or `null` if only its bytes are available
 * @throws {GoodputError} kind `usage` if the file is damaged
 */
export async function openParquet({ name, chunks }: NamedBytes, path: string | null): Promise<Container> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } =
    await import('hyparquet');
  const copy = path === null ? await copyOf(chunks) : null;
  const damaged = (error: unknown): Error =>
    fileError(name, null, `damaged Parquet file: ${(error as Error).message}`, { cause: error });
  async function* batches(): AsyncGenerator<RawRecord[]> {
    try {
      let row = 0;
      for (const group of metadata.row_groups) {
        const end = row + Number(group.num_rows);
        const values = await parquetReadObjects({
          file,
          metadata,
          rowStart: row,
          rowEnd: end,
          compressors: COMPRESSORS,
        }).catch((error: unknown) => {
          throw damaged(error);
        });
        yield values.map((value, at) => ({
          line: row + at + 1,
          value: present(value) as RawRecord['value'],
        }));
        row = end;
      }
    } finally {
      await copy?.remove();
    }
  }
  const { file, metadata } = await open().catch(async (error: unknown) => {
    await copy?.remove();
    throw damaged(error);
  });
  async function open(): Promise<{
    file: Awaited<ReturnType<typeof asyncBufferFromFile>>;
    metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>;
  }> {
    const file = await asyncBufferFromFile(copy?.path ?? path!);
    return { file, metadata: await parquetMetadataAsync(file) };
  }
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  return { kind: 'parquet', columns: { names, line: null }, batches: batches() };
}

/** Returns a value without nulls in structures, and with numbers in place of 64-bit integers and times. */
function present(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      each === null || each === undefined ? [] : [[key, present(each)] as const],
    ),
  );
}

async function copyOf(chunks: AsyncIterable<Buffer>): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'goodput-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'data.parquet');
  try {
    await pipeline(chunks, createWriteStream(path));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}
