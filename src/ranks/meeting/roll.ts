import type { PlanShare } from '../../scenario/keys/scenario.ts';
import type { Arrival } from './meeting.ts';
import type { Answer } from './meeting-json.ts';
import { differingParts, type PlanParts } from '../plan-parts.ts';

/** The message of a rank when it arrives, and again while it waits. */
export interface Attendance extends Arrival {
  rank: number;
  of: number;
  /** The time on the way to rank 0 and back. */
  trip_ms: number;
  /** Longest time that the rank waits for an answer. */
  wait_ms: number;
}

/** A rank that has not asked for this long has gone. */
const GONE_MS = 5000;

interface Present extends Attendance {
  /** Open requests that wait for an answer. */
  waiting: Set<(answer: Answer) => void>;
  seen_ms: number;
}

/** The ranks that have arrived at rank 0. */
export class Roll {
  readonly #of: number;
  readonly #now: () => number;
  readonly #present = new Map<number, Present>();
  readonly #onArrival: () => void;
  #parts: PlanParts | null = null;

  /** @param now milliseconds on any clock */
  constructor({ of }: PlanShare, now: () => number, onArrival: () => void) {
    this.#of = of;
    this.#now = now;
    this.#onArrival = onArrival;
  }

  /** Records that rank 0 is ready. */
  begin({ parts }: Arrival): void {
    this.#parts = parts;
  }

  /** Returns why this process is none of the ranks; `null` if it is one. */
  whyNone({ rank, of, id }: Attendance): string | null {
    if (of === this.#of && (rank < 1 || rank >= of)) return `there is no other rank ${rank} of ${of}`;
    const before = this.#present.get(rank);
    if (before === undefined || before.id === id || this.#isGone(before)) return null;
    return `rank ${rank} of ${of} is there already, from another process`;
  }

  /** Returns why no rank can start if this is one of them; `null` if they can. */
  whyNot({ rank, of, parts }: Attendance): string | null {
    if (of !== this.#of) return `rank ${rank} is one of ${of} ranks, but rank 0 is one of ${this.#of}`;
    const differing = this.#parts === null ? [] : differingParts(this.#parts, parts);
    if (differing.length === 0) return null;
    return `rank ${rank} of ${of} has another plan: ${differing.join(', ')} differ from rank 0`;
  }

  /** @param answer called once, with the decision, or when the rank has to ask again */
  attend(attendance: Attendance, answer: (answer: Answer) => void): () => void {
    const { rank } = attendance;
    const waiting = this.#present.get(rank)?.waiting ?? new Set();
    this.#present.set(rank, { ...attendance, waiting, seen_ms: this.#now() });
    waiting.add(answer);
    this.#onArrival();
    return () => {
      waiting.delete(answer);
      const present = this.#present.get(rank);
      if (present !== undefined) present.seen_ms = this.#now();
    };
  }

  /** Returns why the ranks that are there cannot start with this plan; `null` if they can. */
  mismatch(): string | null {
    for (const present of this.#present.values()) {
      const wrong = this.whyNot(present);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  /** The ranks that are not there, in order. */
  get missing(): number[] {
    return Array.from({ length: this.#of }, (_, rank) => rank).filter((rank) => {
      if (rank === 0) return this.#parts === null;
      const present = this.#present.get(rank);
      return present === undefined || this.#isGone(present);
    });
  }

  get longestTrip_ms(): number {
    return Math.max(0, ...[...this.#present.values()].map(({ trip_ms }) => trip_ms));
  }

  answerAll(answer: Answer): void {
    for (const { waiting } of this.#present.values()) for (const each of waiting) each(answer);
  }

  #isGone({ waiting, seen_ms }: Present): boolean {
    return waiting.size === 0 && this.#now() - seen_ms > GONE_MS;
  }
}
