import type { ChainKey } from './blocks.ts';

/**
 * Returns the names of the full blocks of a text of `length` words. The name of a block depends on all words up to its end; two different
 * chains share a name with a probability of 2⁻⁵³.
 *
 * Uses cyrb53 (bryc, public domain), which can be continued. Names are negative; no other key is.
 */
export function chainOf(
  wordAt: (k: number) => string,
  length: number,
  blockSize: number,
): readonly ChainKey[] {
  const chain: number[] = [];
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  const blocks = Math.floor(length / blockSize);
  for (let k = 0; k < blocks * blockSize; k++) {
    const word = wordAt(k);
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at);
      h1 = Math.imul(h1 ^ code, 2654435761);
      h2 = Math.imul(h2 ^ code, 1597334677);
    }
    // Separates two words, so that "a bc" differs from "ab c".
    h1 = Math.imul(h1 ^ 32, 2654435761);
    h2 = Math.imul(h2 ^ 32, 1597334677);
    if ((k + 1) % blockSize === 0) chain.push(-1 - mix(h1, h2));
  }
  return chain;
}

function mix(a: number, b: number): number {
  const h1 = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const h2 = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}
