import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { sendErrorAndClose } from './replies.ts';

/** Bodies of requests: no one too large, and not too much of all of them at a time. Infinity bounds nothing. */
export class Bodies {
  readonly #mostOfOne: number;
  readonly #mostOfAll: number;
  #held = 0;

  constructor({ maxBodyBytes, maxBodiesBytes }: { maxBodyBytes: number; maxBodiesBytes: number }) {
    this.#mostOfOne = maxBodyBytes;
    this.#mostOfAll = maxBodiesBytes;
  }

  /**
   * Reads a body, or refuses it as soon as a limit is exceeded. It counts as held until its response has closed, since the request is
   * kept until then.
   * @param done with the whole body; never where it was refused or the client went away
   */
  read(request: IncomingMessage, response: ServerResponse, done: (body: string) => void): void {
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
      if (size + part.length > this.#mostOfOne) refuse(this.#tooLarge());
      else if (this.#held + part.length > this.#mostOfAll) refuse(this.#tooMany());
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
    if (Number(request.headers['content-length'] ?? 0) > this.#mostOfOne) refuse(this.#tooLarge());
    else {
      request.on('data', keep).on('end', end);
      response.once('close', release);
    }
  }

  #tooLarge(): ApiError {
    return new ApiError(413, `the body has more than ${this.#mostOfOne} bytes`, {
      code: 'request_too_large',
    });
  }

  #tooMany(): ApiError {
    const message = `the bodies of all requests in progress have more than ${this.#mostOfAll} bytes`;
    return new ApiError(503, message, {
      type: 'server_error',
      code: 'overloaded',
      headers: { 'retry-after': '1' },
    });
  }
}
