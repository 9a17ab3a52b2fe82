/** @module-tag timed */
import { expect, test } from 'vitest';
import { EndingQueue } from '../../src/client/ending-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('no request is finished during the read that ended it', async () => {
  const endings = new EndingQueue();
  const finished: string[] = [];
  endings.add(() => finished.push('a'));
  endings.add(() => finished.push('b'));
  expect(finished).toEqual([]);
  await turn();
  expect(finished).toEqual(['a', 'b']);
});

test('many are finished in order, a few per iteration, interleaved with reads', async () => {
  const endings = new EndingQueue();
  const finished: number[] = [];
  const ends = Array.from({ length: 1000 }, (_, k) => k);
  for (const k of ends) endings.add(() => finished.push(k));
  let turns = 0;
  for (; finished.length < ends.length && turns < 2000; turns++) {
    const before = finished.length;
    await turn();
    expect(finished.length - before).toBeLessThanOrEqual(16);
  }
  expect(finished).toEqual(ends);
  expect(turns).toBeGreaterThan(50);
});

test('a request that ends while others are finished is not lost', async () => {
  const endings = new EndingQueue();
  const finished: string[] = [];
  endings.add(() => {
    finished.push('a');
    endings.add(() => finished.push('b'));
  });
  await turn();
  await turn();
  expect(finished).toEqual(['a', 'b']);
  endings.add(() => finished.push('c'));
  await turn();
  expect(finished).toEqual(['a', 'b', 'c']);
});
