import type { FaultKind } from '../faults.ts';
import type { Truth, TruthLog } from '../record/truth-log.ts';
import { eventInstants, type Outcome, OUTCOMES, type Sample } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/** The difference of recorded instants from the true ones. */
export interface InstantErrors {
  count: number;
  /** Instants that were recorded before they happened, which is always a defect of goodput. */
  early: number;
  min: Milliseconds | null;
  p50: Milliseconds | null;
  p99: Milliseconds | null;
  max: Milliseconds | null;
}

/** A count as measured by goodput, and as logged by the endpoint. */
export interface ComparedCount {
  measured: number;
  truth: number;
}

/** A run compared with the truth log of the simulated endpoint, request by request. */
export interface TruthAudit {
  /** Requests that both recorded, matched by id; those of one side only have no id in a response. */
  matched: number;
  samples_alone: number;
  truth_alone: number;
  /** `false` if the log was never closed, so that its end may be missing. */
  whole: boolean;
  errors: {
    /** From the recorded send to the arrival at the server. */
    sent: InstantErrors;
    /** From the write of the server to the recorded instant. */
    headers: InstantErrors;
    events: InstantErrors;
    /** From the instant of the engine to the write of the server: a delay of the simulator, not of the client. */
    written: InstantErrors;
  };
  counts: {
    /** Over the answers that completed. */
    input_tokens: ComparedCount;
    cached_tokens: ComparedCount;
    output_tokens: ComparedCount;
    events: ComparedCount;
    /** The sum over requests, and the count of the engine. */
    preemptions: ComparedCount;
  };
  outcomes: Record<string, ComparedCount>;
  /** True if all counts and outcomes agree, and no instant was recorded early. */
  agrees: boolean;
}

/** The correct outcomes of a request with each fault; the first is the expected one if there is no sample. */
const OUTCOMES_OF_FAULT = new Map<string, readonly Outcome[]>(
  Object.entries({
    'reset-before-headers': ['connect'],
    // A reset may also discard headers that were not read yet.
    reset: ['stream_truncated', 'connect'],
    hang: ['timeout', 'aborted'],
    error: ['stream_error'],
    truncate: ['stream_truncated'],
    malformed: ['protocol_error'],
    '429': ['rate_limited'],
    '500': ['http_error'],
    '503': ['http_error'],
    '529': ['http_error'],
    'slow-headers': ['ok', 'timeout', 'aborted'],
    split: ['ok', 'timeout', 'aborted'],
    coalesce: ['ok', 'timeout', 'aborted'],
    // Faults of the server, which belong to no request.
    refuse: ['connect'],
    stall: ['ok'],
    // A fault of a batch.
    expire: [],
  } satisfies Record<FaultKind, readonly Outcome[]>),
);

/** Returns the outcomes that a client may correctly record for a request of the log. */
function correctOutcomes({ end, fault }: Pick<Truth, 'end' | 'fault'>): readonly Outcome[] {
  switch (end) {
    case 'complete':
      // A timeout of goodput may have expired before the last event arrived.
      return ['ok', 'timeout', 'aborted'];
    case 'refused':
      return ['http_error'];
    case 'fault':
      // A fault that this version does not know may have any outcome.
      return OUTCOMES_OF_FAULT.get(fault ?? '') ?? OUTCOMES;
    default:
      return ['aborted', 'timeout'];
  }
}

/** Compares the samples of a run with the truth log. */
export async function auditTruth(samples: AsyncIterable<Sample>, log: TruthLog): Promise<TruthAudit> {
  const audit = new Auditor(log);
  for await (const sample of samples) audit.add(sample);
  return audit.end();
}

