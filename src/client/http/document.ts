import { bodyDecoder } from './decode.ts';
import type { ResponseHeaders } from './headers.ts';
import { all } from './headers.ts';

/** The body has more bytes than allowed, as sent or decoded: a compressed body may be small and hold gigabytes. */
export class TooLongError extends Error {}

/**
 * Reads a whole body as text and undoes its content-encoding.
 * @param limit in bytes, for the body as sent and as decoded
 * @throws {TooLongError} as soon as the limit is exceeded, {ServerFault} for an unknown content-encoding, {Error} for a body that breaks off
 * or cannot be decoded
 */
export async function readDocument(
  body: AsyncIterable<Buffer>,
  headers: ResponseHeaders,
  limit: number,
): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let failure: Error | null = null;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const fail = (error: Error): void => {
    failure ??= error;
    end();
  };
  const add = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > limit) fail(new TooLongError());
    else pieces.push(piece);
  };
  const decoder = bodyDecoder(all(headers['content-encoding']), {
    data(piece) {
      if (failure === null) add(piece);
      // Stops at once: the rest is not decoded.
      if (failure !== null) decoder?.destroy();
    },
    end(error) {
      if (error === null) end();
      else fail(new Error(`cannot undo the content-encoding: ${error.message}`, { cause: error }));
    },
  });
  try {
    let received = 0;
    for await (const piece of body) {
      received += piece.length;
      if (received > limit) fail(new TooLongError());
      else if (decoder === null) add(piece);
      else decoder.write(piece, 0);
      if (failure !== null) break;
    }
    if (failure === null && decoder !== null) {
      decoder.end();
      await ended;
    }
  } finally {
    decoder?.destroy();
  }
  if (failure !== null) throw failure;
  // A byte order mark may precede JSON, and is no part of it.
  return Buffer.concat(pieces)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}
