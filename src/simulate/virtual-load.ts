import { Heap } from '../heap.ts';
import { isOneWave, type PlannedRun, turnsUntil_us, warmupEnd_us } from '../lifecycle/window.ts';
import { type ClosedLoopLimits, phaseOfNext } from '../load/slot-rule.ts';
import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { When } from './virtual-request.ts';
import type { VirtualTurn } from './virtual-session.ts';

/** Carries out the turns of a load. */
export interface VirtualLauncher {
  /** Sends a turn at `at_us`. */
  launch(turn: VirtualTurn, when: When, at_us: Microseconds): void;
  /** Records that a turn was due and will never be sent. */
  leave(
    turn: VirtualTurn,
    when: { planned_us: Microseconds; phase: Phase | null },
    at_us: Microseconds,
  ): void;
}

/** The end of a turn, as the load uses it. */
export interface VirtualTurnEnd {
  turn: VirtualTurn;
  /** Phase of the session. */
  phase: Phase | null;
  /** The turn that follows; `null` if the session has ended. */
  next: VirtualTurn | null;
}

/** Decides when requests are sent, in virtual time. It follows the rules of `load/`, and no request is late. */
export interface VirtualLoad {
  /** Returns the next instant at which a request is due; `null` if that depends on requests in flight. */
  next_us(): Microseconds | null;
  /** Sends the requests that are due. */
  due(at_us: Microseconds): void;
  /** Records that a request has ended. */
  ended(at_us: Microseconds, end: VirtualTurnEnd): void;
  /** Sends no more requests. */
  stop(at_us: Microseconds): void;
  readonly isOver: boolean;
  readonly launched: number;
  /** Later turns of sessions that were due. */
  readonly later: number;
  /** Closed loop: when a slot first had no request left to send. */
  readonly firstIdle_us: Microseconds | null;
  /** The instant from which the drain counts, if the plan does not determine it. */
  readonly drainFrom_us: Microseconds | null;
}

/** First turns of sessions, in the order of the plan. */
export type VirtualPlan = Iterator<VirtualTurn, unknown>;

const byInstant = (a: VirtualTurn, b: VirtualTurn): number =>
  a.due_us! - b.due_us! || a.of.planned.session - b.of.planned.session;

export class VirtualOpenLoop implements VirtualLoad {
  readonly #plan: VirtualPlan;
  readonly #launcher: VirtualLauncher;
  readonly #cap: number;
  readonly #hasCap: boolean;
  readonly #until_us: Microseconds;
  readonly #later = new Heap(byInstant);
  #first: VirtualTurn | null;
  #inFlight = 0;
  /** Requests in flight that another turn may follow. */
  #continuing = 0;
  #isStopped = false;
  launched = 0;
  later = 0;
  readonly firstIdle_us = null;
  readonly drainFrom_us = null;

  constructor(run: PlannedRun, plan: VirtualPlan, launcher: VirtualLauncher) {
    const { maxConcurrency } = run.load;
    this.#plan = plan;
    this.#launcher = launcher;
    this.#hasCap = maxConcurrency !== null;
    this.#cap = maxConcurrency ?? Infinity;
    this.#until_us = turnsUntil_us(run) ?? Infinity;
    this.#first = this.#pull();
  }

  get isOver(): boolean {
    return this.#isStopped || (this.#peek() === null && this.#continuing === 0);
  }

  next_us(): Microseconds | null {
    return this.#isStopped || this.#inFlight >= this.#cap ? null : (this.#peek()?.due_us ?? null);
  }

  due(at_us: Microseconds): void {
    while (!this.#isStopped && this.#inFlight < this.#cap) {
      const turn = this.#peek();
      if (turn === null || turn.due_us! > at_us) return;
      this.#take(turn);
      this.#inFlight++;
      this.launched++;
      if (!turn.isLast) this.#continuing++;
      const when = { planned_us: turn.due_us!, phase: turn.of.planned.phase };
      this.#launcher.launch(turn, { ...when, released_us: this.#hasCap ? at_us : null }, at_us);
    }
  }

