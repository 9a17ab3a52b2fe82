import type { TokenKey, TokenUnit } from '../text/tokens.ts';

const MOST = 20;
/** Different tokens that are counted at a time. */
const CAPACITY = 500_000;

/** A token and how often it appears. */
export interface FrequentToken {
  token: string;
  count: number;
}

/** Counts the tokens of texts. */
export class FrequentTokens {
  readonly #unit: TokenUnit;
  readonly #capacity: number;
  #counts = new Map<TokenKey, number>();
  /** Tokens that were seen this often or less may have been dropped. */
  #dropped = 0;

  constructor(unit: TokenUnit, capacity = CAPACITY) {
    this.#unit = unit;
    this.#capacity = capacity;
  }

  add(text: string): void {
    this.#unit.keys(text, (key) => {
      this.#counts.set(key, (this.#counts.get(key) ?? this.#dropped) + 1);
    });
    if (this.#counts.size > this.#capacity) this.#dropRare();
  }

  /** Drops the rarest tokens until half of the room is free (lossy counting: a later count may be too high by what was dropped). */
  #dropRare(): void {
    while (this.#counts.size > this.#capacity / 2) {
      this.#dropped++;
      for (const [key, count] of this.#counts) if (count <= this.#dropped) this.#counts.delete(key);
    }
  }

  /** Returns the most frequent tokens, the most frequent first. */
  result(): FrequentToken[] {
    const counts = new Map<string, number>();
    for (const [key, count] of [...this.#counts].sort(([, n], [, m]) => m - n).slice(0, 2 * MOST)) {
      const text = this.#unit.textOf(key);
      counts.set(text, (counts.get(text) ?? 0) + count);
    }
    return [...counts]
      .map(([token, count]) => ({ token, count }))
      .sort((a, b) => b.count - a.count || (a.token < b.token ? -1 : 1))
      .slice(0, MOST);
  }
}
