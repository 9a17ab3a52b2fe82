import { arrivals, type Arrival } from '../plan/arrivals.ts';
import { isOneWave, measureEnd_us, warmupEnd_us } from '../lifecycle/window.ts';
import { type ClosedLoopLimits, phaseOfNext } from '../load/slot-rule.ts';
import type { Phase } from '../sample.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { When } from './virtual-request.ts';

/** Carries out the requests of a load. */
export interface VirtualLauncher {
  /** Sends request i at `at_us`. */
  launch(i: number, when: When, at_us: Microseconds): void;
  /** Records that request i was planned and will never be sent. */
  leave(i: number, when: { planned_us: Microseconds; phase: Phase | null }, at_us: Microseconds): void;
}

/** Decides when requests are sent, in virtual time. It follows the rules of `load/`, and no request is late. */
export interface VirtualLoad {
  /** Returns the next instant that depends on the plan alone; `null` if there is none. */
  next_us(): Microseconds | null;
  /** Sends the requests that are due. */
  due(at_us: Microseconds): void;
  /** Records that a request has ended. */
  ended(at_us: Microseconds): void;
  /** Sends no more requests. */
  stop(at_us: Microseconds): void;
  readonly isOver: boolean;
  readonly launched: number;
  /** Closed loop: when a slot first had no request left to send. */
  readonly firstIdle_us: Microseconds | null;
  /** The instant from which the drain counts, if the plan does not determine it. */
  readonly drainFrom_us: Microseconds | null;
}

export class VirtualOpenLoop implements VirtualLoad {
  readonly #plan: Iterator<Arrival, unknown>;
  readonly #launcher: VirtualLauncher;
  readonly #cap: number;
  readonly #hasCap: boolean;
  #next: Arrival | null;
  #inFlight = 0;
  #isStopped = false;
  launched = 0;
  readonly firstIdle_us = null;
  readonly drainFrom_us = null;

  constructor(scenario: Pick<Scenario, 'seed' | 'load'>, launcher: VirtualLauncher) {
    this.#plan = arrivals(scenario);
    this.#launcher = launcher;
    this.#hasCap = scenario.load.maxConcurrency !== null;
    this.#cap = scenario.load.maxConcurrency ?? Infinity;
    this.#next = this.#pull();
  }

  get isOver(): boolean {
    return this.#isStopped || this.#next === null;
  }

  next_us(): Microseconds | null {
    return this.isOver || this.#inFlight >= this.#cap ? null : this.#next!.planned_us;
  }

  due(at_us: Microseconds): void {
    while (!this.#isStopped && this.#inFlight < this.#cap) {
      const arrival = this.#next;
      if (arrival === null || arrival.planned_us > at_us) return;
      this.#next = this.#pull();
      const { i, planned_us, phase } = arrival;
      this.#inFlight++;
      this.launched++;
      this.#launcher.launch(i, { planned_us, released_us: this.#hasCap ? at_us : null, phase }, at_us);
    }
  }

  ended(at_us: Microseconds): void {
    this.#inFlight--;
    if (this.#hasCap) this.due(at_us);
  }

  stop(at_us: Microseconds): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (; this.#next !== null && this.#next.planned_us <= at_us; this.#next = this.#pull())
      this.#launcher.leave(this.#next.i, this.#next, at_us);
  }

  #pull(): Arrival | null {
    const next = this.#plan.next();
    return next.done === true ? null : next.value;
  }
}

export class VirtualClosedLoop implements VirtualLoad {
  readonly #load: Scenario['load'];
  readonly #launcher: VirtualLauncher;
  readonly #limits: ClosedLoopLimits;
  #hasBegun = false;
  #busy: number;
  #places = 0;
  #isStopped = false;
  launched = 0;
  firstIdle_us: Microseconds | null = null;

  constructor(scenario: Pick<Scenario, 'seed' | 'load'>, launcher: VirtualLauncher) {
    const { load } = scenario;
    this.#load = load;
    this.#launcher = launcher;
    this.#busy = load.concurrency!;
    this.#limits = {
      measureFrom_us: warmupEnd_us(load),
      measureTo_us: measureEnd_us(scenario),
      requests: load.requests,
    };
  }

  get isOver(): boolean {
    return this.#isStopped || this.#busy === 0;
  }

  get drainFrom_us(): Microseconds | null {
    // In a single wave the window lasts until the last completion: no drain follows it.
    return this.#load.requests === null || isOneWave(this.#load) ? null : this.firstIdle_us;
  }

  next_us(): Microseconds | null {
    return this.#hasBegun || this.#isStopped ? null : 0;
  }

  due(at_us: Microseconds): void {
    if (this.#hasBegun || this.#isStopped) return;
    this.#hasBegun = true;
    for (let slot = 0; slot < this.#load.concurrency!; slot++) this.ended(at_us);
  }

  ended(at_us: Microseconds): void {
    const phase = this.#isStopped ? null : phaseOfNext(this.#limits, at_us, () => this.#places++);
    if (phase === null) {
      this.firstIdle_us ??= at_us;
      this.#busy--;
      return;
    }
    this.#launcher.launch(this.launched++, { planned_us: at_us, released_us: null, phase }, at_us);
  }

  stop(): void {
    this.#isStopped = true;
  }
}
