import { crc32, deflateSync } from 'node:zlib';
import type { Message } from '../dataset/model/session.ts';
import { randomStream } from '../random.ts';

/** The size of a generated image, where a data set has it in place of a URL: `512x384`. */
const SIZE = /^([1-9]\d{0,3})x([1-9]\d{0,3})$/;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The side of a square of one colour, in pixels: the image differs from every other, and compresses well. */
const SQUARE = 16;

/**
 * Returns messages in which each image with a size in place of its URL is a PNG of that size, with squares of random colours.
 * @param i number of the request, so that no two requests have the same image
 */
export function withImages(messages: readonly Message[], seed: number, i: number): readonly Message[] {
  let drawn = 0;
  const filled = (part: unknown): unknown => {
    const url = urlOf(part);
    const [, width, height] = url === null ? [] : (SIZE.exec(url) ?? []);
    if (width === undefined) return part;
    const png = pngOf(Number(width), Number(height), randomStream(seed, `image ${drawn++}`, i).below);
    return { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } };
  };
  return messages.map((message) =>
    Array.isArray(message['content'])
      ? { ...message, content: (message['content'] as readonly unknown[]).map(filled) }
      : message,
  );
}

/** Returns the URL of an image part; `null` for other parts. */
function urlOf(part: unknown): string | null {
  const image: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, 'image_url') : null;
  const url: unknown = typeof image === 'object' && image !== null ? Reflect.get(image, 'url') : image;
  return typeof url === 'string' ? url : null;
}

/** Returns a PNG with 8 bits per channel, red, green and blue (W3C PNG, 11.2). */
function pngOf(width: number, height: number, below: (n: number) => number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  // Each row begins with its filter, 0: none.
  const pixels = Buffer.alloc((1 + 3 * width) * height);
  for (let y = 0; y < height; y++) {
    const row = y * (1 + 3 * width);
    if (y % SQUARE > 0) {
      pixels.copyWithin(row, row - (1 + 3 * width), row);
      continue;
    }
    for (let x = 0; x < width; x += SQUARE) {
      const colour = [below(256), below(256), below(256)];
      for (let k = x; k < Math.min(width, x + SQUARE); k++) pixels.set(colour, row + 1 + 3 * k);
    }
  }
  const data = deflateSync(pixels, { level: 1 });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
