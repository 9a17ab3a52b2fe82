import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api/api-error.ts';

/** Requires a key in requests, as `authorization: Bearer` or, for Anthropic's clients, as `x-api-key`. */
export class KeyGuard {
  readonly #expected: Buffer | null;

  constructor(key: string | null) {
    this.#expected = key === null ? null : digest(key);
  }

  /** @throws {ApiError} with status 401; the message does not contain the key */
  check({ headers }: IncomingMessage): void {
    if (this.#expected === null) return;
    const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    const own = headers['x-api-key'];
    const given = bearer ?? (typeof own === 'string' ? own : null);
    // Compares digests, which have equal lengths, so that the duration reveals nothing about the key.
    if (given !== null && timingSafeEqual(digest(given), this.#expected)) return;
    throw new ApiError(
      401,
      given === null
        ? 'No API key was given: send it as authorization: Bearer.'
        : 'The API key is not the right one.',
      { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
    );
  }
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
