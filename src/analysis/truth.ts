import type { FaultKind } from '../faults.ts';
import type { Truth, TruthLog } from '../record/truth-log.ts';
import { eventInstants, type Outcome, OUTCOMES, type Sample } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/** By how much recorded instants differ from the true ones. */
export interface InstantErrors {
  count: number;
  /** Recorded before they happened: a defect of goodput's, whatever else is said. */
  early: number;
  min: Milliseconds | null;
  p50: Milliseconds | null;
  p99: Milliseconds | null;
  max: Milliseconds | null;
}

/** A sum as measured, and as it was. */
export interface Held {
  measured: number;
  truth: number;
}

/** A run of the simulated endpoint held against what that wrote down, request by request. */
export interface TruthAudit {
  /** Requests that both tell of, by id; those of one side alone were never answered with an id. */
  matched: number;
  samples_alone: number;
  truth_alone: number;
  /** `false`: the log was never closed, and may lack its end. */
  whole: boolean;
  errors: {
    /** From the send as recorded to the arrival at the server. */
    sent: InstantErrors;
    /** From the server's write to the instant that was recorded. */
    headers: InstantErrors;
    events: InstantErrors;
    /** From the engine's own instant to the server's write: the simulator's lateness, not the client's. */
    written: InstantErrors;
  };
  counts: {
    /** Of answers that were completed. */
    input_tokens: Held;
    cached_tokens: Held;
    output_tokens: Held;
    events: Held;
    /** The sum over requests, and the engine's own count. */
    preemptions: Held;
  };
  outcomes: Record<string, Held>;
  /** Whether all counts and outcomes agree, and nothing was recorded early. */
  agrees: boolean;
}

/** What a client rightly calls a fault; the first where it has no sample of its own to choose by. */
const SEEN_AS = new Map<string, readonly Outcome[]>(
  Object.entries({
    'reset-before-headers': ['connect'],
    // A reset may throw the headers away too, where they were not read yet.
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
    // Of the whole server: no request of its own.
    refuse: ['connect'],
    stall: ['ok'],
  } satisfies Record<FaultKind, readonly Outcome[]>),
);

/** The outcomes by which a client may rightly have recorded what the server did. */
function seenAs({ end, fault }: Pick<Truth, 'end' | 'fault'>): readonly Outcome[] {
  switch (end) {
    case 'complete':
      // Goodput's own limit may have run out while the last event was on its way.
      return ['ok', 'timeout', 'aborted'];
    case 'refused':
      return ['http_error'];
    case 'fault':
      // One that this version does not know may look like anything.
      return SEEN_AS.get(fault ?? '') ?? OUTCOMES;
    default:
      return ['aborted', 'timeout'];
  }
}

export async function auditTruth(samples: AsyncIterable<Sample>, log: TruthLog): Promise<TruthAudit> {
  const audit = new Auditor(log);
  for await (const sample of samples) audit.add(sample);
  return audit.end();
}

class Auditor {
  readonly #log: TruthLog;
  readonly #left: Map<string, Truth>;
  readonly #errors = {
    sent: new Errors(),
    headers: new Errors(),
    events: new Errors(),
    written: new Errors(),
  };
  readonly #counts = {
    input_tokens: held(),
    cached_tokens: held(),
    output_tokens: held(),
    events: held(),
    preemptions: held(),
  };
  readonly #outcomes = new Map<string, Held>();
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
    this.#settleAlone();
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
    const seen = seenAs(truth);
    this.#outcome(sample.outcome, seen.includes(sample.outcome) ? sample.outcome : seen[0]!);
    if (sample.outcome !== 'ok') return;
    add(input_tokens, sample.input_tokens, truth.prompt);
    add(cached_tokens, sample.cached_tokens, truth.cached);
    add(output_tokens, sample.output_tokens, truth.output);
    add(this.#counts.events, instants.length, truth.written_us.length);
  }

  /** Of requests without an id only the number can be compared, outcome by outcome. */
  #settleAlone(): void {
    const seen = new Map<Outcome, number>();
    for (const { outcome } of this.#alone) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    for (const truth of this.#left.values()) {
      this.#counts.preemptions.measured += truth.preemptions;
      const may = seenAs(truth);
      const outcome = may.find((each) => (seen.get(each) ?? 0) > 0);
      if (outcome === undefined) this.#outcome(null, may[0]!);
      else {
        seen.set(outcome, seen.get(outcome)! - 1);
        this.#outcome(outcome, outcome);
      }
    }
    // Who was refused a connection left no trace at the server but the fault itself.
    const refused = (this.#log.server.get('refuse') ?? 0) > 0;
    for (const [outcome, number] of seen) {
      for (let k = 0; k < number; k++)
        this.#outcome(outcome, outcome === 'connect' && refused ? 'connect' : null);
    }
  }

  #outcome(measured: Outcome | null, truth: Outcome | null): void {
    const of = (name: Outcome): Held => {
      let found = this.#outcomes.get(name);
      if (found === undefined) this.#outcomes.set(name, (found = held()));
      return found;
    };
    if (measured !== null) of(measured).measured++;
    if (truth !== null) of(truth).truth++;
  }
}

const held = (): Held => ({ measured: 0, truth: 0 });

function add(sum: Held, measured: number | null, truth: number): void {
  sum.measured += measured ?? 0;
  sum.truth += truth;
}

/** Errors in whole microseconds, counted by their size: exact, and as small as their spread. */
class Errors {
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
