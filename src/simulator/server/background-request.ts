import type { RequestFault } from '../../faults.ts';
import { answerWord } from '../api/answer.ts';
import { ApiError } from '../api/api-error.ts';
import { contextRefusal } from '../api/context-refusal.ts';
import type { GenerationRequest } from '../api/generation-request.ts';
import { openWire } from '../api/open-wire.ts';
import { planReply, type Reply } from '../api/reply.ts';
import type { Wire } from '../api/wire.ts';
import { contextLength } from '../engine/batching.ts';
import { chainOf } from '../engine/chain.ts';
import type { Submission } from '../engine/driver.ts';
import { type ChoiceProgress, startChoice } from './choice-progress.ts';
import { httpFault } from './http-fault.ts';
import type { EndpointContext } from './served-request.ts';
import type { TruthEnd } from './truth-log-writer.ts';
import { TruthRecord } from './truth-record.ts';

/** How a request of a batch ended: its document, or its error. */
export type BackgroundResult = { document: string } | { error: ApiError };

/** One request of a batch: it passes through the engine like any other, and its answer is kept instead of written to a socket. */
export class BackgroundRequest {
  readonly id: string;
  readonly #context: EndpointContext;
  readonly #request: GenerationRequest;
  readonly #fault: RequestFault | null;
  readonly #reply: Reply;
  readonly #wire: Wire;
  readonly #record: TruthRecord;
  readonly #choices: ChoiceProgress[];
  readonly #arrived_us: number;
  readonly #done: (result: BackgroundResult) => void;
  #submissions: Submission[] = [];
  #choicesLeft: number;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  /** @param done called once, unless the request is cancelled */
  constructor(
    context: EndpointContext,
    request: GenerationRequest,
    { id, fault, naturalLength }: { id: string; fault: RequestFault | null; naturalLength: number | null },
    done: (result: BackgroundResult) => void,
  ) {
    const { clock, dialect, settings } = context;
    this.id = id;
    this.#context = context;
    this.#request = request;
    this.#fault = fault;
    this.#done = done;
    this.#arrived_us = clock.now();
    this.#choicesLeft = request.n;
    this.#reply = planReply(request, {
      id,
      dialect,
      naturalLength,
      contextTokens: contextLength(settings).tokens,
    });
    this.#wire = openWire(this.#reply);
    this.#choices = Array.from({ length: request.n }, () => startChoice(this.#arrived_us));
    this.#record = new TruthRecord({
      id,
      api: request.api,
      stream: false,
      arrived_us: this.#arrived_us,
      prompt: this.#reply.prompt,
      output: this.#reply.answer.tokens * request.n,
    });
  }

  /** True until the engine has admitted it. */
  get isWaiting(): boolean {
    return this.#choices.some(({ admitted_us }) => admitted_us === null);
  }

  /** Submits the request to the engine, or ends it with the error of its fault. */
  begin(): void {
    const { prompt, answer } = this.#reply;
    const fault = this.#fault;
    const output = Math.max(answer.tokens, this.#request.limit ?? 0);
    const refusal = contextRefusal(this.#context.settings, this.#request.api, { prompt, output });
    if (refusal !== null) {
      this.#end('refused', { error: refusal });
      return;
    }
    if (fault !== null) this.#record.fault(fault.kind);
    switch (fault?.kind) {
      case '429':
      case '500':
      case '503':
      case '529':
        this.#end('fault', { error: httpFault(fault, this.#request.api) });
        break;
      case 'reset-before-headers':
      case 'reset':
      case 'error':
      case 'truncate':
      case 'malformed':
        this.#end('fault', {
          error: new ApiError(500, 'the engine died (injected fault)', { type: 'server_error' }),
        });
        break;
      case 'hang':
        // It ends with its batch.
        break;
      case 'slow-headers':
        this.#timer = setTimeout(() => this.#submit(), fault.for);
        break;
      default:
        this.#submit();
    }
  }

  /** Ends the request without a result. */
  cancel(): void {
    if (!this.#hasEnded) this.#context.metrics.aborted();
    this.#end('closed', null);
  }

  #submit(): void {
    const { words, n } = this.#request;
    const { prompt, answer } = this.#reply;
    const { prefixCaching, blockSize } = this.#context.settings;
    const wordAt = (k: number): string => words[k] ?? answerWord(k - words.length);
    const request = {
      prompt,
      output: answer.tokens,
      ...(prefixCaching ? { chain: chainOf(wordAt, words.length + answer.tokens, blockSize) } : {}),
    };
    const { driver, metrics } = this.#context;
    driver.batch(() => {
      for (let index = 0; index < n; index++) {
        const choice = this.#choices[index]!;
        const submission = driver.submit(request, {
          token: (k, at_us) => this.#token(choice, k, at_us),
          admitted: (at_us, cached) => {
            if (choice.admitted_us !== null) return;
            choice.admitted_us = at_us;
            metrics.admitted(at_us - choice.last_us, prompt, cached);
            if (index > 0) return;
            this.#record.admitted(at_us, cached);
            this.#reply.cached = cached;
          },
          preempted: () => {
            metrics.preempted();
            this.#record.preempted();
          },
        });
        choice.last_us = submission.arrived_us;
        this.#submissions.push(submission);
      }
    });
    this.#record.entered(this.#submissions[0]!.arrived_us);
  }

  #token(choice: ChoiceProgress, k: number, at_us: number): void {
    if (this.#hasEnded) return;
    const { answer, prompt } = this.#reply;
    const { metrics } = this.#context;
    metrics.token(k === 0, at_us - choice.last_us, prompt);
    choice.last_us = at_us;
    if (k === 0) choice.first_us = at_us;
    this.#record.computed();
    if (k < answer.tokens - 1) return;
    metrics.finished({
      finish: answer.finish,
      prompt,
      generated: answer.tokens,
      arrived_us: this.#arrived_us,
      admitted_us: choice.admitted_us ?? choice.first_us,
      first_us: choice.first_us,
      last_us: at_us,
    });
    if (--this.#choicesLeft > 0) return;
    this.#record.event(at_us, at_us, answer.tokens * this.#request.n);
    this.#end('complete', { document: this.#wire.document() });
  }

  #end(end: TruthEnd, result: BackgroundResult | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    for (const submission of this.#submissions) submission.cancel();
    const now_us = this.#context.clock.now();
    if (result !== null) this.#record.headers('error' in result ? result.error.status : 200, now_us);
    const truth = this.#record.end(end, now_us);
    if (truth !== null) this.#context.log(truth);
    if (result !== null) this.#done(result);
  }
}