  ended(at_us: Microseconds, { turn, next }: VirtualTurnEnd): void {
    this.#inFlight--;
    if (!turn.isLast) this.#continuing--;
    if (next !== null && next.due_us! < this.#until_us) this.#later.push(next);
    if (this.#hasCap) this.due(at_us);
  }

  stop(at_us: Microseconds): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (let turn = this.#peek(); turn !== null && turn.due_us! <= at_us; turn = this.#peek()) {
      this.#take(turn);
      this.#launcher.leave(turn, { planned_us: turn.due_us!, phase: turn.of.planned.phase }, at_us);
    }
  }

  /** Returns the turn that is due next. */
  #peek(): VirtualTurn | null {
    const later = this.#later.peek() ?? null;
    if (this.#first === null || later === null) return this.#first ?? later;
    return later.due_us! < this.#first.due_us! ? later : this.#first;
  }

  #take(turn: VirtualTurn): void {
    if (turn.k > 0) this.later++;
    if (turn === this.#first) this.#first = this.#pull();
    else this.#later.pop();
  }

  #pull(): VirtualTurn | null {
    const next = this.#plan.next();
    return next.done === true ? null : next.value;
  }
}

export class VirtualClosedLoop implements VirtualLoad {
  readonly #run: PlannedRun;
  readonly #plan: VirtualPlan;
  readonly #launcher: VirtualLauncher;
  readonly #limits: ClosedLoopLimits;
  readonly #thinking = new Heap<{ turn: VirtualTurn; phase: Phase }>((a, b) => byInstant(a.turn, b.turn));
  #hasBegun = false;
  #busy: number;
  #places = 0;
  #isStopped = false;
  launched = 0;
  later = 0;
  firstIdle_us: Microseconds | null = null;

  constructor(run: PlannedRun, plan: VirtualPlan, launcher: VirtualLauncher) {
    const { load } = run;
    this.#run = run;
    this.#plan = plan;
    this.#launcher = launcher;
    this.#busy = load.concurrency!;
    this.#limits = {
      measureFrom_us: warmupEnd_us(load),
      measureTo_us: turnsUntil_us(run),
      requests: load.requests,
      sessions: load.sessions,
    };
  }

  get isOver(): boolean {
    return this.#isStopped || this.#busy === 0;
  }

  get drainFrom_us(): Microseconds | null {
    // In a single wave the window lasts until the last completion: no drain follows it.
    return this.#run.load.duration !== null || isOneWave(this.#run) ? null : this.firstIdle_us;
  }

  next_us(): Microseconds | null {
    if (this.#isStopped) return null;
    return this.#hasBegun ? (this.#thinking.peek()?.turn.due_us ?? null) : 0;
  }

  due(at_us: Microseconds): void {
    if (this.#isStopped) return;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      for (let user = 0; user < this.#run.load.concurrency!; user++) this.#begin(at_us);
    }
    for (let next = this.#thinking.peek(); next !== undefined; next = this.#thinking.peek()) {
      if (next.turn.due_us! > at_us) break;
      this.#thinking.pop();
      this.#continue(next.turn, next.phase, at_us);
    }
  }

  ended(at_us: Microseconds, { phase, next }: VirtualTurnEnd): void {
    if (next === null || this.#isStopped) this.#begin(at_us);
    else if (next.due_us! >= (this.#limits.measureTo_us ?? Infinity)) this.#idle(next.due_us!);
    else this.#thinking.push({ turn: next, phase: phase! });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Begins the next session of the plan. */
  #begin(at_us: Microseconds): void {
    const phase = this.#isStopped ? null : this.#phaseAt(at_us, null);
    const first = phase === null ? null : this.#plan.next();
    if (first === null || first.done === true) this.#idle(at_us);
    else this.#launch(first.value, at_us, phase, at_us);
  }

  #continue(turn: VirtualTurn, session: Phase, at_us: Microseconds): void {
    const phase = this.#phaseAt(turn.due_us!, session);
    if (phase === null) {
      this.#idle(turn.due_us!);
      return;
    }
    this.later++;
    this.#launch(turn, turn.due_us!, phase, at_us);
  }

  #launch(turn: VirtualTurn, planned_us: Microseconds, phase: Phase | null, at_us: Microseconds): void {
    this.launched++;
    this.#launcher.launch(turn, { planned_us, released_us: null, phase }, at_us);
  }

  #idle(at_us: Microseconds): void {
    this.firstIdle_us ??= at_us;
    this.#busy--;
  }

  #phaseAt(at_us: Microseconds, session: Phase | null): Phase | null {
    return phaseOfNext(this.#limits, at_us, () => this.#places++, session);
  }
}
