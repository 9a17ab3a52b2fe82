import type { ServerResponse } from 'node:http';
import type { RequestFault } from '../../faults.ts';
import type { Microseconds } from '../../units.ts';
import { answerWord } from '../api/answer.ts';
import type { ApiError } from '../api/api-error.ts';
import { contextRefusal } from '../api/context-refusal.ts';
import type { GenerationRequest } from '../api/generation-request.ts';
import { interruptDocument, interruptsAnswer, interruptStream } from '../api/interruption.ts';
import { openWire } from '../api/open-wire.ts';
import { errorBody, send } from '../api/replies.ts';
import { planReply, type Reply } from '../api/reply.ts';
import type { Dialect } from '../api/stream-dialect.ts';
import { visibleText } from '../api/wire-parts.ts';
import type { Wire } from '../api/wire.ts';
import { type BatchingRequest, type BatchingSettings, contextLength } from '../engine/batching.ts';
import { chainOf } from '../engine/chain.ts';
import type { Driver, Submission } from '../engine/driver.ts';
import type { OriginClock } from '../engine/engine-clock.ts';
import { type ChoiceProgress, startChoice } from './choice-progress.ts';
import { httpFault } from './http-fault.ts';
import { type ResponseWriter, responseWriter } from './response-writer.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { Truth, TruthEnd } from './truth-log-writer.ts';
import { TruthRecord } from './truth-record.ts';

/** State that all requests of an endpoint share. */
export interface EndpointContext {
  settings: BatchingSettings;
  dialect: Dialect;
  driver: Driver;
  clock: OriginClock;
  metrics: ServerMetrics;
  log(truth: Truth): void;
}

/**
 * Unread bytes at which a client is disconnected. A stream writes at most some hundred kilobytes per second, and the kernel holds
 * megabytes before anything accumulates in this process.
 */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** One request from its arrival to its end: it passes through the engine, and its answer is written. */
export class ServedRequest {
  readonly #context: EndpointContext;
  readonly #response: ServerResponse;
  readonly #request: GenerationRequest;
  readonly #fault: RequestFault | null;
  readonly #reply: Reply;
  readonly #wire: Wire;
  readonly #record: TruthRecord;
  readonly #arrived_us: Microseconds;
  readonly #choices: ChoiceProgress[];
  readonly #now: () => Microseconds;
  readonly #writer: ResponseWriter;
  #submissions: Submission[] = [];
  #choicesLeft: number;
  /** Tokens written, of all choices. */
  #written = 0;
  #hasEnded = false;
  #headersTimer: NodeJS.Timeout | undefined;

