import { combine, hashPart } from '../text/hash.ts';

const SIZE = 5;

/**
 * Calls `visit` with each shingle of a normal form: five words; five code points in a text of fewer words; a shorter text as a whole. An empty
 * text has none.
 */
function eachShingle(text: string, visit: (from: number, end: number) => void): void {
  if (text === '') return;
  // Positions of the last five words, or code points.
  const starts: number[] = [0];
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', space + 1))
    starts.push(space + 1);
  const words = starts.length;
  if (words >= SIZE) {
    for (let at = SIZE - 1; at < words; at++)
      visit(starts[at - SIZE + 1]!, at + 1 < words ? starts[at + 1]! - 1 : text.length);
    return;
  }
  const points: number[] = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) points.push(at);
  points.push(text.length);
  if (points.length <= SIZE) visit(0, text.length);
  for (let at = SIZE; at < points.length; at++) visit(points[at - SIZE]!, points[at]!);
}

/** Returns the set of shingles, as texts. */
export function shingleSet(text: string): Set<string> {
  const shingles = new Set<string>();
  eachShingle(text, (from, end) => shingles.add(text.slice(from, end)));
  return shingles;
}

/** Returns a hash of 32 bits of each shingle, possibly repeated. Equal shingles have equal hashes. */
export function shingleHashes(text: string): Uint32Array {
  if (text === '') return new Uint32Array(0);
  const words = wordHashes(text);
  if (words.length < SIZE) {
    const hashes: number[] = [];
    eachShingle(text, (from, end) => hashes.push(hashPart(text, from, end)));
    return Uint32Array.from(hashes);
  }
  const hashes = new Uint32Array(words.length - SIZE + 1);
  for (let at = 0; at < hashes.length; at++) {
    let hash = words[at]!;
    for (let next = 1; next < SIZE; next++) hash = combine(hash, words[at + next]!);
    hashes[at] = hash;
  }
  return hashes;
}

function wordHashes(text: string): number[] {
  const hashes: number[] = [];
  let from = 0;
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', from)) {
    hashes.push(hashPart(text, from, space));
    from = space + 1;
  }
  hashes.push(hashPart(text, from, text.length));
  return hashes;
}

/** Returns the Jaccard index of two sets: |A ∩ B| ÷ |A ∪ B|. */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const shingle of small) if (large.has(shingle)) shared++;
  const union = a.size + b.size - shared;
  return union === 0 ? 0 : shared / union;
}
