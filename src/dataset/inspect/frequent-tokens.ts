import type { TokenUnit } from '../text/tokens.ts';

const MOST = 20;
/** Different tokens that are counted at a time. */
const CAPACITY = 500_000;
/** Longer words are not counted: a text without white space would be one, and stay in memory. */
const LONGEST = 100;

/** A token and how often it appears. */
export interface FrequentToken {
  token: string;
  count: number;
}

/** Counts tokens by 64 bits that identify them, in a table with open addressing: strings as keys take four times as long. */
export class FrequentTokens {
  readonly #unit: TokenUnit;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** The count in each slot; 0: the slot is free. */
  readonly #counts: Float64Array;
  readonly #texts: string[];
  #size = 0;
  /** Tokens that were seen this often or less may have been dropped. */
  #dropped = 0;

  constructor(unit: TokenUnit, capacity = CAPACITY) {
    this.#unit = unit;
    this.#capacity = capacity;
    const slots = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.#mask = slots - 1;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#counts = new Float64Array(slots);
    this.#texts = Array.from({ length: slots }, () => '');
  }

  /** Counts the token that `TokenUnit.each` found at a place of a text. */
  add(text: string, high: number, low: number, from: number, end: number): void {
    const slot = this.#slotOf(high, low);
    if (this.#counts[slot]! > 0) {
      this.#counts[slot]!++;
      return;
    }
    const token = end - from > LONGEST ? '' : this.#unit.textAt(text, from, end);
    if (token === '') return;
    this.#put(slot, high, low, this.#dropped + 1, copyOf(token));
    if (this.#size > this.#capacity) this.#dropRare();
  }

  /** Returns the slot of a token, or the free one in which it belongs. */
  #slotOf(high: number, low: number): number {
    let slot = high & this.#mask;
    while (this.#counts[slot]! > 0 && (this.#high[slot] !== high || this.#low[slot] !== low))
      slot = (slot + 1) & this.#mask;
    return slot;
  }

  #put(slot: number, high: number, low: number, count: number, text: string): void {
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#counts[slot] = count;
    this.#texts[slot] = text;
    this.#size++;
  }

  /** Returns the slots in use. */
  #used(): number[] {
    const slots: number[] = [];
    for (const [slot, count] of this.#counts.entries()) if (count > 0) slots.push(slot);
    return slots;
  }

  /** Drops the rarest tokens until half of the room is free (lossy counting: a later count may be too high by what was dropped). */
  #dropRare(): void {
    let left = this.#used();
    while (left.length > this.#capacity / 2) {
      this.#dropped++;
      left = left.filter((slot) => this.#counts[slot]! > this.#dropped);
    }
    const kept = left.map(
      (slot) => [this.#high[slot]!, this.#low[slot]!, this.#counts[slot]!, this.#texts[slot]!] as const,
    );
    this.#counts.fill(0);
    this.#texts.fill('');
    this.#size = 0;
    for (const [high, low, count, text] of kept) this.#put(this.#slotOf(high, low), high, low, count, text);
  }

  /** Returns the most frequent tokens, the most frequent first. */
  result(): FrequentToken[] {
    const counts = new Map<string, number>();
    const slots = this.#used().sort((a, b) => this.#counts[b]! - this.#counts[a]!);
    for (const slot of slots.slice(0, 2 * MOST)) {
      const text = this.#texts[slot]!;
      counts.set(text, (counts.get(text) ?? 0) + this.#counts[slot]!);
    }
    return [...counts]
      .map(([token, count]) => ({ token, count }))
      .sort((a, b) => b.count - a.count || (a.token < b.token ? -1 : 1))
      .slice(0, MOST);
  }
}

/** Returns a copy: a part of a string keeps the whole string in memory. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
