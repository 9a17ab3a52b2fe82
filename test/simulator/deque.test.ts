import { expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { Deque } from '../../src/simulator/engine/deque.ts';

it('behaves like an array, over random uses', () => {
  const random = randomStream(1, 'deque');
  const deque = new Deque<number>();
  const array: number[] = [];
  for (let round = 0; round < 20_000; round++) {
    // It grows to hundreds of items and shrinks again, so that its slots are cleared many times.
    const grows = Math.floor(round / 1000) % 2 === 0;
    const what = random.below(10);
    if (what === 0) {
      deque.unshift(round);
      array.unshift(round);
    } else if (what === 1) {
      const item = array[random.below(array.length + 1)] ?? -1;
      expect(deque.remove(item)).toBe(array.includes(item));
      if (array.includes(item)) array.splice(array.indexOf(item), 1);
    } else if (grows === what < 8) {
      deque.push(round);
      array.push(round);
    } else {
      expect(deque.shift()).toBe(array.shift());
    }
    expect(deque.length).toBe(array.length);
    expect(deque.peek()).toBe(array[0]);
  }
});
