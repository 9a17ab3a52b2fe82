import type { ServerResponse } from 'node:http';
import type { Microseconds } from '../../units.ts';
import { answerTo, saidWord } from '../api/answer.ts';
import type { ApiError } from '../api/api-error.ts';
import { type BatchingRequest, type BatchingSettings, contextLength } from '../engine/batching.ts';
import { chainOf } from '../engine/chain.ts';
import { contextRefusal } from '../api/context-refusal.ts';
import type { OriginClock } from '../engine/engine-clock.ts';
import { type Dialect, reasoningTokens } from '../api/stream-dialect.ts';
import type { Driver, Ticket } from '../engine/driver.ts';
import type { RequestFault } from '../../faults.ts';
import { breaksOff, breakStream, breakWhole } from '../api/break-off.ts';
import { httpFault } from './http-fault.ts';
import { type Outlet, outletOf } from './response-writer.ts';
import { TruthRecord } from './truth-record.ts';
import { errorBody } from '../api/replies.ts';
import type { GenerationRequest } from '../api/generation-request.ts';
import type { Tally } from './server-metrics.ts';
import type { Truth, TruthEnd } from './truth-log-writer.ts';
import { openWire, type Reply, type Wire } from '../api/wire.ts';
import { shownOf } from '../api/wire-parts.ts';

/** What all requests of an endpoint share. */
export interface Floor {
  settings: BatchingSettings;
  dialect: Dialect;
  driver: Driver;
  clock: OriginClock;
  tally: Tally;
  tell(truth: Truth): void;
}

/** One choice of an answer on its way. */
interface Choice {
  /** Tokens computed, and those that no event has shown yet. */
  sofar: number;
  pending: number;
  text: string;
  events: number;
  last_us: Microseconds;
  /** When it first ran, and when its first token was computed. */
  admitted_us: Microseconds | null;
  first_us: Microseconds;
}

/**
 * A client that leaves more than this unread takes no part any more. What a stream writes is no more than some hundred kilobytes
 * a second, and the kernel holds megabytes before anything gathers here.
 */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;

/** One request from its arrival to its end: through the engine, and out by the wire. */
export class Exchange {
  readonly #floor: Floor;
  readonly #response: ServerResponse;
  readonly #request: GenerationRequest;
  readonly #fault: RequestFault | null;
  readonly #reply: Reply;
  readonly #wire: Wire;
  readonly #record: TruthRecord;
  readonly #arrived_us: Microseconds;
  readonly #choices: Choice[];
  readonly #now: () => Microseconds;
  readonly #outlet: Outlet;
  #tickets: Ticket[] = [];
  #left: number;
  /** Tokens that went out, of all choices. */
  #shown = 0;
  #over = false;
  /** Of headers that are held back. */
  #held: NodeJS.Timeout | undefined;

