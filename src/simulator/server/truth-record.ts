import type { Microseconds } from '../../units.ts';
import type { FaultKind } from '../../faults.ts';
import type { Truth, TruthEnd } from './truth-log-writer.ts';

/** Builds a request's line of the truth log. */
export class TruthRecord {
  readonly #truth: Truth;
  #hasSeveralTokens = false;
  readonly #tokens: number[] = [];
  #closed = false;

  constructor(given: Pick<Truth, 'id' | 'api' | 'stream' | 'arrived_us' | 'prompt' | 'output'>) {
    this.#truth = {
      ...given,
      entered_us: null,
      admitted_us: null,
      headers_us: null,
      computed_us: [],
      written_us: [],
      ended_us: given.arrived_us,
      status: null,
      end: 'closed',
      fault: null,
      cached: 0,
      computed: 0,
      preemptions: 0,
    };
  }

  entered(at_us: Microseconds): void {
    this.#truth.entered_us = at_us;
  }

  fault(kind: FaultKind): void {
    this.#truth.fault = kind;
  }

  admitted(at_us: Microseconds, cached: number): void {
    if (this.#truth.admitted_us !== null) return;
    this.#truth.admitted_us = at_us;
    this.#truth.cached = cached;
  }

  preempted(): void {
    this.#truth.preemptions++;
  }

  headers(status: number, at_us: Microseconds): void {
    this.#truth.status = status;
    this.#truth.headers_us = at_us;
  }

  computed(): void {
    this.#truth.computed++;
  }

  event(computed_us: Microseconds, written_us: Microseconds, tokens: number): void {
    this.#truth.computed_us.push(computed_us);
    this.#truth.written_us.push(written_us);
    this.#tokens.push(tokens);
    this.#hasSeveralTokens ||= tokens !== 1;
  }

  /** Returns the line; `null` after the first call. */
  end(end: TruthEnd, at_us: Microseconds): Truth | null {
    if (this.#closed) return null;
    this.#closed = true;
    const truth = { ...this.#truth, end, ended_us: at_us };
    return this.#hasSeveralTokens ? { ...truth, tokens: this.#tokens } : truth;
  }
}
