/** A double-ended queue: first come, first served; preempted requests return to the front. */
export class Deque<T> {
  #items: T[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  peek(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  unshift(item: T): void {
    if (this.#first > 0) this.#items[--this.#first] = item;
    else this.#items.unshift(item);
  }

  /** Removes the first item in amortised constant time: used slots are cleared when they are half of all. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first++];
    if (this.#first > 32 && this.#first * 2 > this.#items.length) this.#compact();
    return item;
  }

  /** Removes an item; returns true if it was in the queue. */
  remove(item: T): boolean {
    const at = this.#items.indexOf(item, this.#first);
    if (at === -1) return false;
    if (at === this.#first) this.shift();
    else this.#items.splice(at, 1);
    return true;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}
