import { failure, timeoutFailure } from '../client/http/failures.ts';
import { type Phase, type Sample, type SampleError, type TimeoutKind, unsent } from '../sample.ts';
import type { Timeouts } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';

/** When a request was planned, when a cap let it go, and what decided its phase. */
export interface When {
  planned_us: Microseconds;
  released_us: Microseconds | null;
  phase: Phase | null;
}

/** A request on the virtual clock: sent the moment it may go, each event arriving the moment its token is computed. */
export class Flight {
  readonly i: number;
  readonly when: When;
  readonly sent_us: Microseconds;
  readonly input: number | null;
  readonly output: number;
  /** Input tokens as the engine counts them. */
  readonly prompt: number;
  /** As in a sample: the first an instant, each later one a difference. */
  readonly events_us: number[] = [];
  /** What the engine will refuse it with; then it gets no token. */
  readonly refusal: string | null;
  cached: number | null = null;
  #last_us: Microseconds = 0;

  constructor(given: Pick<Flight, 'i' | 'when' | 'sent_us' | 'input' | 'output' | 'prompt' | 'refusal'>) {
    this.i = given.i;
    this.when = given.when;
    this.sent_us = given.sent_us;
    this.input = given.input;
    this.output = given.output;
    this.prompt = given.prompt;
    this.refusal = given.refusal;
  }

  token(at_us: Microseconds): void {
    this.events_us.push(at_us - this.#last_us);
    this.#last_us = at_us;
  }

  get whole(): boolean {
    return this.events_us.length === this.output;
  }

  /** The next limit of the client's that ends it, if no token comes before. A refusal comes at its own instant. */
  limit(timeouts: Timeouts): { kind: TimeoutKind | 'refused'; at_us: Microseconds } {
    if (this.refusal !== null) return { kind: 'refused', at_us: this.sent_us + REFUSED_AFTER_US };
    const total = { kind: 'total' as const, at_us: this.sent_us + timeouts.total * 1000 };
    const next =
      this.events_us.length === 0
        ? { kind: 'first_token' as const, at_us: this.sent_us + timeouts.firstToken * 1000 }
        : { kind: 'idle' as const, at_us: this.#last_us + timeouts.idle * 1000 };
    return total.at_us < next.at_us ? total : next;
  }

  ok(): Outcome {
    return {
      ended_us: this.#last_us,
      outcome: 'ok',
      error: null,
      status: 200,
      headers_us: this.sent_us,
      finish: 'length',
    };
  }

  refused(at_us: Microseconds): Outcome {
    const error = { message: this.refusal! };
    return { ended_us: at_us, outcome: 'http_error', error, status: 400, headers_us: at_us, finish: null };
  }

  timedOut(kind: TimeoutKind, timeouts: Timeouts, at_us: Microseconds): Outcome {
    const limit = timeouts[kind === 'first_token' ? 'firstToken' : kind];
    return this.#cut(timeoutFailure(kind, limit), at_us);
  }

  aborted(reason: string, at_us: Microseconds): Outcome {
    return this.#cut(failure('aborted', reason), at_us);
  }

  #cut({ outcome, error }: { outcome: Sample['outcome']; error: SampleError }, at_us: Microseconds): Outcome {
    const headers_us = this.refusal === null ? this.sent_us : null;
    const status = headers_us === null ? null : 200;
    return { ended_us: at_us, outcome, error, status, headers_us, finish: null };
  }
}

/**
 * A refusal takes as long as a fast server's. Were it to take no time, a closed loop of requests that are all refused
 * would stand still for ever.
 */
const REFUSED_AFTER_US = 1000;

export type Outcome = Pick<Sample, 'ended_us' | 'outcome' | 'error' | 'status' | 'headers_us' | 'finish'>;

/** The line of a flight, as a stream with `usage` at its end would have been recorded. */
export function sampleOf(flight: Flight, phase: Phase, end: Outcome): Sample {
  const { i, when, sent_us, events_us } = flight;
  const told = end.outcome === 'ok';
  return {
    i,
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
    input_tokens: told ? flight.prompt : null,
    cached_tokens: told ? (flight.cached ?? 0) : null,
    output_tokens: told || events_us.length > 0 ? events_us.length : null,
    reasoning_tokens: told ? 0 : null,
    hidden_tokens: told ? 0 : null,
    tokens_from: told ? 'usage' : 'events',
    planned_input: flight.input,
    planned_output: flight.output,
    reused: null,
    connect_us: null,
    bytes_in: 0,
    headers: {},
  };
}

/** A request that the end of the run kept from being sent. */
export function unsentSample(
  request: Pick<Flight, 'i' | 'input' | 'output'>,
  when: Pick<When, 'planned_us'>,
  phase: Phase,
  at_us: Microseconds,
): Sample {
  return {
    i: request.i,
    worker: 0,
    phase,
    planned_us: when.planned_us,
    released_us: null,
    planned_input: request.input,
    planned_output: request.output,
    ...unsent(at_us),
  };
}
