import type { Microseconds } from '../../units.ts';
import type { AnswerReader } from '../api/api.ts';
import type { BodyDecoder } from '../http/decode.ts';
import { bodyDecoder } from '../http/decode.ts';
import type { Failure } from '../http/failures.ts';
import { failure } from '../http/failures.ts';
import type { ResponseHeaders } from '../http/headers.ts';
import { all, one } from '../http/headers.ts';
import { KnownEvents } from './known-events.ts';
import { checkLimit } from '../http/limits.ts';
import { Repeats } from './repeats.ts';
import { ResponseBody } from './response-body.ts';
import { cut } from '../api/server-error.ts';
import { ServerFault } from '../http/server-fault.ts';
import type { Framing } from '../http/sse.ts';
import type { StreamEnd, StreamStep } from './stream.ts';
import { NOTHING, OUTPUT, readEvent } from './stream.ts';

export interface ResponseHandler {
  /** One event of the stream, with the stamp of the read that completed it. */
  step(step: StreamStep, stamp: Microseconds): void;
  /** Nothing after `stamp` is needed. */
  over(failure: Failure | null, stamp: Microseconds): void;
  /** Some of the backlog has been decoded. */
  decoded?(): void;
  /** All bytes that came have been read. */
  read(): void;
  /** Called with an exception of goodput's own that came up while bytes were decoded, which nobody else would catch. */
  defect?(error: unknown): void;
}

export interface ResponseHead {
  status: number;
  statusText: string;
  headers: ResponseHeaders;
}

/** A response from its head on: undoes its encoding, reads its events, and says how it ended. */
export class Response {
  readonly #head: ResponseHead;
  readonly #reader: AnswerReader;
  readonly #handler: ResponseHandler;
  readonly #body: ResponseBody;
  readonly #repeats: Repeats | null;
  readonly #decoder: BodyDecoder | null;
  /** What the server said outside of any event. */
  #stray = '';
  #undecodable: Failure | null = null;
  #stamp: Microseconds = 0;
  /** Decoded. */
  #bytes = 0;
  /** Of the stream, when `readOneEvent` was asked last. */
  #lines = 0;
  #between = false;
  /** Since then; a chunk of HTTP is one, and a server writes it at once. */
  #pieces = 0;
  #stopped = false;

