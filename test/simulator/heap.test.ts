import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { Heap } from '../../src/heap.ts';

describe('Heap', () => {
  it('gives the smallest item first, like a sorted list, over random pushes and pops', () => {
    const random = randomStream(1, 'test');
    const heap = new Heap<number>((a, b) => a - b);
    const sorted: number[] = [];
    const popped: (number | undefined)[] = [];
    const expected: (number | undefined)[] = [];
    for (let step = 0; step < 20_000; step++) {
      if (random.uniform() < 0.55) {
        const value = random.below(500);
        heap.push(value);
        sorted.push(value);
        sorted.sort((a, b) => a - b);
      } else {
        popped.push(heap.peek(), heap.pop());
        expected.push(sorted[0], sorted.shift());
      }
    }
    expect(popped).toEqual(expected);
    while (sorted.length > 0) expect(heap.pop()).toBe(sorted.shift());
    expect(heap.pop()).toBeUndefined();
    expect(heap.peek()).toBeUndefined();
  });
});
