import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api/api-error.ts';

/** Asks requests for a key, as `authorization: Bearer` or, as Anthropic's clients do, as `x-api-key`. */
export class KeyGuard {
  readonly #digest: Buffer | null;

  constructor(key: string | null) {
    this.#digest = key === null ? null : digestOf(key);
  }

  /** @throws {ApiError} with status 401, which does not repeat what was sent */
  check({ headers }: IncomingMessage): void {
    if (this.#digest === null) return;
    const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    const own = headers['x-api-key'];
    const given = bearer ?? (typeof own === 'string' ? own : null);
    // Of the digests, which are of one length: how long a comparison takes says nothing of the key.
    if (given !== null && timingSafeEqual(digestOf(given), this.#digest)) return;
    throw new ApiError(
      401,
      given === null
        ? 'No API key was given: send it as authorization: Bearer.'
        : 'The API key is not the right one.',
      { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
    );
  }
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();
