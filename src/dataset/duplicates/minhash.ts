import { randomStream } from '../../random.ts';
import { combine } from '../text/hash.ts';

const PERMUTATIONS = 128;
export const BANDS = 16;
const ROWS = PERMUTATIONS / BANDS;

const random = randomStream(1, 'minhash permutations');
const word = (): number => random.below(0x1_0000_0000);
const ADDED = Uint32Array.from({ length: PERMUTATIONS }, word);
const FACTORS = Uint32Array.from({ length: PERMUTATIONS }, () => word() | 1);

/**
 * Returns a hash for each band of the MinHash signature (Broder 1997): for each of 128 permutations of the 32-bit integers the smallest image of a
 * shingle. Two texts agree in one position with a probability equal to the Jaccard index of their shingles.
 */
export function bandHashes(shingles: Uint32Array): Uint32Array {
  const signature = new Uint32Array(PERMUTATIONS).fill(0xffff_ffff);
  for (let permutation = 0; permutation < PERMUTATIONS; permutation++) {
    const [added, factor] = [ADDED[permutation]!, FACTORS[permutation]!];
    let least = 0xffff_ffff;
    for (let at = 0; at < shingles.length; at++) {
      // x → (x ⊕ a)·b, b odd, permutes the integers modulo 2³².
      const image = Math.imul(shingles[at]! ^ added, factor) >>> 0;
      if (image < least) least = image;
    }
    signature[permutation] = least;
  }
  const bands = new Uint32Array(BANDS);
  for (let band = 0; band < BANDS; band++) {
    let hash = band;
    for (let row = 0; row < ROWS; row++) hash = combine(hash, signature[band * ROWS + row]!);
    bands[band] = hash;
  }
  return bands;
}

/** Returns the probability that two texts with this Jaccard index agree in a band: 1 − (1 − s⁸)¹⁶. */
export const candidateProbability = (similarity: number): number => 1 - (1 - similarity ** ROWS) ** BANDS;
