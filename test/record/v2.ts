import { inflateSync } from 'node:zlib';

/** Reads a V2-compressed payload by the rules of the format, without the library that wrote it. */
interface Decoded {
  normalizingIndexOffset: number;
  significantDigits: number;
  lowest: bigint;
  highest: bigint;
  ratio: number;
  /** Lowest value of each bucket that holds any → its count. */
  counts: Map<bigint, bigint>;
}

export function decodeV2(base64: string): Decoded {
  const compressed = Buffer.from(base64, 'base64');
  if (compressed.readUInt32BE(0) !== 0x1c849314)
    throw new Error('not the cookie of a compressed V2 histogram');
  if (compressed.readUInt32BE(4) !== compressed.length - 8)
    throw new Error('wrong length of the compressed data');
  const bytes = inflateSync(compressed.subarray(8));
  if (bytes.readUInt32BE(0) !== 0x1c849313) throw new Error('not the cookie of a V2 histogram');
  if (bytes.readUInt32BE(4) !== bytes.length - 40) throw new Error('wrong length of the payload');
  const significantDigits = bytes.readUInt32BE(12);
  const counts = new Map<bigint, bigint>();
  let at = 40;
  let index = 0;
  while (at < bytes.length) {
    let word = 0n;
    for (let k = 0; k < 9; k++) {
      const byte = BigInt(bytes[at++]!);
      // The ninth byte carries eight bits and no flag.
      word |= (k === 8 ? byte : byte & 0x7fn) << BigInt(7 * k);
      if (k === 8 || (byte & 0x80n) === 0n) break;
    }
    const value = (word >> 1n) ^ -(word & 1n);
    if (value < 0n) {
      index += Number(-value);
      continue;
    }
    if (value > 0n) counts.set(valueAt(index, significantDigits), value);
    index++;
  }
  return {
    normalizingIndexOffset: bytes.readInt32BE(8),
    significantDigits,
    lowest: bytes.readBigInt64BE(16),
    highest: bytes.readBigInt64BE(24),
    ratio: bytes.readDoubleBE(32),
    counts,
  };
}

/** For a lowest discernible value of 1: 2^m sub-buckets, m = ⌈log2(2·10^digits)⌉; the first bucket whole, then upper halves. */
function valueAt(index: number, digits: number): bigint {
  const half = 2 ** (Math.ceil(Math.log2(2 * 10 ** digits)) - 1);
  if (index < 2 * half) return BigInt(index);
  const bucket = Math.floor(index / half) - 1;
  return BigInt(half + (index % half)) << BigInt(bucket);
}
