import { bodyDecoder } from './content-decoder.ts';
import type { ResponseHeaders } from './headers.ts';
import { joinValues } from './headers.ts';

/** The body is longer than allowed, as sent or decoded: a small compressed body may contain gigabytes. */
export class BodyTooLongError extends Error {}

/**
 * Reads a complete body as text and decodes its content-encoding.
 * @param limit in bytes, for the body as sent and as decoded
 * @throws {BodyTooLongError} as soon as the limit is exceeded, {ServerFault} for an unknown content-encoding, {Error} for a body that is
 * cut off or cannot be decoded
 */
export async function readBodyText(
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
    if (bytes > limit) fail(new BodyTooLongError());
    else pieces.push(piece);
  };
  const decoder = bodyDecoder(joinValues(headers['content-encoding']), {
    data(piece) {
      if (failure === null) add(piece);
      // Stop immediately: the rest must not be decoded.
      if (failure !== null) decoder?.destroy();
    },
    end(error) {
      if (error === null) end();
      else fail(new Error(`cannot decode the content-encoding: ${error.message}`, { cause: error }));
    },
  });
  try {
    let received = 0;
    for await (const piece of body) {
      received += piece.length;
      if (received > limit) fail(new BodyTooLongError());
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
  // A byte order mark before JSON is not part of it.
  return Buffer.concat(pieces)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}
