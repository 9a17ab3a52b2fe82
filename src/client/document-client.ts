import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Client } from 'undici';
import { apiNamed } from './api/apis.ts';
import { bodyError } from './api/server-error.ts';
import { connector } from './connection/dial.ts';
import { addressOf, destinationOf, proxyParts, type Route } from './connection/network-route.ts';
import { redactor } from './connection/secret-redactor.ts';
import { BodyTooLongError, readBodyText } from './http/body-text.ts';
import { connectionFailure, isDefect } from './http/failures.ts';
import { retryAfterMs, type ResponseHeaders } from './http/headers.ts';
import { asObject, type JsonObject } from './http/json-values.ts';
import type { ClientOptions } from './client.ts';
import { isOverload, type Sample } from '../sample.ts';
import type { Milliseconds } from '../units.ts';

/** The fields of a failed request, as a sample has them. */
type FailedDocument = Pick<Sample, 'outcome' | 'status' | 'error' | 'sent_us'>;

/** A request that failed: what is known about it, and whether the endpoint may have carried it out. */
export class DocumentError extends Error {
  readonly failed: FailedDocument;
  /** The endpoint answered: it refused the request, and did nothing. */
  readonly isRefused: boolean;
  readonly retryAfter_ms: Milliseconds | null;

  constructor(failed: FailedDocument, isRefused: boolean, retryAfter_ms: Milliseconds | null = null) {
    super(failed.error?.message ?? failed.outcome);
    this.failed = failed;
    this.isRefused = isRefused;
    this.retryAfter_ms = retryAfter_ms;
  }

  /** True if the same request may succeed later. */
  get mayPass(): boolean {
    return isOverload(this.failed) || !this.isRefused || (this.failed.status ?? 0) >= 500;
  }
}

/** The body to send: a JSON document, or a file between two texts. */
export type Upload =
  | { json: unknown }
  | { path: string; before: string; after: string; bytes: number; contentType: string; separator?: string };

const LONGEST_ANSWER = 4 * 1024 * 1024;
/** No byte of an answer or of results for this long is a failure. */
const IDLE_MS: Milliseconds = 120_000;

export type DocumentEndpoint = Pick<
  ClientOptions,
  'url' | 'api' | 'apiKey' | 'headers' | 'body' | 'secrets'
> & {
  route: Route;
};

/** Requests to an API of documents, such as a Batch API: documents, uploads from files and results as lines, in bounded memory. */
export class DocumentClient {
  readonly #endpoint: DocumentEndpoint;
  readonly #url: string;
  readonly #route: Route;
  readonly #redact: (text: string) => string;
  readonly #http: Client;
  readonly #close: () => void;
  readonly #stopped: AbortSignal;

