import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build } from 'hdr-histogram-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { randomStream } from '../../src/random.ts';
import { HISTOGRAM_SCALE, encodeHistogramLog } from '../../src/record/hlog.ts';
import type { LoggedHistogram } from '../../src/record/hlog.ts';
import { READERS, cacheOf, prepare, processWithJava, readWith } from './readers.ts';

const EPOCH_MS = 1_763_977_265_678;
const START_S = 10;
const LENGTH_S = 60;

/** The recorded values in the metric's unit, each with its count. */
interface Recorded {
  tag: string | null;
  unit: LoggedHistogram['unit'];
  values: readonly (readonly [value: number, times: number])[];
}

const random = randomStream(11, 'interop');
const spread = (count: number, low: number, high: number): [number, number][] =>
  Array.from({ length: count }, () => [low * (high / low) ** random.uniform(), 1]);

/** In the log's order. The tagged ones come with the untagged one last, so that the writer has to order them. */
const RECORDED: readonly Recorded[] = [
  { tag: null, unit: 'ms', values: [...spread(4999, 80, 900_000), [3_600_000, 1]] },
  { tag: 'ttft', unit: 'ms', values: spread(5000, 0.02, 30_000) },
  // More than 32 bits count, and more than 53 bits of nanoseconds would sum up to.
  {
    tag: 'itl',
    unit: 'ms',
    values: [
      [3, 1],
      [20, 5_000_000_000],
      [50, 70_000_000],
    ],
  },
  { tag: 'user_tps', unit: 'tok/s', values: [[0.001, 1], ...spread(300, 2, 400)] },
  {
    tag: 'on_time_share',
    unit: 'ratio',
    values: [
      [0, 40],
      [0.25, 30],
      [1, 130],
    ],
  },
  { tag: 'max_gap', unit: 'ms', values: [] },
];

function histogramOf({ unit, values }: Recorded): LoggedHistogram['histogram'] {
  const histogram = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
  for (const [value, times] of values) {
    histogram.recordValueWithCount(Math.round(value * HISTOGRAM_SCALE[unit]), times);
  }
  return histogram;
}

/** The figures from the recorded values alone, in the log's integers. Percentiles by nearest rank. */
function figuresOf({
  unit,
  values,
}: Recorded): Record<'count' | 'min' | 'max' | 'mean' | 'p50' | 'p99', number> {
  const sorted = values
    .map(([value, times]) => [Math.round(value * HISTOGRAM_SCALE[unit]), times] as const)
    .sort(([a], [b]) => a - b);
  const count = sorted.reduce((sum, [, times]) => sum + times, 0);
  const rank = (p: number): number => {
    let left = Math.max(1, Math.ceil(p * count));
    for (const [value, times] of sorted) if ((left -= times) <= 0) return value;
    return 0;
  };
  const sum = sorted.reduce((total, [value, times]) => total + value * times, 0);
  return {
    count,
    min: sorted[0]?.[0] ?? 0,
    max: sorted.at(-1)?.[0] ?? 0,
    mean: count === 0 ? 0 : sum / count,
    p50: rank(0.5),
    p99: rank(0.99),
  };
}

let dir: string;
let log: string;
const ran: string[] = [];
const missing: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'goodput-interop-'));
  log = join(dir, 'latency.hlog');
  const [untagged, ...tagged] = RECORDED.map((recorded) => ({
    tag: recorded.tag,
    unit: recorded.unit,
    histogram: histogramOf(recorded),
    start_s: START_S,
    length_s: LENGTH_S,
  }));
  await writeFile(log, encodeHistogramLog([...tagged, untagged!], { epochMs: EPOCH_MS, version: '0.0.0' }));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe.each(READERS)('$language, $library', (reader) => {
  test('reads what was recorded', async ({ skip }) => {
    const prepared = await prepare(reader);
    if ('missing' in prepared) {
      missing.push(prepared.missing);
      skip(prepared.missing);
      return;
    }
    const readings = await readWith(prepared.command, log);
    expect(readings.map(({ tag }) => tag)).toEqual(RECORDED.map(({ tag }) => tag));
    for (const [k, recorded] of RECORDED.entries()) {
      const { tag, start_ms, end_ms, count, ...figures } = readings[k]!;
      expect({ tag, start_ms, end_ms }).toEqual({
        tag: recorded.tag,
        start_ms: EPOCH_MS + START_S * 1000,
        end_ms: EPOCH_MS + (START_S + LENGTH_S) * 1000,
      });
      const expected = figuresOf(recorded);
      expect(count).toBe(expected.count);
      for (const name of ['min', 'max', 'mean', 'p50', 'p99'] as const) {
        // Three significant digits; an integer of the log either way for small values.
        const tolerance = Math.max(1, expected[name] / 1000);
        expect({ tag, name, off: Math.abs(figures[name] - expected[name]) > tolerance }).toEqual({
          tag,
          name,
          off: false,
        });
      }
    }
    ran.push(reader.language);
  });
});

test('at least two readers ran', () => {
  for (const words of missing) process.stderr.write(`not run: ${words}\n`);
  expect(ran.length).toBeGreaterThanOrEqual(2);
});

test('the stock log processor prints the percentiles of the untagged histogram, and of a tagged one by name', async ({
  skip,
}) => {
  if (!ran.includes('java')) skip('needs the Java library');
  for (const [tag, args] of [
    [null, []],
    ['ttft', ['-tag', 'ttft']],
  ] as const) {
    const recorded = RECORDED.find((each) => each.tag === tag)!;
    const printed = await processWithJava(cacheOf('java'), [
      '-i',
      log,
      '-outputValueUnitRatio',
      '1000000',
      ...args,
    ]);
    const expected = figuresOf(recorded);
    const max = Number(/#\[Max\s*=\s*([\d.]+)/.exec(printed)?.[1]);
    const total = Number(/Total count\s*=\s*(\d+)/.exec(printed)?.[1]);
    expect(total).toBe(expected.count);
    expect(Math.abs(max - expected.max / 1e6)).toBeLessThanOrEqual(expected.max / 1e9);
  }
});
