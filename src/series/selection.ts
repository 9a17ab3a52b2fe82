import type { Random } from '../random.ts';

/** A seeded sample of a stream of unknown length, each item with the same probability (Vitter's algorithm R). */
export class Reservoir<T> {
  readonly items: T[] = [];
  /** The number of items that were offered. */
  offered = 0;
  readonly #size: number;
  readonly #random: Random;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  /** @param make makes the item, which is only called if it is taken */
  offer(make: () => T): void {
    const number = this.offered++;
    if (number < this.#size) {
      this.items.push(make());
      return;
    }
    const place = this.#random.below(number + 1);
    if (place < this.#size) this.items[place] = make();
  }
}

/** The items with the highest severity; of equal ones the first. */
export class Worst<T> {
  readonly #most: number;
  #kept: { severity: number; item: T }[] = [];
  #least = -Infinity;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @param make makes the item, which is only called if it may be among the worst
   * @returns the items that are certainly not among the worst; `null` if the offered one was not even made
   */
  offer(severity: number, make: () => T): T[] | null {
    if (severity <= this.#least) return null;
    this.#kept.push({ severity, item: make() });
    return this.#kept.length < 2 * this.#most + 16 ? [] : this.#cut();
  }

  /** Returns the worst, and what else was kept so far. */
  finish(): { worst: T[]; others: T[] } {
    const others = this.#cut();
    return { worst: this.#kept.map(({ item }) => item), others };
  }

  #cut(): T[] {
    // The sort is stable, so of equal ones the first stay.
    this.#kept.sort((a, b) => b.severity - a.severity);
    const others = this.#kept.slice(this.#most).map(({ item }) => item);
    this.#kept = this.#kept.slice(0, this.#most);
    if (this.#kept.length === this.#most) this.#least = this.#kept.at(-1)!.severity;
    return others;
  }
}
