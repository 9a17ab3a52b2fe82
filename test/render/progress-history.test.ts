import { expect, it } from 'vitest';
import { ProgressHistory } from '../../src/render/progress-history.ts';
import { progressState } from './progress-states.ts';

/** Adds a state every 200 ms, with the second as TTFT. */
function record(history: ProgressHistory, from_s: number, to_s: number): void {
  for (let at_ms = from_s * 1000; at_ms < to_s * 1000; at_ms += 200)
    history.add(progressState({ at_ms, ttft_p50_ms: Math.floor(at_ms / 1000) }));
}

it('keeps a value per second', () => {
  const history = new ProgressHistory();
  record(history, 0, 5);
  expect(history.values('ttft_p50_ms')).toEqual([0, 1, 2, 3, 4]);
});

it('keeps the highest of several in a long run, in bounded memory', () => {
  const history = new ProgressHistory();
  record(history, 0, 36_000);
  const values = history.values('ttft_p50_ms').map(Number);
  expect(values.length).toBeLessThanOrEqual(512);
  expect(values.length).toBeGreaterThan(200);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(values.at(-1)).toBeGreaterThan(35_800);
});

it('begins anew with a new run', () => {
  const history = new ProgressHistory();
  record(history, 0, 5);
  history.add(progressState({ phase: 'preflight', at_ms: 0 }));
  expect(history.values('ttft_p50_ms')).toEqual([]);
  record(history, 0, 2);
  expect(history.values('ttft_p50_ms')).toEqual([0, 1]);
  record(history, 10, 12);
  // A run on a virtual clock has no preflight.
  record(history, 0, 2);
  expect(history.values('ttft_p50_ms')).toEqual([0, 1]);
});
