import { mix } from '../text/hash.ts';
import { Clusters } from './clusters.ts';
import { DigestTable } from './digest-table.ts';
import { equalIn } from './equal-in.ts';
import { uint32List } from '../../statistics/number-list.ts';
import { type Pause, pauseEvery } from './pause.ts';
import { shingleHashes } from './shingles.ts';

/** Two texts are near if their hashes differ in at most this many of 64 bits. */
const MOST_DIFFERENT = 3;

const GROUPS_BETWEEN_PAUSES = 100;

/** Returns the SimHash of a set of shingles (Charikar 2002): each bit is the majority of that bit in the hashes. */
function simHash(shingles: Uint32Array): [high: number, low: number] {
  const votes = new Int32Array(64);
  for (const shingle of new Set(shingles)) {
    const [low, high] = [mix(shingle), mix(shingle ^ 0x5bd1e995)];
    for (let bit = 0; bit < 32; bit++) {
      votes[bit]! += (low >>> bit) & 1 ? 1 : -1;
      votes[bit + 32]! += (high >>> bit) & 1 ? 1 : -1;
    }
  }
  let [high, low] = [0, 0];
  for (let bit = 0; bit < 32; bit++) {
    if (votes[bit]! > 0) low |= 1 << bit;
    if (votes[bit + 32]! > 0) high |= 1 << bit;
  }
  return [high >>> 0, low >>> 0];
}

/** Returns the number of bits that are 1. */
function bitCount(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Finds near duplicates by SimHash. Hashes that differ in at most 3 bits agree in one of 4 blocks of 16 bits, so only those that share a block are
 * compared.
 */
export class SimHashDuplicates {
  readonly #exact = new DigestTable();
  readonly #clusters = new Clusters();
  readonly #records = uint32List();
  readonly #high = uint32List();
  readonly #low = uint32List();
  #count = 0;

  /** @param form the normal form of the next record's text; `null` if it has no text */
  add(form: string | null): void {
    const record = this.#count++;
    this.#clusters.add();
    if (form === null) return;
    const equal = this.#exact.add(form, record);
    if (equal !== null) this.#clusters.join(equal, record);
    if (equal !== null || form === '') return;
    const [high, low] = simHash(shingleHashes(form));
    this.#records.push(record);
    this.#high.push(high);
    this.#low.push(low);
  }

  async finish(pause?: Pause): Promise<Clusters> {
    const rest = pauseEvery(GROUPS_BETWEEN_PAUSES, pause);
    const [high, low, records] = [this.#high.values(), this.#low.values(), this.#records.values()];
    for (const [words, shift] of [
      [high, 16],
      [high, 0],
      [low, 16],
      [low, 0],
    ] as const)
      for (const group of equalIn(words.map((word) => (word >>> shift) & 0xffff))) {
        await rest();
        for (let at = 1; at < group.length; at++)
          for (let before = 0; before < at; before++) {
            const [a, b] = [group[before]!, group[at]!];
            const different = bitCount(high[a]! ^ high[b]!) + bitCount(low[a]! ^ low[b]!);
            if (different <= MOST_DIFFERENT) this.#clusters.join(records[a]!, records[b]!);
          }
      }
    return this.#clusters;
  }
}