  constructor(
    floor: Floor,
    response: ServerResponse,
    request: GenerationRequest,
    { id, fault, naturalLength }: { id: string; fault: RequestFault | null; naturalLength: number | null },
  ) {
    const { clock, dialect, settings } = floor;
    // A chat template is never empty, and a prompt of nothing cannot be computed.
    const prompt = Math.max(1, request.words.length);
    const answer = answerTo(request, { naturalLength, room: contextLength(settings).tokens - prompt });
    this.#floor = floor;
    this.#response = response;
    this.#request = request;
    this.#fault = fault;
    this.#now = () => clock.now();
    this.#arrived_us = clock.now();
    this.#left = request.n;
    this.#reply = {
      id,
      created: Math.floor(Date.now() / 1000),
      request,
      answer,
      dialect,
      reasoning: request.api === 'completions' ? 0 : reasoningTokens(dialect, answer.tokens),
      prompt,
      cached: 0,
    };
    this.#wire = openWire(this.#reply);
    this.#choices = Array.from({ length: request.n }, () => ({
      sofar: 0,
      pending: 0,
      text: '',
      events: 0,
      last_us: this.#arrived_us,
      admitted_us: null,
      first_us: this.#arrived_us,
    }));
    this.#record = new TruthRecord({
      id,
      api: request.api,
      stream: request.stream,
      arrived_us: this.#arrived_us,
      prompt,
      output: answer.tokens * request.n,
    });
    this.#outlet = outletOf(fault, response, this.#now);
    response.once('close', () => this.#gone());
  }

  begin(): void {
    const { settings } = this.#floor;
    const { prompt, answer } = this.#reply;
    // Nobody knows beforehand that an answer will end before its limit.
    const output = Math.max(answer.tokens, this.#request.limit ?? 0);
    const refusal = contextRefusal(settings, this.#request.api, { prompt, output });
    if (refusal !== null) {
      this.#refuse(refusal, 'refused');
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
        this.#refuse(httpFault(fault, this.#request.api), 'fault');
        break;
      case 'slow-headers':
        this.#held = setTimeout(() => this.#submit(), fault.for);
        break;
      default:
        this.#submit();
    }
  }

  /** The server is being closed. */
  close(): void {
    this.#end('closed');
  }

  #submit(): void {
    const { words, n } = this.#request;
    const { prompt, answer } = this.#reply;
    const { prefixCaching, blockSize } = this.#floor.settings;
    const request: BatchingRequest = { prompt, output: answer.tokens };
    if (prefixCaching) {
      const wordAt = (k: number): string => words[k] ?? saidWord(k - words.length);
      request.chain = chainOf(wordAt, words.length + answer.tokens, blockSize);
    }
    if (this.#request.stream) this.#open();
    this.#floor.driver.together(() => {
      for (let choice = 0; choice < n; choice++) this.#tickets.push(this.#enter(choice, request));
    });
    this.#record.entered(this.#tickets[0]!.arrived_us);
    if (this.#request.stream && this.#fault !== null && this.#dueNow(this.#fault)) this.#strike(this.#fault);
  }

  #enter(index: number, request: BatchingRequest): Ticket {
    const { driver, tally } = this.#floor;
    const choice = this.#choices[index]!;
    const ticket = driver.submit(request, {
      token: (k, at_us) => this.#token(index, k, at_us),
      admitted: (at_us, cached) => {
        if (choice.admitted_us !== null) return;
        choice.admitted_us = at_us;
        tally.admitted(at_us - choice.last_us, request.prompt, cached);
        // Choices share the prompt; usage tells what the first one found.
        if (index === 0) {
          this.#record.admitted(at_us, cached);
          this.#reply.cached = cached;
        }
      },
      preempted: () => {
        tally.preempted();
        this.#record.preempted();
      },
    });
    choice.last_us = ticket.arrived_us;
    return ticket;
  }

  #open(): void {
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
    if (this.#over) return;
    const choice = this.#choices[index]!;
    const { answer, dialect, reasoning, prompt } = this.#reply;
    this.#floor.tally.token(k === 0, at_us - choice.last_us, prompt);
    choice.last_us = at_us;
    if (k === 0) choice.first_us = at_us;
    choice.sofar = k + 1;
    this.#record.computed();
    const last = k === answer.tokens - 1;
    const thinking = k < reasoning;
    if (!thinking || dialect.reasoning?.streamed === true) {
      choice.pending++;
      choice.text += shownOf(this.#reply, k);
    }
    const due =
      choice.events === 0 || choice.pending >= dialect.tokensPerEvent || k === reasoning - 1 || last;
    if (this.#request.stream && due) this.#show(index, thinking, last, at_us);
    else if (last) this.#ended(index, at_us);
    if (this.#request.stream || this.#over) return;
    this.#shown++;
    if (this.#fault !== null && this.#dueNow(this.#fault)) this.#strike(this.#fault);
  }

  /** Writes what a choice has to show, and its end where it has come. */
  #show(index: number, reasoning: boolean, last: boolean, at_us: Microseconds): void {
    const choice = this.#choices[index]!;
    const { pending: tokens, text, sofar } = choice;
    const shows = text !== '';
    let out = '';
    if (shows) {
      choice.pending = 0;
      choice.text = '';
      choice.events++;
      out = this.#wire.piece({ choice: index, text, reasoning, tokens, sofar, last });
    }
    if (last) out += this.#wire.finish(index) + (this.#left === 1 ? this.#wire.end() : '');
    if (out !== '') {
      this.#outlet.write(out, (written_us) => {
        if (!shows) return;
        this.#floor.tally.late(written_us - at_us, written_us);
        this.#record.event(at_us, written_us, tokens);
      });
    }
    if (shows) this.#shown += tokens;
    if (this.#response.writableLength > MOST_UNREAD_BYTES) this.#cutOff();
    else if (last) this.#ended(index, at_us);
    else if (this.#fault !== null && this.#dueNow(this.#fault)) this.#strike(this.#fault);
  }

  #ended(index: number, at_us: Microseconds): void {
    const { answer, prompt } = this.#reply;
    const { admitted_us, first_us } = this.#choices[index]!;
    this.#floor.tally.finished({
      finish: answer.finish,
      prompt,
      generated: answer.tokens,
      arrived_us: this.#arrived_us,
      admitted_us: admitted_us ?? first_us,
      first_us,
      last_us: at_us,
    });
    this.#left--;
    if (this.#left > 0) return;
    if (this.#request.stream) this.#outlet.end();
    else {
      this.#record.event(at_us, this.#now(), answer.tokens * this.#request.n);
      this.#send(200, this.#wire.whole());
    }
    this.#end('complete');
  }

  #dueNow({ kind, after }: RequestFault): boolean {
    return !this.#over && breaksOff(kind) && this.#shown >= after;
  }

  /** A fault in the middle of an answer. Its work is dropped: whoever broke off computes nothing more. */
  #strike({ kind }: RequestFault): void {
    const answer = { response: this.#response, wire: this.#wire };
    if (this.#request.stream) breakStream(kind, answer);
    else breakWhole(kind, answer, (status, body, headers) => this.#send(status, body, headers));
    this.#end('fault');
  }

  #refuse(error: ApiError, end: TruthEnd): void {
    this.#send(error.status, errorBody(this.#response, error), error.headers);
    this.#end(end);
  }

  #send(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#record.headers(status, this.#now());
    this.#response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    });
    this.#response.end(body);
  }

  /** It would fill the memory without end. */
  #cutOff(): void {
    this.#response.req.socket.destroy();
    this.#gone();
  }

  #gone(): void {
    if (this.#over) return;
    this.#floor.tally.aborted();
    this.#end('client_gone');
  }

  #end(end: TruthEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#held);
    for (const ticket of this.#tickets) ticket.cancel();
    const truth = this.#record.end(end, this.#now());
    if (truth !== null) this.#floor.tell(truth);
  }
}
