import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';

/** A body that is larger than it may be is read to its end and not kept, so that the client gets to read why. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: string | ApiError) => void,
): void {
  const parts: Buffer[] = [];
  let size = 0;
  request.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= maxBytes) parts.push(part);
    else parts.length = 0;
  });
  request.on('end', () => {
    done(
      size <= maxBytes
        ? Buffer.concat(parts).toString()
        : new ApiError(413, `the body has more than ${maxBytes} bytes`, { code: 'request_too_large' }),
    );
  });
}