  constructor(
    context: EndpointContext,
    response: ServerResponse,
    request: GenerationRequest,
    { id, fault, naturalLength }: { id: string; fault: RequestFault | null; naturalLength: number | null },
  ) {
    const { clock, dialect, settings } = context;
    this.#context = context;
    this.#response = response;
    this.#request = request;
    this.#fault = fault;
    this.#now = () => clock.now();
    this.#arrived_us = clock.now();
    this.#choicesLeft = request.n;
    const contextTokens = contextLength(settings).tokens;
    this.#reply = planReply(request, { id, dialect, naturalLength, contextTokens });
    this.#wire = openWire(this.#reply);
    this.#choices = Array.from({ length: request.n }, () => startChoice(this.#arrived_us));
    this.#record = new TruthRecord({
      id,
      api: request.api,
      stream: request.stream,
      arrived_us: this.#arrived_us,
      prompt: this.#reply.prompt,
      output: this.#reply.answer.tokens * request.n,
    });
    this.#writer = responseWriter(fault, response, this.#now);
    response.once('close', () => this.#clientLeft());
  }

  begin(): void {
    const { settings } = this.#context;
    const { prompt, answer } = this.#reply;
    // A server does not know in advance that an answer will end before its limit.
    const output = Math.max(answer.tokens, this.#request.limit ?? 0);
    const refusal = contextRefusal(settings, this.#request.api, { prompt, output });
    if (refusal !== null) {
      this.#sendError(refusal, 'refused');
      return;
    }
    const fault = this.#fault;
    if (fault !== null) this.#record.fault(fault.kind);
    switch (fault?.kind) {
      case 'reset-before-headers':
        this.#response.socket?.resetAndDestroy();
        this.#end('fault');
        break;
      case '429':
      case '500':
      case '503':
      case '529':
        this.#sendError(httpFault(fault, this.#request.api), 'fault');
        break;
      case 'slow-headers':
        this.#headersTimer = setTimeout(() => this.#submit(), fault.for);
        break;
      default:
        this.#submit();
    }
  }

  close(): void {
    this.#end('closed');
  }

  #submit(): void {
    const { words, n, stream } = this.#request;
    const { prompt, answer } = this.#reply;
    const { prefixCaching, blockSize } = this.#context.settings;
    const request: BatchingRequest = { prompt, output: answer.tokens };
    if (prefixCaching) {
      const wordAt = (k: number): string => words[k] ?? answerWord(k - words.length);
      request.chain = chainOf(wordAt, words.length + answer.tokens, blockSize);
    }
    if (stream) this.#startStream();
    this.#context.driver.batch(() => {
      for (let choice = 0; choice < n; choice++) this.#submissions.push(this.#submitChoice(choice, request));
    });
    this.#record.entered(this.#submissions[0]!.arrived_us);
    if (stream) this.#injectFaultIfDue();
  }

  #submitChoice(index: number, request: BatchingRequest): Submission {
    const { driver, metrics } = this.#context;
    const choice = this.#choices[index]!;
    const submission = driver.submit(request, {
      token: (k, at_us) => this.#token(index, k, at_us),
      admitted: (at_us, cached) => {
        if (choice.admitted_us !== null) return;
        choice.admitted_us = at_us;
        metrics.admitted(at_us - choice.last_us, request.prompt, cached);
        // Choices share the prompt; usage reports the cached tokens of the first one.
        if (index === 0) {
          this.#record.admitted(at_us, cached);
          this.#reply.cached = cached;
        }
      },
      preempted: () => {
        metrics.preempted();
        this.#record.preempted();
      },
    });
    choice.last_us = submission.arrived_us;
    return submission;
  }

  #startStream(): void {
    const response = this.#response;
    const at_us = this.#now();
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    this.#record.headers(200, at_us);
    const begin = this.#wire.begin();
    if (begin === '') response.flushHeaders();
    else response.write(begin);
  }

  #token(index: number, k: number, at_us: Microseconds): void {
    if (this.#hasEnded) return;
    const choice = this.#choices[index]!;
    const { answer, dialect, reasoning, prompt } = this.#reply;
    this.#context.metrics.token(k === 0, at_us - choice.last_us, prompt);
    choice.last_us = at_us;
    if (k === 0) choice.first_us = at_us;
    choice.computed = k + 1;
    this.#record.computed();
    const isLast = k === answer.tokens - 1;
    const isReasoning = k < reasoning;
    if (!isReasoning || dialect.reasoning?.streamed === true) {
      choice.pending++;
      choice.text += visibleText(this.#reply, k);
    }
    const isEventDue =
      choice.events === 0 || choice.pending >= dialect.tokensPerEvent || k === reasoning - 1 || isLast;
    if (this.#request.stream && isEventDue) this.#writeEvent(index, isReasoning, isLast, at_us);
    else if (isLast) this.#choiceEnded(index, at_us);
    if (this.#request.stream || this.#hasEnded) return;
    this.#written++;
    this.#injectFaultIfDue();
  }

  /** Writes the pending text of a choice, and its end if it has ended. */
  #writeEvent(index: number, reasoning: boolean, last: boolean, at_us: Microseconds): void {
    const choice = this.#choices[index]!;
    const { pending: tokens, text, computed: sofar } = choice;
    const hasText = text !== '';
    let out = '';
    if (hasText) {
      choice.pending = 0;
      choice.text = '';
      choice.events++;
      out = this.#wire.piece({ choice: index, text, reasoning, tokens, sofar, last });
    }
    if (last) out += this.#wire.finish(index) + (this.#choicesLeft === 1 ? this.#wire.end() : '');
    if (out !== '') {
      this.#writer.write(out, (written_us) => {
        if (!hasText) return;
        this.#context.metrics.late(written_us - at_us, written_us);
        this.#record.event(at_us, written_us, tokens);
      });
    }
    if (hasText) this.#written += tokens;
    if (this.#response.writableLength > MAX_UNREAD_BYTES) this.#disconnect();
    else if (last) this.#choiceEnded(index, at_us);
    else this.#injectFaultIfDue();
  }

  #choiceEnded(index: number, at_us: Microseconds): void {
    const { answer, prompt } = this.#reply;
    const { admitted_us, first_us } = this.#choices[index]!;
    this.#context.metrics.finished({
      finish: answer.finish,
      prompt,
      generated: answer.tokens,
      arrived_us: this.#arrived_us,
      admitted_us: admitted_us ?? first_us,
      first_us,
      last_us: at_us,
    });
    this.#choicesLeft--;
    if (this.#choicesLeft > 0) return;
    if (this.#request.stream) this.#writer.end();
    else {
      this.#record.event(at_us, this.#now(), answer.tokens * this.#request.n);
      this.#send(200, this.#wire.document());
    }
    this.#end('complete');
  }

  /** Interrupts the answer if its fault is due. The engine drops the request. */
  #injectFaultIfDue(): void {
    if (this.#fault === null || this.#hasEnded) return;
    const { kind, after } = this.#fault;
    if (!interruptsAnswer(kind) || this.#written < after) return;
    const answer = { response: this.#response, wire: this.#wire };
    if (this.#request.stream) interruptStream(kind, answer);
    else interruptDocument(kind, answer, (status, body, headers) => this.#send(status, body, headers));
    this.#end('fault');
  }

  #sendError(error: ApiError, end: TruthEnd): void {
    this.#send(error.status, errorBody(this.#response, error), error.headers);
    this.#end(end);
  }

  #send(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#record.headers(status, this.#now());
    send(this.#response, status, body, headers);
  }

  /** Disconnects a client that does not read, whose data would fill the memory. */
  #disconnect(): void {
    this.#response.req.socket.destroy();
    this.#clientLeft();
  }

  #clientLeft(): void {
    if (this.#hasEnded) return;
    this.#context.metrics.aborted();
    this.#end('client_gone');
  }

  #end(end: TruthEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#headersTimer);
    for (const submission of this.#submissions) submission.cancel();
    const truth = this.#record.end(end, this.#now());
    if (truth !== null) this.#context.log(truth);
  }
}
