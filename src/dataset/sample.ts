import { type Random, randomStream } from '../random.ts';
import type { Session } from './model/session.ts';

/** Which sessions are drawn. */
export interface SampleOptions {
  count: number;
  /** The tag whose values are strata; `null`: one stratum. */
  by: string | null;
  seed: number;
}

/** The document that `goodput data sample --json` prints (docs/data.md). */
export interface SampleDocument {
  sessions: number;
  drawn: number;
  seed: number;
  /** By the value of the tag; a session without it is in the stratum "". */
  strata: { value: string; sessions: number; drawn: number }[] | null;
}

interface Drawn {
  position: number;
  session: Session;
}

/** A uniform sample of what was added so far (Vitter 1985, algorithm R). */
class Reservoir {
  readonly #random: Random;
  readonly #capacity: number;
  #kept: Drawn[] = [];
  seen = 0;

  constructor(capacity: number, random: Random) {
    this.#capacity = capacity;
    this.#random = random;
  }

  add(drawn: Drawn): void {
    this.seen++;
    if (this.#kept.length < this.#capacity) {
      this.#kept.push(drawn);
      return;
    }
    const at = this.#random.below(this.seen);
    if (at < this.#capacity) this.#kept[at] = drawn;
  }

  /** Returns `count` of those kept, each with the same probability. */
  take(count: number): Drawn[] {
    const kept = this.#kept;
    for (let at = 0; at < Math.min(count, kept.length); at++) {
      const other = at + this.#random.below(kept.length - at);
      [kept[at], kept[other]] = [kept[other]!, kept[at]!];
    }
    return kept.slice(0, count);
  }
}

/** Draws sessions without replacement: each with the same probability, or from each stratum in proportion to its sessions. */
export class SessionSample {
  readonly #options: SampleOptions;
  readonly #strata = new Map<string, Reservoir>();
  #allocation = new Map<string, number>();
  seen = 0;

  constructor(options: SampleOptions) {
    this.#options = options;
  }

  add(session: Session): void {
    const { count, by, seed } = this.#options;
    const value = by === null ? '' : (session.tags[by] ?? session.turns[0]?.tags[by] ?? '');
    let stratum = this.#strata.get(value);
    if (stratum === undefined) {
      stratum = new Reservoir(count, randomStream(seed, `data sample ${value}`));
      this.#strata.set(value, stratum);
    }
    stratum.add({ position: this.seen++, session });
  }

  /** Returns the sessions drawn, in the order of the data set. */
  drawn(): Session[] {
    this.#allocation = allocated(
      this.#options.count,
      [...this.#strata].map(([value, { seen }]) => [value, seen]),
    );
    return [...this.#strata]
      .flatMap(([value, stratum]) => stratum.take(this.#allocation.get(value)!))
      .sort((a, b) => a.position - b.position)
      .map(({ session }) => session);
  }

  document(): SampleDocument {
    const { by, seed } = this.#options;
    const strata = [...this.#strata].map(([value, { seen }]) => ({
      value,
      sessions: seen,
      drawn: this.#allocation.get(value)!,
    }));
    return {
      sessions: this.seen,
      drawn: strata.reduce((sum, { drawn }) => sum + drawn, 0),
      seed,
      strata: by === null ? null : strata,
    };
  }
}

/** Divides a number among strata in proportion to their sizes, by the largest remainders. */
function allocated(count: number, sizes: readonly (readonly [string, number])[]): Map<string, number> {
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const wanted = Math.min(count, total);
  const parts = sizes.map(([value, size]) => {
    const exact = (wanted * size) / total;
    return { value, whole: Math.floor(exact), rest: exact - Math.floor(exact) };
  });
  let left = wanted - parts.reduce((sum, { whole }) => sum + whole, 0);
  for (const part of parts.toSorted((a, b) => b.rest - a.rest)) {
    if (left === 0) break;
    part.whole++;
    left--;
  }
  return new Map(parts.map(({ value, whole }) => [value, whole]));
}
