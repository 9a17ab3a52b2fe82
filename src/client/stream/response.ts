import type { Microseconds } from '../../units.ts';
import type { AnswerReader } from '../api/api.ts';
import type { BodyDecoder } from '../http/content-decoder.ts';
import { bodyDecoder } from '../http/content-decoder.ts';
import type { Failure } from '../http/failures.ts';
import { failure } from '../http/failures.ts';
import type { ResponseHeaders } from '../http/headers.ts';
import { joinValues, firstValue } from '../http/headers.ts';
import { KnownEvents } from './known-events.ts';
import { checkLimit } from '../http/limits.ts';
import { RepeatedEvents } from './repeated-events.ts';
import { ResponseBody } from './response-body.ts';
import { truncateMessage } from '../api/server-error.ts';
import { ServerFault } from '../http/server-fault.ts';
import type { Framing } from '../http/sse.ts';
import type { StreamEnd, StreamStep } from './stream-event.ts';
import { NOTHING, OUTPUT, readEvent } from './stream-event.ts';

// Not an `import`: see `client/http/headers.ts`.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

export interface ResponseHandler {
  /** One event of the stream, with the stamp of the read that completed it. */
  step(step: StreamStep, stamp: Microseconds): void;
  /** The answer ended at `stamp`; later bytes are not needed. */
  over(failure: Failure | null, stamp: Microseconds): void;
  decoded?(): void;
  read(): void;
  /** Called with an exception of goodput's own during decoding, which no caller would catch. */
  defect?(error: unknown): void;
}

export interface ResponseHead {
  status: number;
  statusText: string;
  headers: ResponseHeaders;
}

/** A response after its head has arrived: decodes the body, reads its events, and determines how it ended. */
export class Response {
  readonly #head: ResponseHead;
  readonly #reader: AnswerReader;
  readonly #handler: ResponseHandler;
  readonly #body: ResponseBody;
  readonly #repeats: RepeatedEvents | null;
  readonly #decoder: BodyDecoder | null;
  /** Text outside of any event. */
  #stray = '';
  #undecodable: Failure | null = null;
  #stamp: Microseconds = 0;
  #bytes = 0;
  /** State of the stream at the last call of `readOneEvent`. */
  #lines = 0;
  #wasBetweenEvents = false;
  /** Chunks of HTTP since then; a server writes a chunk at once. */
  #chunks = 0;
  #stopped = false;

  /**
   * @param known templates of other responses of this endpoint
   * @throws {ServerFault} for a content-encoding that is not supported
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
    this.#repeats = reader.shapes === null ? null : new RepeatedEvents(reader.shapes, known);
    this.#body = new ResponseBody(this.#isError, {
      event: (data, type, framing) => this.#event(data, type, framing),
      ...(this.#repeats === null ? {} : { known: (chunk, start) => this.#known(chunk, start) }),
      stray: (text) => {
        this.#stray = truncateMessage(text.trim());
      },
    });
    this.#decoder = bodyDecoder(joinValues(head.headers['content-encoding']), {
      data: (bytes, stamp) => this.#guard(() => this.#read(bytes, stamp)),
      decoded: () => this.#guard(() => this.#handler.decoded?.()),
      end: (error) => this.#guard(() => this.#decoded(error)),
    });
  }

  /** True unless the status is 2xx: the body then describes the error. Redirects are not followed. */
  get #isError(): boolean {
    return this.#head.status >= 300;
  }

  /** Number of bytes that are not decoded yet. */
  get backlog(): number {
    return this.#decoder?.backlog ?? 0;
  }

  get isBusy(): boolean {
    return (this.#decoder?.pending ?? 0) > 0;
  }

  push(chunk: Buffer, stamp: Microseconds): void {
    this.#chunks++;
    if (this.#decoder === null) this.#read(chunk, stamp);
    else this.#decoder.write(chunk, stamp);
  }

  /**
   * Returns true if the bytes since the last call were one line and a blank line in one chunk: a single event. The first of several
   * chunks may have arrived before the others were written.
   */
  readOneEvent(): boolean {
    const { lines, isBetweenEvents } = this.#body.stream;
    const isOne =
      this.#wasBetweenEvents && isBetweenEvents && lines === this.#lines + 2 && this.#chunks === 1;
    this.#chunks = 0;
    this.#lines = lines;
    this.#wasBetweenEvents = isBetweenEvents && this.#decoder === null;
    return isOne;
  }

  /** No more bytes follow; the handler's `read` is called once all are read. */
  finish(): void {
    if (this.#decoder === null) this.#handler.read();
    else this.#decoder.end();
  }

  /** Ignores all further bytes. */
  stop(): void {
    this.#stopped = true;
    this.#body.stop();
    this.#decoder?.destroy();
  }

  /**
   * Returns the failure of the response, or `null` if it succeeded. `[DONE]` and a clean end prove nothing: every choice must have a
   * finish reason.
   * @param cause the failure that cut it off, or `null` if it ended by itself
   */
  failure(cause: Failure | null): Failure | null {
    if (this.#isError) return this.#httpFailure();
    const { complete, badFinish } = this.#reader.answer();
    if (badFinish !== null)
      return failure('stream_error', `the server ended it with finish_reason "${badFinish}"`);
    const failed = this.#body.failure() ?? this.#undecodable ?? cause;
    if (failed !== null || complete) return failed;
    const text = this.#stray || this.#body.unparsedStart;
    const hint = text === '' ? '' : `; the server wrote: ${text}`;
    return failure('stream_truncated', `the stream ended without a finish reason${hint}`);
  }

  /** Returns the failure of an error response. Its message never includes the status, which a sample has as a key of its own. */
  #httpFailure(): Failure {
    const { status, statusText, headers } = this.#head;
    const error = this.#body.error();
    // A redirect may have a token in its query.
    const target = firstValue(headers['location']).replace(/[?#].*$/s, '');
    const bare =
      target === '' ? statusText || STATUS_CODES[status] || 'no message' : `a redirect to ${target}`;
    return failure(status === 429 ? 'rate_limited' : 'http_error', error.message || bare, error.code);
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

  /** Decoders report results asynchronously, outside of `push`. */
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
      this.#undecodable = failure('protocol_error', `cannot decode the content-encoding: ${error.message}`);
    this.#handler.read();
  }
}