  /**
   * @param known what other responses of this endpoint have brought
   * @throws {ServerFault} for a content-encoding that is not known
   */
  constructor(
    head: ResponseHead,
    reader: AnswerReader,
    handler: ResponseHandler,
    known: KnownEvents = new KnownEvents(),
  ) {
    this.#head = head;
    this.#reader = reader;
    this.#handler = handler;
    this.#repeats = reader.repeats === null ? null : new Repeats(reader.repeats, known);
    this.#body = new ResponseBody(this.#isError, {
      event: (data, type, framing) => this.#event(data, type, framing),
      ...(this.#repeats === null ? {} : { known: (chunk, start) => this.#known(chunk, start) }),
      stray: (text) => {
        this.#stray = cut(text.trim());
      },
    });
    this.#decoder = bodyDecoder(all(head.headers['content-encoding']), {
      data: (bytes, stamp) => this.#guard(() => this.#read(bytes, stamp)),
      decoded: () => this.#guard(() => this.#handler.decoded?.()),
      end: (error) => this.#guard(() => this.#decoded(error)),
    });
  }

  /** Not 2xx: the body is the server's explanation. Redirects are not followed. */
  get #isError(): boolean {
    return this.#head.status >= 300;
  }

  /** Bytes that have come and are not decoded yet. */
  get backlog(): number {
    return this.#decoder?.backlog ?? 0;
  }

  /** Bytes have come that are not decoded yet. */
  get busy(): boolean {
    return (this.#decoder?.pending ?? 0) > 0;
  }

  push(chunk: Buffer, stamp: Microseconds): void {
    this.#pieces++;
    if (this.#decoder === null) this.#read(chunk, stamp);
    else this.#decoder.write(chunk, stamp);
  }

  /**
   * Whether the bytes since the last time that this was asked were one line and a blank one: one event, and nothing else. An event in
   * several pieces is not meant: of them the first may have come before the others were written.
   */
  readOneEvent(): boolean {
    const { lines, between } = this.#body.stream;
    const isOne = this.#between && between && lines === this.#lines + 2 && this.#pieces === 1;
    this.#pieces = 0;
    this.#lines = lines;
    this.#between = between && this.#decoder === null;
    return isOne;
  }

  /** No byte follows; `read` is called once what came is read. */
  finish(): void {
    if (this.#decoder === null) this.#handler.read();
    else this.#decoder.end();
  }

  /** Nothing that follows is wanted. */
  stop(): void {
    this.#stopped = true;
    this.#body.stop();
    this.#decoder?.destroy();
  }

  /**
   * How it ended, `null`: well. `[DONE]` and a clean end prove nothing: every choice must have said why it finished.
   * @param cause what cut it off, or `null` where it ended by itself
   */
  failure(cause: Failure | null): Failure | null {
    if (this.#isError) return this.#httpFailure();
    const { complete, badFinish } = this.#reader.answer();
    if (badFinish !== null)
      return failure('stream_error', `the server ended it with finish_reason "${badFinish}"`);
    const failed = this.#body.failure() ?? this.#undecodable ?? cause;
    if (failed !== null || complete) return failed;
    const said = this.#stray || this.#body.opening;
    const hint = said === '' ? '' : `; the server wrote: ${said}`;
    return failure('stream_truncated', `the stream ended without a finish reason${hint}`);
  }

  #httpFailure(): Failure {
    const { status, statusText, headers } = this.#head;
    const said = this.#body.error();
    // A redirect may carry a token in its query.
    const target = one(headers['location']).replace(/[?#].*$/s, '');
    const bare =
      target === '' ? `HTTP ${status} ${statusText}`.trim() : `HTTP ${status}, a redirect to ${target}`;
    return failure(status === 429 ? 'rate_limited' : 'http_error', said.message || bare, said.code);
  }

  #read(bytes: Buffer, stamp: Microseconds): void {
    if (this.#stopped) return;
    this.#stamp = stamp;
    let more: boolean;
    try {
      this.#bytes += bytes.length;
      checkLimit('bodyBytes', this.#bytes);
      more = this.#body.push(bytes);
    } catch (error) {
      if (!(error instanceof ServerFault)) throw error;
      this.#handler.over(failure('protocol_error', error.message), stamp);
      return;
    }
    if (!more) this.#handler.over(this.failure(null), stamp);
  }

  #known(chunk: Buffer, start: number): number {
    const repeats = this.#repeats!;
    const end = repeats.match(chunk, start);
    if (end !== -1) this.#handler.step(repeats.read() ? OUTPUT : NOTHING, this.#stamp);
    return end;
  }

  #event(data: string, type: string, framing: Framing): void {
    const step = readEvent(data, type, this.#reader);
    if (framing === 'plain') this.#repeats?.learn(data, step.output && step.end === null);
    this.#handler.step(step, this.#stamp);
    if (step.end !== null) this.#handler.over(this.#endFailure(step.end), this.#stamp);
  }

  #endFailure(end: StreamEnd): Failure | null {
    if (end.kind === 'error') return failure('stream_error', end.error.message, end.error.code);
    if (end.kind === 'malformed') return failure('protocol_error', end.message);
    return this.failure(null);
  }

  /** Results of a decoder come in calls of their own, outside of `push`. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#handler.defect === undefined) throw error;
      this.#handler.defect(error);
    }
  }

  #decoded(error: Error | null): void {
    if (error !== null)
      this.#undecodable = failure('protocol_error', `cannot undo the content-encoding: ${error.message}`);
    this.#handler.read();
  }
}
