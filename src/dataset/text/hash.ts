/** Hashes of texts for tables: fast and well mixed, not for authentication. */

/** The finalizer of MurmurHash3 (Appleby): every bit of the input changes half of the output's bits. */
export function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Returns 32 bits of a part of a text. */
export function hashPart(text: string, from: number, end: number, seed = 0x811c9dc5): number {
  let h = seed;
  for (let at = from; at < end; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  return mix(h);
}

/** Returns 32 bits of a sequence and its next element. */
export const combine = (h: number, next: number): number => mix(Math.imul(h, 0x9e3779b1) + next);
