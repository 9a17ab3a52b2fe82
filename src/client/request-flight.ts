import type { Dispatcher } from 'undici';
import type { TimeoutKind } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { AnswerReader } from './api/api.ts';
import type { Exchange, Flight, Timeouts } from './client.ts';
import type { BodyReader, Connection } from './connection/connection.ts';
import type { EndingQueue } from './ending-queue.ts';
import type { SetUp } from './connection/dial.ts';
import { buildExchange } from './exchange-builder.ts';
import { EventTimes } from './stream/event-times.ts';
import type { Failure } from './http/failures.ts';
import { connectionFailure, failure, isDefect, statusFailure, timeoutFailure } from './http/failures.ts';
import type { ResponseHeaders } from './http/headers.ts';
import type { KnownEvents } from './stream/known-events.ts';
import { checkLimit, LIMITS, MAX_BACKLOG_BYTES } from './http/limits.ts';
import { ServerFault } from './http/server-fault.ts';
import type { ResponseHandler, ResponseHead } from './stream/response.ts';
import { Response } from './stream/response.ts';
import type { StreamStep } from './stream/stream-event.ts';
import { RequestTimer } from './request-timer.ts';

export interface FlightOptions {
  connection: Connection;
  reader: AnswerReader;
  known: KnownEvents;
  endings: EndingQueue;
  timeouts: Timeouts;
  now: () => Microseconds;
  address: string;
  redact: (text: string) => string;
}

export interface FlightHandler {
  /** Output event, with the time since the previous one. For the first event `gap` is its instant, and `sent` the instant of the send. */
  output(gap: Microseconds, sent: Microseconds | null): void;
  ended(flight: RequestFlight): void;
  /** The response is complete: the connection can serve the next request. */
  free(connection: Connection): void;
  /** The connection broke, or must be closed. */
  broken(connection: Connection): void;
}

/** Data after the end of an answer is read and ignored for this long, so that the connection can be reused. */
const DRAIN_MS = 1000;

/**
 * One request, from its dispatch to its end; undici calls the `on…` methods. undici would treat an exception as a failure of the
 * connection, so goodput's own exceptions are caught here and reject `done`.
 */
export class RequestFlight implements Flight, Dispatcher.DispatchHandler, BodyReader {
  readonly done: Promise<Exchange>;
  readonly #options: FlightOptions;
  readonly #handler: FlightHandler;
  readonly #timer: RequestTimer;
  readonly #promise = Promise.withResolvers<Exchange>();
  #head: ResponseHead | null = null;
  #response: Response | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #ended = false;
  #settled = false;
  #drain: NodeJS.Timeout | null = null;
  /** The response is complete, or the connection is closed. */
  #closed = false;
  #cause: Failure | null = null;
  #sent: Microseconds | null = null;
  #headersAt: Microseconds | null = null;
  #reused: boolean | null = null;
  #setUp: SetUp | null = null;
  #bytes = 0;
  readonly #events = new EventTimes();

