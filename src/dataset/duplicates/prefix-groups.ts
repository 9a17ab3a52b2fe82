import { combine, mix } from '../text/hash.ts';
import type { TokenUnit } from '../text/tokens.ts';

/** Records that begin with the same tokens. */
export interface PrefixGroup {
  /** The largest whole number of blocks that all share, in tokens. */
  tokens: number;
  records: number[];
}

const BLOCK = 16;

/** Groups records that share their first blocks of 16 tokens. */
export class PrefixGroups {
  readonly #unit: TokenUnit;
  readonly #blocks: number;
  /** By the hash of the first blocks: the records, and the hashes of each prefix that all share. */
  readonly #groups = new Map<number, { records: number[]; prefixes: number[] }>();
  #count = 0;

  /** @param blocks the number of blocks that the records of a group share at least */
  constructor(unit: TokenUnit, blocks: number) {
    this.#unit = unit;
    this.#blocks = blocks;
  }

  /** @param text of the next record; `null` if it has none */
  add(text: string | null): void {
    const record = this.#count++;
    if (text === null) return;
    const prefixes = this.#prefixesOf(text);
    if (prefixes.length < this.#blocks) return;
    const key = prefixes[this.#blocks - 1]!;
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { records: [record], prefixes });
      return;
    }
    group.records.push(record);
    let shared = this.#blocks;
    while (shared < group.prefixes.length && group.prefixes[shared] === prefixes[shared]) shared++;
    group.prefixes.length = shared;
  }

  /** Returns a hash of 53 bits of each prefix of whole blocks. */
  #prefixesOf(text: string): number[] {
    const prefixes: number[] = [];
    let [tokens, high, low] = [0, mix(1), mix(2)];
    this.#unit.each(text, (tokenHigh, tokenLow) => {
      high = combine(high, tokenHigh);
      low = combine(low, tokenLow);
      tokens++;
      if (tokens % BLOCK === 0) prefixes.push((high & 0x1f_ffff) * 0x1_0000_0000 + low);
    });
    return prefixes;
  }

  /** Returns the groups of two or more records, in the order of their first records. */
  result(): PrefixGroup[] {
    return [...this.#groups.values()]
      .filter(({ records }) => records.length > 1)
      .map(({ records, prefixes }) => ({ tokens: prefixes.length * BLOCK, records }));
  }
}
