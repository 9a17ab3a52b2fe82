import { expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { LiveHistograms, RecentHistograms } from '../../src/lifecycle/live-histograms.ts';

test('the current figures of two workers are those of all their values, within 1 %', () => {
  const random = randomStream(3, 'live');
  const recent = new RecentHistograms(10_000);
  const workers = [new LiveHistograms(), new LiveHistograms()];
  const ttft: number[] = [];
  const gap: number[] = [];
  for (let at_ms = 1000; at_ms <= 4000; at_ms += 1000) {
    for (const worker of workers) {
      for (let k = 0; k < 500; k++) {
        const [first, next] = [random.uniform() * 4e6, random.uniform() * 30_000];
        worker.first(first);
        worker.next(next);
        ttft.push(first / 1000);
        gap.push(next / 1000);
      }
      recent.add(worker.take(), at_ms);
    }
  }
  const rank = (values: number[], p: number): number =>
    values.toSorted((a, b) => a - b)[Math.ceil((p / 100) * values.length) - 1]!;
  for (const p of [50, 99]) {
    expect(recent.at('ttft', p)! / rank(ttft, p)).toBeCloseTo(1, 1.9);
    expect(recent.at('gap', p)! / rank(gap, p)).toBeCloseTo(1, 1.9);
  }
});

test('values that are too old, or never arrived, are not in them', () => {
  const recent = new RecentHistograms(10_000);
  const worker = new LiveHistograms();
  expect(recent.at('ttft', 50)).toBeNull();
  worker.first(1000);
  recent.add(worker.take(), 0);
  expect(recent.at('ttft', 50)).toBeCloseTo(1, 2);
  worker.first(5000);
  worker.first(NaN);
  recent.add(worker.take(), 10_001);
  expect(recent.at('ttft', 1)).toBeCloseTo(5, 1);
  expect(recent.at('gap', 50)).toBeNull();
});
