import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { buffersOf, type PackedSamples, SampleBatch, unpack } from '../../src/run/sample-batch.ts';
import { decodeSample, encodeSample } from '../../src/record/samples-jsonl.ts';
import { type Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';

const withEvents = (i: number, events: number): Sample => ({
  ...sampleOf({ i }),
  events_us: Float64Array.from({ length: events }, (_, k) => (k === 0 ? 2 ** 40 + i : k)),
});

const written = (samples: readonly Sample[]): Sample[] =>
  samples.map((sample) => decodeSample(encodeSample(sample)));

test('a batch returns the same samples after a transfer between threads', async () => {
  const samples = [0, 3, 1, 5000, 0].map((events, i) => withEvents(i, events));
  const batch = new SampleBatch();
  for (const round of [1, 2]) {
    for (const sample of samples) batch.add(sample);
    const packed = batch.take();
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(packed, buffersOf(packed));
    const [received] = (await once(port2, 'message')) as [PackedSamples];
    port1.close();
    // Moved, not copied: nothing is left behind.
    expect([round, packed.events_us.length]).toEqual([round, 0]);
    expect(written(unpack(received))).toEqual(written(samples));
  }
  expect(unpack(batch.take())).toEqual([]);
});

test('a batch of many events is to be sent at once', () => {
  const batch = new SampleBatch();
  batch.add(withEvents(0, 65_535));
  expect(batch.isLarge).toBe(false);
  batch.add(withEvents(1, 1));
  expect(batch.isLarge).toBe(true);
  batch.take();
  expect(batch.isLarge).toBe(false);
});
