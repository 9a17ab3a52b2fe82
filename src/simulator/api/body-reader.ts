import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { sendErrorAndClose } from './replies.ts';

/** Reads the bodies of requests, with a limit per body and one for all together. `Infinity` means no limit. */
export class BodyReader {
  readonly #maxBytes: number;
  readonly #maxTotalBytes: number;
  #held = 0;

  constructor({ maxBodyBytes, maxBodiesBytes }: { maxBodyBytes: number; maxBodiesBytes: number }) {
    this.#maxBytes = maxBodyBytes;
    this.#maxTotalBytes = maxBodiesBytes;
  }

  /**
   * Reads a body, or rejects it as soon as a limit is exceeded. Its bytes count until the response has closed, because the request is
   * kept until then.
   * @param done called with the complete body, unless it was rejected or the client went away
   * @param maxBytes another limit than that of the other bodies
   */
  read(
    request: IncomingMessage,
    response: ServerResponse,
    done: (body: string) => void,
    maxBytes: number = this.#maxBytes,
  ): void {
    let parts: Buffer[] = [];
    let size = 0;
    const release = (): void => {
      this.#held -= size;
      size = 0;
      parts = [];
    };
    const refuse = (error: ApiError): void => {
      request.off('data', keep).off('end', end).resume();
      release();
      sendErrorAndClose(response, error);
    };
    const keep = (part: Buffer): void => {
      if (size + part.length > maxBytes) refuse(tooLarge(maxBytes));
      else if (this.#held + part.length > this.#maxTotalBytes) refuse(this.#tooMany());
      else {
        parts.push(part);
        size += part.length;
        this.#held += part.length;
      }
    };
    const end = (): void => {
      const body = Buffer.concat(parts).toString();
      parts = [];
      done(body);
    };
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse(tooLarge(maxBytes));
    else {
      request.on('data', keep).on('end', end);
      response.once('close', release);
    }
  }

  #tooMany(): ApiError {
    const message = `the bodies of all requests in progress have more than ${this.#maxTotalBytes} bytes`;
    return new ApiError(503, message, {
      type: 'server_error',
      code: 'overloaded',
      headers: { 'retry-after': '1' },
    });
  }
}

const tooLarge = (maxBytes: number): ApiError =>
  new ApiError(413, `the body has more than ${maxBytes} bytes`, { code: 'request_too_large' });