class Auditor {
  readonly #log: TruthLog;
  readonly #left: Map<string, Truth>;
  readonly #errors = {
    sent: new ErrorCounts(),
    headers: new ErrorCounts(),
    events: new ErrorCounts(),
    written: new ErrorCounts(),
  };
  readonly #counts = {
    input_tokens: newCount(),
    cached_tokens: newCount(),
    output_tokens: newCount(),
    events: newCount(),
    preemptions: newCount(),
  };
  readonly #outcomes = new Map<string, ComparedCount>();
  readonly #alone: Sample[] = [];
  #matched = 0;

  constructor(log: TruthLog) {
    this.#log = log;
    this.#left = new Map(log.requests);
  }

  add(sample: Sample): void {
    if (sample.sent_us === null && sample.outcome === 'not_sent') return;
    const id = sample.headers['x-request-id'];
    const truth = id === undefined ? undefined : this.#left.get(id);
    if (truth === undefined) {
      this.#alone.push(sample);
      return;
    }
    this.#left.delete(truth.id);
    this.#matched++;
    this.#compare(sample, truth);
  }

  end(): TruthAudit {
    const alone = this.#left.size;
    this.#compareUnmatched();
    this.#counts.preemptions.truth = this.#log.totals?.preemptions ?? this.#counts.preemptions.measured;
    const { sent, headers, events, written } = this.#errors;
    const outcomes = Object.fromEntries([...this.#outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const all = [...Object.values(this.#counts), ...Object.values(outcomes)];
    const early = sent.early + headers.early + events.early;
    return {
      matched: this.#matched,
      samples_alone: this.#alone.length,
      truth_alone: alone,
      whole: this.#log.totals !== null,
      errors: {
        sent: sent.summary(),
        headers: headers.summary(),
        events: events.summary(),
        written: written.summary(),
      },
      counts: this.#counts,
      outcomes,
      agrees: early === 0 && all.every(({ measured, truth }) => measured === truth),
    };
  }

  #compare(sample: Sample, truth: Truth): void {
    const { sent, headers, events, written } = this.#errors;
    if (sample.sent_us !== null) sent.add(truth.arrived_us - sample.sent_us);
    if (sample.headers_us !== null && truth.headers_us !== null)
      headers.add(sample.headers_us - truth.headers_us);
    const instants = eventInstants(sample);
    for (let k = 0; k < Math.min(instants.length, truth.written_us.length); k++) {
      events.add(instants[k]! - truth.written_us[k]!);
      written.add(truth.written_us[k]! - truth.computed_us[k]!);
    }
    const { input_tokens, cached_tokens, output_tokens, preemptions } = this.#counts;
    preemptions.measured += truth.preemptions;
    const correct = correctOutcomes(truth);
    this.#outcome(sample.outcome, correct.includes(sample.outcome) ? sample.outcome : correct[0]!);
    if (sample.outcome !== 'ok') return;
    add(input_tokens, sample.input_tokens, truth.prompt);
    add(cached_tokens, sample.cached_tokens, truth.cached);
    add(output_tokens, sample.output_tokens, truth.output);
    add(this.#counts.events, instants.length, truth.written_us.length);
  }

  /** Compares the requests without an id: only their number for each outcome. */
  #compareUnmatched(): void {
    const seen = new Map<Outcome, number>();
    for (const { outcome } of this.#alone) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    for (const truth of this.#left.values()) {
      this.#counts.preemptions.measured += truth.preemptions;
      const may = correctOutcomes(truth);
      const outcome = may.find((each) => (seen.get(each) ?? 0) > 0);
      if (outcome === undefined) this.#outcome(null, may[0]!);
      else {
        seen.set(outcome, seen.get(outcome)! - 1);
        this.#outcome(outcome, outcome);
      }
    }
    // The server logs a refused connection only as a fault.
    const refused = (this.#log.server.get('refuse') ?? 0) > 0;
    for (const [outcome, number] of seen) {
      for (let k = 0; k < number; k++)
        this.#outcome(outcome, outcome === 'connect' && refused ? 'connect' : null);
    }
  }

  #outcome(measured: Outcome | null, truth: Outcome | null): void {
    const countOf = (name: Outcome): ComparedCount => {
      let found = this.#outcomes.get(name);
      if (found === undefined) this.#outcomes.set(name, (found = newCount()));
      return found;
    };
    if (measured !== null) countOf(measured).measured++;
    if (truth !== null) countOf(truth).truth++;
  }
}

const newCount = (): ComparedCount => ({ measured: 0, truth: 0 });

function add(sum: ComparedCount, measured: number | null, truth: number): void {
  sum.measured += measured ?? 0;
  sum.truth += truth;
}

/** Errors in whole microseconds, counted by their size: exact, and small in memory. */
class ErrorCounts {
  readonly #counts = new Map<Microseconds, number>();
  #count = 0;
  early = 0;

  add(error_us: Microseconds): void {
    this.#count++;
    if (error_us < 0) this.early++;
    this.#counts.set(error_us, (this.#counts.get(error_us) ?? 0) + 1);
  }

  summary(): InstantErrors {
    const sizes = [...this.#counts].toSorted(([a], [b]) => a - b);
    const at = (share: number): Milliseconds | null => {
      let left = Math.max(1, Math.ceil(share * this.#count));
      for (const [size, count] of sizes) {
        left -= count;
        if (left <= 0) return size / 1000;
      }
      return null;
    };
    const { early } = this;
    return { count: this.#count, early, min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}