  /** @param stopped ends the requests in progress */
  constructor(endpoint: DocumentEndpoint, stopped: AbortSignal) {
    const { url, route } = endpoint;
    this.#endpoint = endpoint;
    this.#url = url;
    this.#route = route;
    this.#stopped = stopped;
    const base = new URL(url);
    this.#redact = redactor({ ...endpoint, query: base.searchParams });
    const { connect, close } = connector(route);
    this.#close = close;
    this.#http = new Client(base.origin, {
      connect,
      headersTimeout: IDLE_MS,
      bodyTimeout: IDLE_MS,
      allowH2: route.http2,
    });
  }

  /**
   * Sends a request and returns the JSON object of its answer.
   * @param path below the base URL
   * @throws {DocumentError}
   */
  async send(method: 'GET' | 'POST', path: string, upload: Upload | null = null): Promise<JsonObject> {
    const { response, text } = await this.#request(method, path, upload);
    const document = asObject(parsed(await text()));
    if (document !== null) return document;
    const error = { message: 'the answer is not a JSON object' };
    throw new DocumentError(
      { outcome: 'protocol_error', status: response.statusCode, error, sent_us: 0 },
      false,
    );
  }

  /**
   * Yields the lines of a file of results.
   * @throws {DocumentError}
   */
  async *lines(path: string): AsyncGenerator<string> {
    const { response } = await this.#request('GET', path, null);
    let rest = '';
    try {
      for await (const piece of response.body.setEncoding('utf8')) {
        const lines = (rest + String(piece)).split('\n');
        rest = lines.pop()!;
        yield* lines;
      }
    } catch (error) {
      throw this.#failed(error, true);
    }
    yield rest;
  }

  async close(): Promise<void> {
    await this.#http.destroy();
    this.#close();
  }

  async #request(method: 'GET' | 'POST', path: string, upload: Upload | null) {
    const { api, apiKey, headers } = this.#endpoint;
    const base = new URL(this.#url);
    const { pathPrefix, headers: forProxy } = proxyParts(base, this.#route);
    let hasHeaders = false;
    try {
      const response = await this.#http.request({
        method,
        path: `${pathPrefix}${base.pathname.replace(/\/+$/, '')}${path}${base.search}`,
        headers: {
          accept: '*/*',
          'accept-encoding': 'identity',
          ...apiNamed(api).headers(apiKey),
          ...headers,
          ...forProxy,
          ...contentHeaders(upload),
        },
        body: bodyOf(upload),
        signal: this.#stopped,
      });
      hasHeaders = true;
      const text = (): Promise<string> =>
        readBodyText(response.body, response.headers, LONGEST_ANSWER).catch((error: unknown) => {
          throw this.#failed(error, true);
        });
      if (response.statusCode >= 200 && response.statusCode < 300) return { response, text };
      throw this.#refused(response.statusCode, response.headers, await text());
    } catch (error) {
      throw error instanceof DocumentError ? error : this.#failed(error, hasHeaders);
    }
  }

  #refused(status: number, headers: ResponseHeaders, body: string): DocumentError {
    const { message, code } = bodyError(body);
    const error = { message: this.#redact(message), ...(code === undefined ? {} : { code }) };
    const outcome = status === 429 ? 'rate_limited' : 'http_error';
    return new DocumentError({ outcome, status, error, sent_us: 0 }, true, retryAfterMs(headers, Date.now()));
  }

  #failed(error: unknown, hasHeaders: boolean): DocumentError {
    if (!(error instanceof Error)) throw error;
    if (error instanceof BodyTooLongError) {
      const tooLong = { message: `the answer is longer than ${LONGEST_ANSWER / 1e6} MB` };
      return new DocumentError(
        { outcome: 'protocol_error', status: null, error: tooLong, sent_us: 0 },
        false,
      );
    }
    if (isDefect(error) && error.name !== 'AbortError') throw error;
    if (error.name === 'AbortError')
      return new DocumentError(
        { outcome: 'aborted', status: null, error: { message: 'interrupted' }, sent_us: 0 },
        false,
      );
    const code = 'code' in error ? String(error.code) : '';
    const sent =
      !/^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT|ENOENT|EACCES)/.test(code);
    const failure = connectionFailure(error, {
      sent,
      headers: hasHeaders,
      reused: false,
      address: addressOf(destinationOf(new URL(this.#url)), this.#route),
    });
    const redacted = { ...failure.error, message: this.#redact(failure.error.message) };
    return new DocumentError(
      { outcome: failure.outcome, status: null, error: redacted, sent_us: sent ? 0 : null },
      !sent,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function contentHeaders(upload: Upload | null): Record<string, string> {
  if (upload === null) return {};
  if ('json' in upload) return { 'content-type': 'application/json' };
  return { 'content-type': upload.contentType, 'content-length': String(upload.bytes) };
}

function bodyOf(upload: Upload | null): string | Readable | null {
  if (upload === null) return null;
  return 'json' in upload
    ? JSON.stringify(upload.json)
    : Readable.from(piecesOf(upload), { objectMode: false });
}

const NEWLINE = 10;

/** Yields the bytes of an upload; the newlines between lines are replaced by `separator`. */
async function* piecesOf({ path, before, after, separator }: Exclude<Upload, { json: unknown }>) {
  yield Buffer.from(before);
  let isPending = false;
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes = Buffer.from(piece as Buffer);
    if (separator !== undefined) {
      // The file ends with a newline, which separates nothing.
      if (isPending) yield Buffer.from(separator);
      isPending = bytes.at(-1) === NEWLINE;
      const sign = separator.charCodeAt(0);
      const end = isPending ? bytes.length - 1 : bytes.length;
      for (let at = bytes.indexOf(NEWLINE); at !== -1 && at < end; at = bytes.indexOf(NEWLINE, at + 1))
        bytes[at] = sign;
      yield bytes.subarray(0, end);
    } else yield bytes;
  }
  yield Buffer.from(after);
}
