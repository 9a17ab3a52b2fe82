import type { Failure } from '../http/failures.ts';
import { failure } from '../http/failures.ts';
import type { JsonObject } from '../http/json.ts';
import { asObject } from '../http/json.ts';
import { bodyError, cut, streamError } from '../api/server-error.ts';
import type { EventStreamHandler } from '../http/sse.ts';
import { EventStreamReader } from '../http/sse.ts';

/** More of a body that is no stream is not needed to say what it is. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/** Byte order mark, tab, LF, CR, space: what may come before the byte that decides. */
const BLANK = new Set([0xef, 0xbb, 0xbf, 9, 10, 13, 32]);

/** What a stream begins with nearly always: `data`, `event`, `id` or a comment. */
const STREAM = new Set(Buffer.from('dei:'));

const KIND_OF: ReadonlyMap<number, 'json' | 'html'> = new Map([
  [0x7b, 'json'],
  [0x5b, 'json'],
  [0x22, 'json'],
  [0x3c, 'html'],
]);

/**
 * The body of a response: an event stream, or a document that takes its place. Its first byte that is not blank
 * decides, because proxies get content-type wrong.
 */
export class ResponseBody {
  #kind: 'undecided' | 'stream' | 'json' | 'html' | 'error';
  readonly #events: EventStreamReader;
  #document: Buffer[] = [];
  #documentBytes = 0;
  /** The first bytes of a stream that has brought no event yet: it may be text instead. */
  #opening: Buffer | null = null;

  /** @param isError the status is no success: the body is the server's explanation */
  constructor(isError: boolean, handler: EventStreamHandler) {
    this.#kind = isError ? 'error' : 'undecided';
    this.#events = new EventStreamReader(handler);
  }

  /**
   * @returns `false` once nothing more needs to be read
   * @throws {ServerFault} as the reader of event streams
   */
  push(bytes: Buffer): boolean {
    if (this.#kind === 'stream') {
      this.#read(bytes);
      return true;
    }
    if (this.#kind === 'undecided' && this.#documentBytes === 0 && STREAM.has(bytes[0]!)) {
      this.#kind = 'stream';
      this.#read(bytes);
      if (!this.#events.spoke) this.#opening = Buffer.from(bytes);
      return true;
    }
    if (this.#kind === 'undecided') {
      const first = bytes.find((byte) => !BLANK.has(byte));
      if (first !== undefined) this.#kind = KIND_OF.get(first) ?? 'stream';
    }
    this.#document.push(Buffer.from(bytes));
    this.#documentBytes += bytes.length;
    // Blank lines alone are how some servers keep a stream alive.
    if (this.#kind === 'undecided' && this.#documentBytes >= MAX_DOCUMENT_BYTES) this.#kind = 'stream';
    if (this.#kind === 'stream') {
      const held = Buffer.concat(this.#document);
      this.#document = [];
      this.#opening = held;
      this.#read(held);
      return true;
    }
    return this.#documentBytes < MAX_DOCUMENT_BYTES;
  }

  #read(bytes: Buffer): void {
    this.#events.push(bytes);
    if (this.#events.spoke) this.#opening = null;
  }

  /** The reader of its events. */
  get stream(): { readonly lines: number; readonly between: boolean } {
    return this.#events;
  }

  /** No event is wanted any more. */
  stop(): void {
    this.#events.stop();
  }

  /** What the body of an error response says; its message is '' where there is none. */
  error(): { message: string; code?: string } {
    return bodyError(this.#text());
  }

  /** What the body is where it should have been a stream, or `null` where it was one. */
  failure(): Failure | null {
    if (this.#kind === 'html')
      return failure('protocol_error', `a page instead of a stream: ${this.error().message}`);
    if (this.#kind !== 'json') return null;
    const payload = this.#payload();
    const reported = payload === null ? null : streamError(payload, '');
    if (reported !== null) return failure('stream_error', reported.message, reported.code);
    return failure('protocol_error', cut(`JSON instead of a stream: ${this.#text().trim()}`));
  }

  /** What came instead of events, for a message: '' where events came or nothing at all. */
  get opening(): string {
    return cut(this.#opening?.toString('utf8').trim() ?? '');
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
