import { decimal } from '../numbers.ts';
import { deflateSync, inflateSync } from 'node:zlib';

import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';

import { GoodputError } from '../errors.ts';

/** Units of the integers of a histogram, per unit of the metric: nanoseconds, thousandths of a token per second, millionths. */
export const HISTOGRAM_SCALE = { ms: 1_000_000, 'tok/s': 1000, ratio: 1_000_000 } as const;

export interface LoggedHistogram {
  /** The metric's name; `null` writes the line untagged, which tools that know no tags read. */
  tag: string | null;
  unit: keyof typeof HISTOGRAM_SCALE;
  /** Holds integers: the metric's value times `HISTOGRAM_SCALE[unit]`. */
  histogram: Histogram;
  /** Seconds from the run's origin. */
  start_s: number;
  length_s: number;
}

/** Meaning of the integers of each unit, for people who open the file. */
const MEANING: Record<keyof typeof HISTOGRAM_SCALE, string> = {
  ms: 'nanoseconds',
  'tok/s': 'thousandths of a token per second',
  ratio: 'millionths',
};

/**
 * Returns an HdrHistogram log, format 1.3, of the given histograms, the untagged ones first. `Interval_Max` is in the metric's own
 * unit (ms, tok/s, ratio), as the format's writers scale it down from nanoseconds by default.
 * Timestamps are relative to `epochMs`, the run's origin, which the log names as its base time.
 * @throws {GoodputError} of kind `defect` if a histogram lost counts, or a tag cannot be written.
 */
export function encodeHistogramLog(
  histograms: readonly LoggedHistogram[],
  { epochMs, version }: { epochMs: number; version: string },
): string {
  const epoch = decimal(epochMs / 1000, 3);
  const ordered = [...histograms].sort((a, b) => Number(a.tag !== null) - Number(b.tag !== null));
  const lines = [
    `#[Logged by goodput ${version}]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${epoch} (seconds since epoch), ${new Date(epochMs).toISOString()}]`,
    `#[BaseTime: ${epoch} (seconds since epoch)]`,
    ...ordered.map(({ tag, unit }) => `#[${tag ?? 'Untagged: e2e'} in ${MEANING[unit]}]`),
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...ordered.map(encodeLine),
  ];
  return `${lines.join('\n')}\n`;
}

function encodeLine({ tag, unit, histogram, start_s, length_s }: LoggedHistogram): string {
  if (tag !== null && !/^[\w.-]+$/.test(tag)) {
    throw new GoodputError('defect', `"${tag}" cannot be the tag of a histogram log line`);
  }
  const max = histogram.totalCount === 0 ? 0 : histogram.maxValue / HISTOGRAM_SCALE[unit];
  const fields = [decimal(start_s, 3), decimal(length_s, 3), decimal(max, 3), encodePayload(histogram)];
  return `${tag === null ? '' : `Tag=${tag},`}${fields.join(',')}`;
}

/** Length of the header of the compressed data: cookie and length. */
const COMPRESSED_HEADER = 8;
/** Offsets in the inflated V2 encoding: cookie, payload length, then the two fields in question among others. */
const NORMALIZING_INDEX_OFFSET = 8;
const DOUBLE_CONVERSION_RATIO = 32;

/**
 * Returns the V2-compressed encoding in base64. hdr-histogram-js 3.0.1 writes a normalizing index offset of 1, and the integer 1
 * where a double ratio belongs. The Rust reader refuses such a histogram, the C reader uses both (a ratio of 5e-324,
 * a wrong mean), Java's and Python's ignore them. A histogram that was never shifted or scaled has 0 and 1.0.
 */
function encodePayload(histogram: Histogram): string {
  const encoded = Buffer.from(encodeIntoCompressedBase64(histogram), 'base64');
  const compressedLength = encoded.readInt32BE(4);
  const inflated = inflateSync(encoded.subarray(COMPRESSED_HEADER, COMPRESSED_HEADER + compressedLength));
  inflated.writeInt32BE(0, NORMALIZING_INDEX_OFFSET);
  inflated.writeDoubleBE(1, DOUBLE_CONVERSION_RATIO);
  const deflated = deflateSync(inflated);
  const header = Buffer.from(encoded.subarray(0, COMPRESSED_HEADER));
  header.writeInt32BE(deflated.length, 4);
  const payload = Buffer.concat([header, deflated]).toString('base64');
  checkCounts(histogram, payload);
  return payload;
}

/** Checks the sum of the buckets: a bucket of 32 bits overflows silently beyond 4,294,967,295. */
function checkCounts(histogram: Histogram, payload: string): void {
  const written = decodeFromCompressedBase64(payload, 64).totalCount;
  if (written === histogram.totalCount) return;
  throw new GoodputError(
    'defect',
    `a histogram of ${histogram.totalCount} values encodes only ${written}: its buckets are too small`,
  );
}
