import { Clusters } from './clusters.ts';
import { DigestTable } from './digest-table.ts';
import { equalIn } from './equal-in.ts';
import { BANDS, bandHashes } from './minhash.ts';
import { uint32List } from '../../statistics/number-list.ts';
import { type Pause, pauseEvery } from './pause.ts';
import { jaccard, shingleHashes, shingleSet } from './shingles.ts';
import { TextStore } from './text-store.ts';

/** The shingle sets kept while candidates are compared. */
const SETS_KEPT = 16;
const GROUPS_BETWEEN_PAUSES = 100;
/** The pairs below the threshold that are remembered, so that another band does not compare them again. */
const PAIRS_KEPT = 1_000_000;

/**
 * Finds near duplicates with MinHash and banding: texts that agree in a band are candidates, and every candidate pair is compared exactly. Each
 * different text takes 72 bytes, and its normal form is in a text store.
 */
export class NearDuplicates {
  readonly #threshold: number;
  #exact = new DigestTable();
  readonly #clusters = new Clusters();
  #bands = Array.from({ length: BANDS }, uint32List);
  /** The records with texts that are not exact duplicates. */
  readonly #records = uint32List();
  readonly #store = new TextStore();
  #count = 0;
  #exactCount = 0;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** The records that repeat an earlier one exactly. */
  get exact(): number {
    return this.#exactCount;
  }

  /**
   * Adds the next record.
   * @param form the normal form of its text; `null` if it has no text
   * @returns the record that it repeats exactly
   */
  add(form: string | null): number | null {
    const record = this.#count++;
    this.#clusters.add();
    if (form === null) return null;
    const equal = this.#exact.add(form, record);
    if (equal !== null) {
      this.#exactCount++;
      this.#clusters.join(equal, record);
      return equal;
    }
    if (form === '') return null;
    this.#records.push(record);
    this.#store.add(form);
    for (const [band, hash] of bandHashes(shingleHashes(form)).entries()) this.#bands[band]!.push(hash);
    return null;
  }

  /** Compares the candidates, and removes what was stored. */
  async finish(pause?: Pause): Promise<Clusters> {
    try {
      const compare = this.#comparison();
      const rest = pauseEvery(GROUPS_BETWEEN_PAUSES, pause);
      const keys = new Float64Array(this.#records.length);
      for (const band of this.#bands)
        for (const group of equalIn(band.values(), keys)) {
          this.#join(group, compare);
          await rest();
        }
    } finally {
      this.#store.close();
      // Figures computed afterwards need the memory.
      this.#bands = [];
      this.#exact = new DigestTable();
    }
    return this.#clusters;
  }

  #join(group: readonly number[], compare: (a: number, b: number) => boolean): void {
    const records = this.#records.values();
    for (let at = 1; at < group.length; at++)
      for (let before = 0; before < at; before++) {
        const [a, b] = [records[group[before]!]!, records[group[at]!]!];
        if (this.#clusters.first(a) === this.#clusters.first(b)) continue;
        if (compare(group[before]!, group[at]!)) this.#clusters.join(a, b);
      }
  }

  /** Returns a function that compares two texts by number, and remembers recent results. */
  #comparison(): (a: number, b: number) => boolean {
    const sets = new Map<number, Set<string>>();
    let below = new Set<number>();
    const setOf = (index: number): Set<string> => {
      const known = sets.get(index);
      if (known !== undefined) return known;
      if (sets.size >= SETS_KEPT) sets.delete(sets.keys().next().value!);
      const set = shingleSet(this.#store.get(index));
      sets.set(index, set);
      return set;
    };
    const total = this.#records.length;
    return (a, b) => {
      const pair = a * total + b;
      if (below.has(pair)) return false;
      const [first, second] = [setOf(a), setOf(b)];
      // The index is at most the ratio of the sizes.
      const [least, most] = [Math.min(first.size, second.size), Math.max(first.size, second.size)];
      const isNear = least >= this.#threshold * most - 1e-9 && jaccard(first, second) >= this.#threshold;
      if (isNear) return true;
      if (below.size >= PAIRS_KEPT) below = new Set();
      below.add(pair);
      return false;
    };
  }
}
