import { failure, timeoutFailure } from '../client/http/failures.ts';
import type { PlannedFields } from '../plan/plan.ts';
import { type Phase, type Sample, type SampleError, type TimeoutKind, unsent } from '../sample.ts';
import type { Timeouts } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { VirtualTurn } from './virtual-session.ts';

/** The planned instant of a request, the instant at which a cap released it, and the phase that the loop decided. */
export interface When {
  planned_us: Microseconds;
  released_us: Microseconds | null;
  phase: Phase | null;
}

/** A request in flight in virtual time. It is sent as soon as it may be, and each event arrives when its token is computed. */
export class VirtualRequest {
  readonly turn: VirtualTurn;
  readonly fields: PlannedFields;
  readonly output: number;
  readonly when: When;
  readonly sent_us: Microseconds;
  /** Input tokens as the engine counts them. */
  readonly prompt: number;
  /** Times of the events, as in a sample: the first value is an instant, each later one a difference. */
  readonly events_us: number[] = [];
  /** The message with which the engine refuses the request; `null`: it does not. */
  readonly refusal: string | null;
  cached: number | null = null;
  #last_us: Microseconds = 0;

  constructor(
    given: Pick<VirtualRequest, 'turn' | 'fields' | 'output' | 'when' | 'sent_us' | 'prompt' | 'refusal'>,
  ) {
    this.turn = given.turn;
    this.fields = given.fields;
    this.output = given.output;
    this.when = given.when;
    this.sent_us = given.sent_us;
    this.prompt = given.prompt;
    this.refusal = given.refusal;
  }

  addToken(at_us: Microseconds): void {
    this.events_us.push(at_us - this.#last_us);
    this.#last_us = at_us;
  }

  get isComplete(): boolean {
    return this.events_us.length === this.output;
  }

  /** Returns the client's timeout that ends the request unless a token arrives before, or the instant of its refusal. */
  nextTimeout(timeouts: Timeouts): { kind: TimeoutKind | 'refused'; at_us: Microseconds } {
    if (this.refusal !== null) return { kind: 'refused', at_us: this.sent_us + REFUSED_AFTER_US };
    const total = { kind: 'total' as const, at_us: this.sent_us + timeouts.total * 1000 };
    const next =
      this.events_us.length === 0
        ? { kind: 'first_token' as const, at_us: this.sent_us + timeouts.firstToken * 1000 }
        : { kind: 'idle' as const, at_us: this.#last_us + timeouts.idle * 1000 };
    return total.at_us < next.at_us ? total : next;
  }

  ok(): RequestEnd {
    return {
      ended_us: this.#last_us,
      outcome: 'ok',
      error: null,
      status: 200,
      headers_us: this.sent_us,
      finish: 'length',
    };
  }

  refused(at_us: Microseconds): RequestEnd {
    const error = { message: this.refusal! };
    return { ended_us: at_us, outcome: 'http_error', error, status: 400, headers_us: at_us, finish: null };
  }

  timedOut(kind: TimeoutKind, timeouts: Timeouts, at_us: Microseconds): RequestEnd {
    const limit = timeouts[kind === 'first_token' ? 'firstToken' : kind];
    return this.#cut(timeoutFailure(kind, limit), at_us);
  }

  aborted(reason: string, at_us: Microseconds): RequestEnd {
    return this.#cut(failure('aborted', reason), at_us);
  }

  #cut(
    { outcome, error }: { outcome: Sample['outcome']; error: SampleError },
    at_us: Microseconds,
  ): RequestEnd {
    const headers_us = this.refusal === null ? this.sent_us : null;
    const status = headers_us === null ? null : 200;
    return { ended_us: at_us, outcome, error, status, headers_us, finish: null };
  }
}

/** The time that a refusal takes, as on a fast server. If it were 0, virtual time would not advance in a closed loop of refused requests. */
const REFUSED_AFTER_US = 1000;

export type RequestEnd = Pick<Sample, 'ended_us' | 'outcome' | 'error' | 'status' | 'headers_us' | 'finish'>;

/** Returns the sample of a request, like that of a recorded stream with `usage` at its end. */
export function sampleOf(request: VirtualRequest, phase: Phase, end: RequestEnd): Sample {
  const { fields, when, sent_us, events_us } = request;
  const hasUsage = end.outcome === 'ok';
  return {
    ...fields,
    worker: 0,
    phase,
    planned_us: when.planned_us,
    released_us: when.released_us,
    sent_us,
    headers_us: end.headers_us,
    ended_us: end.ended_us,
    events_us,
    n: null,
    answer: events_us.length > 0 ? 0 : null,
    outcome: end.outcome,
    status: end.status,
    finish: end.finish,
    error: end.error,
    input_tokens: hasUsage ? request.prompt : null,
    cached_tokens: hasUsage ? (request.cached ?? 0) : null,
    output_tokens: hasUsage || events_us.length > 0 ? events_us.length : null,
    reasoning_tokens: hasUsage ? 0 : null,
    hidden_tokens: hasUsage ? 0 : null,
    tokens_from: hasUsage ? 'usage' : 'events',
    reused: null,
    connect_us: null,
    bytes_in: 0,
    headers: {},
  };
}

/** Returns the sample of a request that was not sent because the run ended. */
export function unsentSample(
  fields: PlannedFields,
  when: Pick<When, 'planned_us'>,
  phase: Phase,
  at_us: Microseconds,
): Sample {
  return {
    ...fields,
    worker: 0,
    phase,
    planned_us: when.planned_us,
    released_us: null,
    ...unsent(at_us),
  };
}