  constructor(options: FlightOptions, handler: FlightHandler) {
    this.#options = options;
    this.#handler = handler;
    this.done = this.#promise.promise;
    this.#timer = new RequestTimer(options.timeouts, options.now, {
      isBusy: () => this.#response?.isBusy === true,
      expired: (kind) => this.#guard(() => this.#expired(kind)),
    });
  }

  abort(reason: string): void {
    if (this.#ended) return;
    this.#guard(() => {
      this.#end(failure('aborted', reason), this.#options.now());
      this.#breakOff();
    });
  }

  /** Called immediately before the head and the body are written to the socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#guard(() => this.#start(controller));
  }

  #start(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // undici retries an HTTP/2 stream that the server refuses (RFC 9113 §8.7): the first send counts.
    if (this.#ended || this.#sent !== null) return;
    const { connection, now } = this.#options;
    this.#sent = Math.round(now());
    this.#reused = connection.sent > 0 || connection.isPrepared;
    this.#setUp = this.#reused ? null : connection.setUp;
    connection.sent++;
    this.#timer.sent(this.#sent);
  }

  onResponseStart(_: unknown, status: number, headers: ResponseHeaders, statusText = ''): void {
    this.#guard(() => {
      const failed = statusFailure(status, this.#options.address);
      if (failed !== null) this.#reject(failed);
      // Informational responses such as 103 precede the response.
      else if (status >= 200) this.#beginResponse({ status, statusText, headers });
    });
  }

  #reject(failed: Failure): void {
    this.#end(failed, this.#options.connection.readAt);
    this.#breakOff();
  }

  #beginResponse(head: ResponseHead): void {
    this.#options.connection.body = this;
    if (this.#ended) return;
    this.#headersAt = this.#options.connection.readAt;
    this.#head = head;
    this.#timer.headers();
    try {
      const { reader, known } = this.#options;
      const handler: ResponseHandler = {
        step: (step, stamp) => this.#step(step, stamp),
        over: (failed, stamp) => this.#over(failed, stamp),
        decoded: () => this.#decoded(),
        read: () => this.#read(),
        defect: (error) => this.#defect(error),
      };
      this.#response = new Response(this.#head, reader, handler, known);
    } catch (error) {
      if (!(error instanceof ServerFault)) throw error;
      this.#reject(failure('protocol_error', error.message));
    }
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.#ended) return;
    try {
      this.#bytes += chunk.length;
      this.#response?.push(chunk, this.#options.connection.readAt);
      if ((this.#response?.backlog ?? 0) > MAX_BACKLOG_BYTES) this.#controller?.pause();
    } catch (error) {
      this.#defect(error);
    }
  }

  /** Limits the bytes that wait to be decoded; TCP flow control slows the server down. */
  #decoded(): void {
    if (this.#controller?.paused === true && this.#response!.backlog <= MAX_BACKLOG_BYTES / 2)
      this.#controller.resume();
  }

  readEnded(arrivedBy: Microseconds | null): void {
    if (this.#response?.readOneEvent() !== true || arrivedBy === null || this.#ended) return;
    // If the event was not an output event, the last one belongs to an earlier iteration.
    if (arrivedBy < this.#events.last) this.#events.bringForward(arrivedBy);
  }

  onResponseEnd(): void {
    this.#guard(() => {
      this.#options.connection.body = null;
      this.#close(null);
      this.#handler.free(this.#options.connection);
    });
  }

  onResponseError(_: unknown, error: Error): void {
    if (isDefect(error)) this.#defect(error);
    else this.#guard(() => this.#broken(error));
  }

  #broken(error: Error): void {
    const cause =
      'code' in error && error.code === 'UND_ERR_SOCKET' ? this.#options.connection.brokenBy : null;
    this.#close(
      connectionFailure(cause ?? error, {
        sent: this.#sent !== null,
        headers: this.#headersAt !== null,
        reused: this.#reused === true,
        address: this.#options.address,
      }),
    );
    this.#handler.broken(this.#options.connection);
  }

  #close(cause: Failure | null): void {
    this.#closed = true;
    if (this.#drain !== null) clearTimeout(this.#drain);
    if (this.#ended) return;
    this.#cause = cause;
    // Bytes that arrived before the connection broke still count, and may not be decoded yet.
    if (this.#response === null) this.#end(cause, this.#options.now());
    else this.#response.finish();
  }

  #read(): void {
    if (!this.#ended && this.#response !== null)
      this.#end(this.#response.failure(this.#cause), this.#options.now());
  }

  #step(step: StreamStep, stamp: Microseconds): void {
    if (step.output) {
      const { count } = this.#events;
      if (count >= LIMITS.events) checkLimit('events', count + 1);
      const gap = this.#events.add(stamp);
      this.#handler.output(gap, count === 0 ? this.#sent : null);
    }
    if (step.progress) this.#timer.progress(stamp);
  }

  /** The answer has ended before its response. */
  #over(failed: Failure | null, stamp: Microseconds): void {
    this.#end(failed, stamp, () => {
      if (!this.#closed) this.#drain = setTimeout(() => this.#breakOff(), DRAIN_MS);
    });
  }

  #expired(kind: TimeoutKind): void {
    const limit = this.#options.timeouts[kind === 'first_token' ? 'firstToken' : kind];
    const timeout = timeoutFailure(kind, limit);
    // An error response whose body never ends keeps its status and is not a timeout.
    this.#end(this.#response === null ? timeout : this.#response.failure(timeout), this.#options.now());
    this.#breakOff();
  }

  #breakOff(): void {
    if (!this.#closed) this.#handler.broken(this.#options.connection);
  }

  /** @param then called after the result was reported */
  #end(failed: Failure | null, at: Microseconds, then: () => void = () => undefined): void {
    this.#ended = true;
    this.#timer.stop();
    this.#response?.stop();
    this.#options.endings.add(() =>
      this.#guard(() => {
        this.#handler.ended(this);
        this.#promise.resolve(this.#exchange(failed, Math.round(at)));
        this.#settled = true;
        then();
      }),
    );
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#defect(error);
    }
  }

  /** Ends the request without an outcome: goodput itself failed, or a library that it uses. */
  #defect(error: unknown): void {
    const isKnown = this.#settled;
    this.#settled = true;
    this.#ended = true;
    this.#timer.stop();
    this.#response?.stop();
    this.#promise.reject(error);
    this.#handler.ended(this);
    this.#breakOff();
    // The caller already has its result, so the error must surface in another way.
    if (isKnown)
      queueMicrotask(() => {
        throw error;
      });
  }

  #exchange(failed: Failure | null, ended: Microseconds): Exchange {
    return buildExchange({
      sent: this.#sent,
      headersAt: this.#headersAt,
      ended,
      events: this.#events.deltas(),
      status: this.#head?.status ?? null,
      headers: this.#head?.headers ?? {},
      reused: this.#reused,
      setUp: this.#setUp,
      bytes: this.#bytes,
      isHttp2: this.#sent !== null && this.#options.connection.isHttp2,
      failure: failed,
      answer: this.#options.reader.answer(),
      epochMs: Date.now(),
      redact: this.#options.redact,
    });
  }
}
