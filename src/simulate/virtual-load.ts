import { arrivals, type Arrival } from '../plan/arrivals.ts';
import { isOneWave, warmupEnd_us } from '../run/window.ts';
import type { Phase } from '../sample.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { When } from './flight.ts';

/** What a load asks of the run that carries it out. */
export interface VirtualLauncher {
  /** Sends request i at the instant of the clock. */
  launch(i: number, when: When, at_us: Microseconds): void;
  /** It was planned, and will never be sent. */
  leave(i: number, when: { planned_us: Microseconds; phase: Phase | null }, at_us: Microseconds): void;
}

/** When requests go, on a clock that others move. The same rules as in `load/`, where nothing is ever late. */
export interface VirtualLoad {
  /** The next instant that the plan alone decides; `null` where there is none. */
  next_us(): Microseconds | null;
  /** Launches what is due. */
  due(at_us: Microseconds): void;
  /** A launched request has ended. */
  ended(at_us: Microseconds): void;
  /** Nothing more is sent. */
  stop(at_us: Microseconds): void;
  readonly over: boolean;
  readonly launched: number;
  /** Closed loop: when a slot first had nothing left to send. */
  readonly firstIdle_us: Microseconds | null;
  /** The drain counts from then, where no plan tells it. */
  readonly drainFrom_us: Microseconds | null;
}

export class VirtualOpenLoop implements VirtualLoad {
  readonly #plan: Iterator<Arrival, unknown>;
  readonly #launcher: VirtualLauncher;
  readonly #cap: number;
  readonly #capped: boolean;
  #next: Arrival | null;
  #inFlight = 0;
  #stopped = false;
  launched = 0;
  readonly firstIdle_us = null;
  readonly drainFrom_us = null;

  constructor(scenario: Pick<Scenario, 'seed' | 'load'>, launcher: VirtualLauncher) {
    this.#plan = arrivals(scenario);
    this.#launcher = launcher;
    this.#capped = scenario.load.maxConcurrency !== null;
    this.#cap = scenario.load.maxConcurrency ?? Infinity;
    this.#next = this.#pull();
  }

  get over(): boolean {
    return this.#stopped || this.#next === null;
  }

  next_us(): Microseconds | null {
    return this.over || this.#inFlight >= this.#cap ? null : this.#next!.planned_us;
  }

  due(at_us: Microseconds): void {
    while (!this.#stopped && this.#inFlight < this.#cap) {
      const arrival = this.#next;
      if (arrival === null || arrival.planned_us > at_us) return;
      this.#next = this.#pull();
      const { i, planned_us, phase } = arrival;
      this.#inFlight++;
      this.launched++;
      this.#launcher.launch(i, { planned_us, released_us: this.#capped ? at_us : null, phase }, at_us);
    }
  }

  ended(at_us: Microseconds): void {
    this.#inFlight--;
    if (this.#capped) this.due(at_us);
  }

  stop(at_us: Microseconds): void {
    if (this.#stopped) return;
    this.#stopped = true;
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
  readonly #measureFrom_us: Microseconds;
  readonly #measureTo_us: Microseconds;
  readonly #requests: number;
  #begun = false;
  #busy: number;
  #places = 0;
  #stopped = false;
  launched = 0;
  firstIdle_us: Microseconds | null = null;

  constructor({ load }: Pick<Scenario, 'load'>, launcher: VirtualLauncher) {
    this.#load = load;
    this.#launcher = launcher;
    this.#busy = load.concurrency!;
    this.#measureFrom_us = warmupEnd_us(load);
    this.#measureTo_us = load.duration === null ? Infinity : Math.round((load.warmup + load.duration) * 1000);
    this.#requests = load.requests ?? Infinity;
  }

  get over(): boolean {
    return this.#stopped || this.#busy === 0;
  }

  get drainFrom_us(): Microseconds | null {
    // In a single wave W lasts until the last completion: no drain follows it.
    return this.#load.requests === null || isOneWave(this.#load) ? null : this.firstIdle_us;
  }

  next_us(): Microseconds | null {
    return this.#begun || this.#stopped ? null : 0;
  }

  due(at_us: Microseconds): void {
    if (this.#begun || this.#stopped) return;
    this.#begun = true;
    for (let slot = 0; slot < this.#load.concurrency!; slot++) this.ended(at_us);
  }

  ended(at_us: Microseconds): void {
    const measuring = at_us >= this.#measureFrom_us;
    const over =
      this.#stopped || at_us >= this.#measureTo_us || (measuring && this.#places++ >= this.#requests);
    if (over) {
      this.firstIdle_us ??= at_us;
      this.#busy--;
      return;
    }
    const phase = measuring ? 'measure' : 'warmup';
    this.#launcher.launch(this.launched++, { planned_us: at_us, released_us: null, phase }, at_us);
  }

  stop(): void {
    this.#stopped = true;
  }
}
