import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bodyDecoder } from '../../src/client/http/content-decoder.ts';
import { ServerFault } from '../../src/client/http/server-fault.ts';

type Decoded = { text: string; stamps: number[]; error: Error | null };

/** Writes the pieces, each with its index as its stamp. */
function decode(encoding: string, pieces: readonly Buffer[]): Promise<Decoded> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const stamps: number[] = [];
    const decoder = bodyDecoder(encoding, {
      data(bytes, stamp) {
        parts.push(bytes);
        stamps.push(stamp);
      },
      end: (error) => resolve({ text: Buffer.concat(parts).toString(), stamps, error }),
    })!;
    for (const [i, piece] of pieces.entries()) decoder.write(piece, i);
    decoder.end();
  });
}

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

const TEXT = Array.from({ length: 2000 }, (_, i) => `line ${(i * 7919) % 10_007}\n`).join('');
const COMPRESS: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

describe.each(Object.entries(COMPRESS))('%s', (encoding, compress) => {
  test.each([1, 100, 1_000_000])('in pieces of %i bytes', async (size) => {
    expect(await decode(encoding, cut(compress(Buffer.from(TEXT)), size))).toMatchObject({
      text: TEXT,
      error: null,
    });
  });

  test('an incomplete body is decoded up to its end', async () => {
    const bytes = compress(Buffer.from(TEXT));
    const { text, error } = await decode(encoding, [bytes.subarray(0, bytes.length - 20)]);
    expect(error).toBeNull();
    expect(TEXT.startsWith(text)).toBe(true);
  });

  test('bytes in another encoding are an error', async () => {
    const { error } = await decode(encoding, [Buffer.from('\u0001 plain text, not compressed at all')]);
    expect(error).toBeInstanceOf(Error);
  });

  test('an empty body', async () => {
    expect(await decode(encoding, [])).toEqual({ text: '', stamps: [], error: null });
  });
});

test('raw deflate', async () => {
  expect(await decode('deflate', cut(deflateRawSync(Buffer.from(TEXT)), 64))).toMatchObject({
    text: TEXT,
    error: null,
  });
});

test.each(['gzip', 'zstd'])(
  '%s: one member after the other, each with the stamp of its read',
  async (encoding) => {
    const members = ['one', 'two', 'three'].map((text) => COMPRESS[encoding]!(Buffer.from(text)));
    expect(await decode(encoding, members)).toEqual({ text: 'onetwothree', stamps: [0, 1, 2], error: null });
  },
);

test('identity and none need no decoder, an unknown one is refused', () => {
  const handler = { data: () => {}, end: () => {} };
  expect(bodyDecoder('', handler)).toBeNull();
  expect(bodyDecoder(' Identity ', handler)).toBeNull();
  expect(() => bodyDecoder('lzma', handler)).toThrow(ServerFault);
});
