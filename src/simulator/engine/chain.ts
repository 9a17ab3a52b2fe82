import type { ChainKey } from './blocks.ts';

/**
 * Names the full blocks of a text that is known in advance, `length` words of it, each block by all words up to its end.
 * Two chains of words that differ share a name with a chance of 2⁻⁵³.
 *
 * cyrb53 (bryc, public domain), which can go on where it stopped. Names are below zero, where no other key is.
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
    // Between two words, so that "a bc" is not "ab c".
    h1 = Math.imul(h1 ^ 32, 2654435761);
    h2 = Math.imul(h2 ^ 32, 1597334677);
    if ((k + 1) % blockSize === 0) chain.push(-1 - mixed(h1, h2));
  }
  return chain;
}

function mixed(a: number, b: number): number {
  const h1 = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const h2 = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}
