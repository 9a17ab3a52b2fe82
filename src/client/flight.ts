import type { Dispatcher } from 'undici';
import type { TimeoutKind } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { AnswerReader } from './api/api.ts';
import type { Exchange, Flight, Timeouts } from './client.ts';
import type { BodyReader, Connection } from './connection/connection.ts';
import type { Endings } from './endings.ts';
import type { SetUp } from './connection/dial.ts';
import { buildExchange } from './exchange.ts';
import { EventTimes } from './stream/event-times.ts';
import type { Failure } from './http/failures.ts';
import { connectionFailure, failure, isDefect, statusFailure, timeoutFailure } from './http/failures.ts';
import type { ResponseHeaders } from './http/headers.ts';
import type { KnownEvents } from './stream/known-events.ts';
import { checkLimit, LIMITS, MAX_BACKLOG_BYTES } from './http/limits.ts';
import { ServerFault } from './http/server-fault.ts';
import type { ResponseHandler, ResponseHead } from './stream/response.ts';
import { Response } from './stream/response.ts';
import type { StreamStep } from './stream/stream.ts';
import { RequestTimer } from './timer.ts';

export interface FlightOptions {
  connection: Connection;
  reader: AnswerReader;
  known: KnownEvents;
  endings: Endings;
  timeouts: Timeouts;
  now: () => Microseconds;
  /** `host:port`, for messages. */
  address: string;
  redact: (text: string) => string;
}

export interface FlightHandler {
  /** An output event: the time since the one before; of the first one the instant, and that of the send. */
  output(gap: Microseconds, sent: Microseconds | null): void;
  ended(flight: RequestFlight): void;
  /** The response is whole: the connection can serve the next request. */
  free(connection: Connection): void;
  /** The connection broke, or must be broken off. */
  broken(connection: Connection): void;
}

/** What follows the end of an answer is read and ignored this long, so that the connection can be used again. */
const DRAIN_MS = 1000;

/**
 * One request, from its dispatch to its end; undici calls the `on…` methods. undici treats what they throw as a failure of the
 * connection, so an exception of goodput's own must not leave them: it rejects `done`.
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
  /** undici is done with it: the response is whole, or the connection is gone. */
  #closed = false;
  /** What broke the response off. */
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
      busy: () => this.#response?.busy === true,
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

  /** Called right before the head and the body are written to the socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#guard(() => this.#start(controller));
  }

  #start(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // A stream of HTTP/2 that the server refuses is tried once more (RFC 9113 §8.7): the request counts from its first send.
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
      if (failed !== null) this.#refuse(failed);
      // 103 and its like announce: the response is still to come.
      else if (status >= 200) this.#answers({ status, statusText, headers });
    });
  }

  #refuse(failed: Failure): void {
    this.#end(failed, this.#options.connection.readAt);
    this.#breakOff();
  }

  #answers(head: ResponseHead): void {
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
      this.#refuse(failure('protocol_error', error.message));
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

  /** What is decoded more slowly than it comes must not gather here; TCP tells the server to wait. */
  #decoded(): void {
    if (this.#controller?.paused === true && this.#response!.backlog <= MAX_BACKLOG_BYTES / 2)
      this.#controller.resume();
  }

  readEnded(turnAt: Microseconds | null): void {
    if (this.#response?.readOneEvent() !== true || turnAt === null || this.#ended) return;
    // Not an output event: then the last one is of an earlier turn.
    if (turnAt < this.#events.last) this.#events.bringForward(turnAt);
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
    // What came before the break still counts, and may not be decoded yet.
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

  /** The answer is over and its response is not. */
  #over(failed: Failure | null, stamp: Microseconds): void {
    this.#end(failed, stamp, () => {
      if (!this.#closed) this.#drain = setTimeout(() => this.#breakOff(), DRAIN_MS);
    });
  }

  #expired(kind: TimeoutKind): void {
    const limit = this.#options.timeouts[kind === 'first_token' ? 'firstToken' : kind];
    const timeout = timeoutFailure(kind, limit);
    // An explanation that never ends does not make an error response a slow one: its status stands.
    this.#end(this.#response === null ? timeout : this.#response.failure(timeout), this.#options.now());
    this.#breakOff();
  }

  #breakOff(): void {
    if (!this.#closed) this.#handler.broken(this.#options.connection);
  }

  /** @param then what follows, once it has been told of */
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

  /** Ends it without an outcome: goodput itself failed, or a library that it uses. */
  #defect(error: unknown): void {
    const isKnown = this.#settled;
    this.#settled = true;
    this.#ended = true;
    this.#timer.stop();
    this.#response?.stop();
    this.#promise.reject(error);
    this.#handler.ended(this);
    this.#breakOff();
    // Whoever asked has its answer, and must hear of it all the same.
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
