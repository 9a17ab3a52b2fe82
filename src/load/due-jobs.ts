import { Heap } from '../heap.ts';
import type { Microseconds } from '../units.ts';
import type { Job } from './job.ts';
import type { Lookahead } from './lookahead.ts';

/** A job that has a place in the queue of a cap; `job` is `null` for the next one of the plan. */
interface Place<J extends Job> {
  ticket: number;
  job: J | null;
}

/** Tickets of a cap: each job takes one when it is due, so that the cap is first come, first served. */
export interface Tickets {
  take(): number;
  /** Instants of the jobs of the plan, in order. */
  starts: Iterator<Microseconds>;
}

/** The jobs of an open loop in the order in which they are due: those of the plan, and later turns of sessions that have begun. */
export class DueJobs<J extends Job> {
  readonly #plan: Lookahead<J>;
  readonly #later = new Heap<J>((a, b) => a.planned_us! - b.planned_us! || a.i - b.i);
  readonly #tickets: Tickets | null;
  readonly #ranks: number;
  #start: Microseconds | null = null;
  /** Jobs that are due, in the order of their tickets. */
  #places: Place<J>[] = [];
  #head = 0;

  /**
   * @param tickets `null` without a cap, or if the number of a job is its ticket
   * @param ranks the number of ranks: a job's ticket is then its position among those of its rank
   */
  constructor(plan: Lookahead<J>, tickets: Tickets | null, ranks: number) {
    this.#plan = plan;
    this.#tickets = tickets;
    this.#ranks = ranks;
    this.#nextStart();
  }

  /** Adds a later turn. */
  add(job: J): void {
    this.#later.push(job);
  }

  /** Returns the next job without taking it; `null` if there is none at present. */
  peek(): J | null {
    const place = this.#places[this.#head];
    if (place !== undefined) return place.job ?? this.#plan.peek();
    const [first, later] = [this.#plan.peek(), this.#later.peek() ?? null];
    if (first === null || later === null) return first ?? later;
    return later.planned_us! < first.planned_us! ? later : first;
  }

  /** Takes the job that `peek` returned. */
  take(): void {
    const place = this.#places[this.#head];
    if (place !== undefined) {
      if (++this.#head > 1024) {
        this.#places.splice(0, this.#head);
        this.#head = 0;
      }
      if (place.job === null) this.#plan.take();
      return;
    }
    if (this.peek() === this.#later.peek()) this.#later.pop();
    else this.#plan.take();
  }

  /** Gives every job that is due its ticket. */
  stamp(at_us: Microseconds): void {
    if (this.#tickets === null) return;
    for (;;) {
      const later = this.#later.peek();
      const isLater = later !== undefined && (this.#start === null || later.planned_us! < this.#start);
      const due_us = isLater ? later.planned_us! : this.#start;
      if (due_us === null || due_us > at_us) return;
      const ticket = this.#tickets.take();
      if (isLater) this.#later.pop();
      else this.#nextStart();
      this.#places.push({ ticket, job: isLater ? later : null });
    }
  }

  /** Returns the instant at which the next job without a ticket is due; `null` if there is none. */
  get nextUnstamped_us(): Microseconds | null {
    const later = this.#later.peek()?.planned_us ?? null;
    if (this.#start === null || later === null) return this.#start ?? later;
    return Math.min(this.#start, later);
  }

  /** Returns the ticket of the next job. */
  ticketOf({ i }: J): number {
    return this.#places[this.#head]?.ticket ?? Math.floor(i / this.#ranks);
  }

  close(): void {
    this.#plan.close();
  }

  #nextStart(): void {
    const next = this.#tickets?.starts.next();
    this.#start = next === undefined || next.done === true ? null : next.value;
  }
}
