import { crc32, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Message } from '../../src/dataset/model/session.ts';
import { withImages } from '../../src/workload/synthetic-image.ts';

const asked = (...urls: string[]): Message => ({
  role: 'user',
  content: [
    { type: 'text', text: '16x16' },
    ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
  ],
});

const urlsOf = ([message]: readonly Message[]): string[] =>
  (message!['content'] as { image_url?: { url: string } }[]).flatMap(({ image_url }) => image_url?.url ?? []);

/** Reads a PNG without interlace and filters: its chunks are checked, and its pixels counted. */
function readPng(url: string): { width: number; height: number; pixels: Buffer } {
  const png = Buffer.from(url.replace('data:image/png;base64,', ''), 'base64');
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.subarray(0, 4).toString('latin1'), body.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  expect([...header.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    pixels: inflateSync(chunks.get('IDAT')!),
  };
}

test('a size in place of a URL is a PNG of that size', () => {
  const [small, wide] = urlsOf(withImages([asked('5x3', '100x40')], 42, 7)).map(readPng);
  expect(small).toMatchObject({ width: 5, height: 3 });
  expect(small!.pixels).toHaveLength(3 * (1 + 3 * 5));
  expect(wide).toMatchObject({ width: 100, height: 40 });
  expect(wide!.pixels).toHaveLength(40 * (1 + 3 * 100));
  // Squares of 16 pixels: the 17th differs from the first 16, in both directions.
  const at = (x: number, y: number): string =>
    wide!.pixels.subarray(y * 301 + 1 + 3 * x).toString('hex', 0, 3);
  expect([at(15, 0), at(0, 15)]).toEqual([at(0, 0), at(0, 0)]);
  expect([at(16, 0), at(0, 16)].includes(at(0, 0))).toBe(false);
});

test('no two images of a run are equal, and the same request has the same ones', () => {
  const of = (i: number): string[] => urlsOf(withImages([asked('32x32', '32x32')], 42, i));
  expect(new Set([...of(0), ...of(1)]).size).toBe(4);
  expect(of(1)).toEqual(of(1));
});

test('other images, and texts, stay as they are', () => {
  const messages = [
    asked('https://h/16x16', 'data:image/png;base64,AA', '0x5', '12345x1'),
    { role: 'user', content: '8x8' },
  ];
  expect(withImages(messages, 42, 0)).toEqual(messages);
});
