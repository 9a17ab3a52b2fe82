import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';

import { randomStream } from '../../src/random.ts';
import { HISTOGRAM_SCALE, encodeHistogramLog } from '../../src/record/hlog.ts';
import type { LoggedHistogram } from '../../src/record/hlog.ts';
import { decodeV2 } from './v2.ts';

const ORIGIN = { epochMs: 1_763_977_265_678, version: '0.1.0' };

function histogramOf(values: readonly number[], bitBucketSize: 32 | 64 = 64): Histogram {
  const histogram = build({ bitBucketSize, numberOfSignificantValueDigits: 3 });
  for (const value of values) histogram.recordValue(value);
  return histogram;
}

const logged = (histogram: Histogram, changes: Partial<LoggedHistogram> = {}): LoggedHistogram => ({
  tag: null,
  unit: 'ms',
  histogram,
  start_s: 10,
  length_s: 60,
  ...changes,
});

const payloadOf = (histogram: Histogram): string =>
  encodeHistogramLog([logged(histogram)], ORIGIN)
    .trimEnd()
    .split('\n')
    .at(-1)!
    .split(',')
    .at(-1)!;

test('the text around the payloads', () => {
  const log = encodeHistogramLog(
    [
      logged(histogramOf([250_000_000]), { tag: 'ttft' }),
      logged(histogramOf([]), { tag: 'on_time_share', unit: 'ratio' }),
      logged(histogramOf([1_234_567_890])),
      logged(histogramOf([41_700]), { tag: 'user_tps', unit: 'tok/s', start_s: 0.0004, length_s: 3600 }),
    ],
    ORIGIN,
  );
  expect(log.replaceAll(/HIST[\w+/]+=*/g, 'PAYLOAD')).toBe(
    `#[Logged by goodput 0.1.0]
#[Histogram log format version 1.3]
#[StartTime: 1763977265.678 (seconds since epoch), 2025-11-24T09:41:05.678Z]
#[BaseTime: 1763977265.678 (seconds since epoch)]
#[Untagged: e2e in nanoseconds]
#[ttft in nanoseconds]
#[on_time_share in millionths]
#[user_tps in thousandths of a token per second]
"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
10.000,60.000,1234.568,PAYLOAD
Tag=ttft,10.000,60.000,250.000,PAYLOAD
Tag=on_time_share,10.000,60.000,0.000,PAYLOAD
Tag=user_tps,0.000,3600.000,41.700,PAYLOAD
`,
  );
});

describe('payloads', () => {
  test('the two header fields are those of an unscaled histogram, which the library writes wrongly', () => {
    const histogram = histogramOf([1, 5_000_000, 7_000_000_000]);
    expect(decodeV2(payloadOf(histogram))).toMatchObject({
      normalizingIndexOffset: 0,
      ratio: 1,
      significantDigits: 3,
      lowest: 1n,
    });
    // When this fails, the library has fixed its encoder, and the patch can be removed.
    const unpatched = decodeV2(encodeIntoCompressedBase64(histogram));
    expect(unpatched).toMatchObject({ normalizingIndexOffset: 1, ratio: 5e-324 });
  });

  test('every value is in its bucket, within 0.1 %', () => {
    const random = randomStream(3, 'hlog');
    const values = Array.from({ length: 5000 }, () => Math.round(10 ** (random.uniform() * 13)));
    const { counts, highest } = decodeV2(payloadOf(histogramOf(values)));
    const recorded = [...counts].flatMap(([value, count]) =>
      Array.from({ length: Number(count) }, () => Number(value)),
    );
    values.sort((a, b) => a - b);
    expect(recorded).toHaveLength(5000);
    for (const [k, value] of values.entries()) {
      expect(recorded[k]!).toBeLessThanOrEqual(value);
      expect(value - recorded[k]!).toBeLessThanOrEqual(value / 1000);
    }
    expect(Number(highest)).toBeGreaterThanOrEqual(values.at(-1)!);
  });

  test('small values are exact, zero among them', () => {
    const { counts } = decodeV2(payloadOf(histogramOf([0, 0, 1, 2047])));
    expect(counts).toEqual(
      new Map([
        [0n, 2n],
        [1n, 1n],
        [2047n, 1n],
      ]),
    );
  });

  test('an empty histogram has no counts', () => {
    expect(decodeV2(payloadOf(histogramOf([]))).counts.size).toBe(0);
  });

  test.each([2 ** 31, 2 ** 32, 5_000_000_000, 2 ** 45 + 1])('counts beyond 32 bits: %d', (count) => {
    const histogram = histogramOf([3]);
    histogram.recordValueWithCount(1000, count);
    expect(decodeV2(payloadOf(histogram)).counts).toEqual(
      new Map([
        [3n, 1n],
        [1000n, BigInt(count)],
      ]),
    );
  });

  test('overflowed buckets are refused', () => {
    const histogram = histogramOf([], 32);
    histogram.recordValueWithCount(1000, 2 ** 32 + 5);
    expect(() => payloadOf(histogram)).toThrow(/encodes only 5: its buckets are too small/);
  });
});

test('the scale of each unit', () => {
  expect(HISTOGRAM_SCALE).toEqual({ ms: 1e6, 'tok/s': 1e3, ratio: 1e6 });
});

test.each(['a,b', 'two words', '', 'line\nbreak'])('the tag %j would break the line', (tag) => {
  expect(() => encodeHistogramLog([logged(histogramOf([1]), { tag })], ORIGIN)).toThrow(/cannot be the tag/);
});
