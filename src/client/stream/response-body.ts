import type { Failure } from '../http/failures.ts';
import { failure } from '../http/failures.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asObject } from '../http/json-values.ts';
import { bodyError, truncateMessage, streamError } from '../api/server-error.ts';
import type { EventStreamHandler } from '../http/sse.ts';
import { EventStreamReader } from '../http/sse.ts';

/** This much of a body that is not a stream is enough to describe it. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/** Byte order mark, tab, LF, CR, space: bytes that may precede the deciding byte. */
const BLANK = new Set([0xef, 0xbb, 0xbf, 9, 10, 13, 32]);

/** Usual first bytes of a stream: `data`, `event`, `id` or a comment. */
const STREAM = new Set(Buffer.from('dei:'));

const KIND_OF: ReadonlyMap<number, 'json' | 'html'> = new Map([
  [0x7b, 'json'],
  [0x5b, 'json'],
  [0x22, 'json'],
  [0x3c, 'html'],
]);

/**
 * The body of a response: an event stream, or a document instead of one. The first byte that is not blank decides, because proxies set
 * wrong content types.
 */
export class ResponseBody {
  #kind: 'undecided' | 'stream' | 'json' | 'html' | 'error';
  readonly #events: EventStreamReader;
  #document: Buffer[] = [];
  #documentBytes = 0;
  /** First bytes of a stream without any event so far, which may be plain text. */
  #unparsedStart: Buffer | null = null;

  /** @param isError the status is not 2xx: the body describes the error */
  constructor(isError: boolean, handler: EventStreamHandler) {
    this.#kind = isError ? 'error' : 'undecided';
    this.#events = new EventStreamReader(handler);
  }

  /**
   * @returns false if no more bytes are needed
   * @throws {ServerFault} like the event stream reader
   */
  push(bytes: Buffer): boolean {
    if (this.#kind === 'stream') {
      this.#read(bytes);
      return true;
    }
    if (this.#kind === 'undecided' && this.#documentBytes === 0 && STREAM.has(bytes[0]!)) {
      this.#kind = 'stream';
      this.#read(bytes);
      if (!this.#events.hasEvent) this.#unparsedStart = Buffer.from(bytes);
      return true;
    }
    if (this.#kind === 'undecided') {
      const first = bytes.find((byte) => !BLANK.has(byte));
      if (first !== undefined) this.#kind = KIND_OF.get(first) ?? 'stream';
    }
    this.#document.push(Buffer.from(bytes));
    this.#documentBytes += bytes.length;
    // Some servers send blank lines to keep a stream alive.
    if (this.#kind === 'undecided' && this.#documentBytes >= MAX_DOCUMENT_BYTES) this.#kind = 'stream';
    if (this.#kind === 'stream') {
      const held = Buffer.concat(this.#document);
      this.#document = [];
      this.#unparsedStart = held;
      this.#read(held);
      return true;
    }
    return this.#documentBytes < MAX_DOCUMENT_BYTES;
  }

  #read(bytes: Buffer): void {
    this.#events.push(bytes);
    if (this.#events.hasEvent) this.#unparsedStart = null;
  }

  get stream(): { readonly lines: number; readonly isBetweenEvents: boolean } {
    return this.#events;
  }

  stop(): void {
    this.#events.stop();
  }

  /** Returns the error in the body of an error response; its message is '' if there is none. */
  error(): { message: string; code?: string } {
    return bodyError(this.#text());
  }

  /** Returns the failure if the body was a document instead of a stream, or `null`. */
  failure(): Failure | null {
    if (this.#kind === 'html')
      return failure('protocol_error', `a page instead of a stream: ${this.error().message}`);
    if (this.#kind !== 'json') return null;
    const payload = this.#payload();
    const reported = payload === null ? null : streamError(payload, '');
    if (reported !== null) return failure('stream_error', reported.message, reported.code);
    return failure('protocol_error', truncateMessage(`JSON instead of a stream: ${this.#text().trim()}`));
  }

  /** Text that came instead of events, for a message; '' if events or nothing came. */
  get unparsedStart(): string {
    return truncateMessage(this.#unparsedStart?.toString('utf8').trim() ?? '');
  }

  #text(): string {
    return Buffer.concat(this.#document)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
  }

  #payload(): JsonObject | null {
    try {
      return asObject(JSON.parse(this.#text()));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return null;
    }
  }
}
