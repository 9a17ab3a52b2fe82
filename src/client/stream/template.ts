import type { WordCounter } from '../api/word-counter.ts';

/** A part that may differ between the events of a template. */
export type Hole =
  /** Content of a string, without the quotes. */
  | 'string'
  /** An integer from 0 to 999,999,999,999,999, as JSON writes it. */
  | 'integer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const ZERO = 0x30;
const NINE = 0x39;

/** Any integer of this many digits is exact in a double. */
const MAX_DIGITS = 15;

/** Characters that may follow a backslash, besides `u` (RFC 8259 §7). */
const ESCAPED = new Uint8Array(256);
for (const char of '"\\/bfnrt') ESCAPED[char.charCodeAt(0)] = 1;
const HEX = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') HEX[char.charCodeAt(0)] = 1;

/**
 * Views of the current array buffer by bytes and by words. They are created once per buffer, and the reads of a thread share one buffer.
 * Reading `chunk.buffer` takes a tenth of a match, so it is done once per chunk.
 */
let viewed: ArrayBufferLike | null = null;
let viewedChunk: Uint8Array | null = null;
/** End of the latest match in the buffer. */
let matchedTo = 0;
/** Bytes that may separate two events of one read: the end of an HTTP chunk and the head of the next one. */
const MAX_SEPARATOR_BYTES = 16;
let bytes: Uint8Array = new Uint8Array(0);
let words: DataView = new DataView(bytes.buffer);
let characters: Buffer = Buffer.from(bytes.buffer);

/**
 * Bytes with holes. Events of one endpoint are equal except for their text and a few ids and counts: comparing an event with an earlier
 * one costs 60 ns per 200 bytes, JSON.parse 1,100. An event that matches equals the event that the template was learned from, with other
 * values in its holes: well-formed strings and numbers do not change the state of a JSON parser.
 */
export class Template {
  /** One more than there are holes. */
  readonly #literals: readonly Literal[];
  readonly #holes: readonly Hole[];
  readonly #minLength: number;
  readonly #unread: number;
  /** Everything before the first hole that is read: the first literal, or the bytes of an earlier match. */
  readonly #opening: Literal;
  /** Values of the latest match for each hole that is read: the length of a string in bytes, or an integer. */
  readonly values: number[];
  /** Positions of the holes in the latest match, in the bytes of its buffer. */
  readonly #starts: number[];

  /** @param unread number of leading holes whose values are not used */
  constructor(literals: readonly string[], holes: readonly Hole[], unread = 0) {
    this.#literals = literals.map((text) => Literal.of(text));
    this.#holes = holes;
    this.#minLength = this.#literals.reduce((sum, { length }) => sum + length, 0);
    this.#unread = unread;
    this.#opening = unread === 0 ? this.#literals[0]! : new Literal();
    this.values = holes.map(() => 0);
    this.#starts = holes.map(() => 0);
  }

  /** @returns the end in `chunk` of the match that begins at `start`, or -1 */
  match(chunk: Uint8Array, start: number): number {
    if (chunk.length - start < this.#minLength) return -1;
    if (chunk !== viewedChunk) view(chunk);
    const base = chunk.byteOffset;
    const from = base + start;
    const end = base + chunk.length;
    const isKnown = this.#opening.matches(from, end);
    const opened = isKnown ? from + this.#opening.length : this.#open(from, end);
    if (opened === -1) return -1;
    const after = this.#fill(opened, end, this.#unread, this.#holes.length);
    if (after === -1) return -1;
    // Ids of the stream precede the other values, and the events of one read belong to one stream: if events are adjacent, the prefix
    // that they share is worth storing.
    const follows = from >= matchedTo && from - matchedTo <= MAX_SEPARATOR_BYTES;
    if (!isKnown && (after < end || follows)) this.#opening.set(words, from, opened);
    matchedTo = after;
    return after - base;
  }

  /** Counts the words of a string in the latest match of any template. */
  countWords(hole: number, words: WordCounter): void {
    const start = this.#starts[hole]!;
    words.addJson(bytes, start, start + this.values[hole]!);
  }

  /** Returns the text of a string in the latest match of any template. */
  textOf(hole: number): string {
    const start = this.#starts[hole]!;
    const text = characters.toString('utf8', start, start + this.values[hole]!);
    return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text;
  }

  #open(from: number, end: number): number {
    const first = this.#literals[0]!;
    if (this.#unread === 0 || !first.matches(from, end)) return -1;
    return this.#fill(from + first.length, end, 0, this.#unread);
  }

  /** Matches from the beginning of one hole to that of another, or to the end. */
  #fill(from: number, end: number, hole: number, until: number): number {
    let at = from;
    for (let i = hole; i < until; i++) {
      const after = this.#holes[i] === 'string' ? endOfString(at, end) : this.#integer(at, end, i);
      if (after === -1) return -1;
      if (this.#holes[i] === 'string') {
        this.values[i] = after - at;
        this.#starts[i] = at;
      }
      const literal = this.#literals[i + 1]!;
      if (!literal.matches(after, end)) return -1;
      at = after + literal.length;
    }
    return at;
  }

  #integer(from: number, end: number, hole: number): number {
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte < ZERO || byte > NINE) break;
      if (at - from === MAX_DIGITS) return -1;
      value = value * 10 + (byte - ZERO);
    }
    // Not JSON: no digit, or a leading zero.
    if (at === from || (bytes[from] === ZERO && at - from > 1)) return -1;
    this.values[hole] = value;
    return at;
  }
}

function view(chunk: Uint8Array): void {
  viewedChunk = chunk;
  if (chunk.buffer === viewed) return;
  viewed = chunk.buffer;
  bytes = new Uint8Array(viewed);
  words = new DataView(viewed);
  characters = Buffer.from(viewed);
}

/** Bytes that must match exactly. */
class Literal {
  /** If 0, nothing matches. */
  length = 0;
  /**
   * Groups of eight bytes after the first `length % 8` bytes, compared as doubles, which takes a seventh less time per match than words
   * of four bytes. Doubles are equal if their bits are, except for NaN and the two zeros: no byte of an event is 0, so there is no zero;
   * if a byte 0x7F or 0xFF makes a NaN, nothing matches, and the event is parsed.
   */
  #groups = new Float64Array(0);
  #count = 0;
  readonly #rest = new Uint8Array(7);

  static of(text: string): Literal {
    const encoded = new TextEncoder().encode(text);
    const literal = new Literal();
    literal.set(new DataView(encoded.buffer), encoded.byteOffset, encoded.byteOffset + encoded.length);
    return literal;
  }

  set(view: DataView, from: number, end: number): void {
    this.length = end - from;
    const rest = this.length % 8;
    for (let i = 0; i < rest; i++) this.#rest[i] = view.getUint8(from + i);
    this.#count = (this.length - rest) / 8;
    if (this.#groups.length < this.#count) this.#groups = new Float64Array(this.#count);
    for (let i = 0; i < this.#count; i++) this.#groups[i] = view.getFloat64(from + rest + i * 8, true);
  }

  /** Compares backwards: `"content":"` and `"reasoning_content":"` differ late, ids early. */
  matches(start: number, end: number): boolean {
    if (this.length === 0 || start + this.length > end) return false;
    const own = this.#groups;
    for (let i = this.#count - 1, at = start + this.length - 8; i >= 0; i--, at -= 8)
      if (words.getFloat64(at, true) !== own[i]) return false;
    const rest = this.length % 8;
    for (let i = 0; i < rest; i++) if (bytes[start + i] !== this.#rest[i]) return false;
    return true;
  }
}

/**
 * Returns the position of the closing quote of the string whose content begins at `from`, or -1 if the string is incomplete or not JSON.
 * Bytes from 0x80 are accepted, well-formed or not: a decoder replaces malformed ones by U+FFFD and never consumes an ASCII byte.
 */
function endOfString(from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20) return -1;
    if (byte !== BACKSLASH) continue;
    at++;
    if (at >= end) return -1;
    const escaped = bytes[at]!;
    if (ESCAPED[escaped] === 1) continue;
    if (escaped !== LOWER_U || at + 4 >= end) return -1;
    for (let digit = 1; digit <= 4; digit++) if (HEX[bytes[at + digit]!] === 0) return -1;
    at += 4;
  }
  return -1;
}
