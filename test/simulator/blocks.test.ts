import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { BlockPool } from '../../src/simulator/engine/blocks.ts';

describe('BlockPool', () => {
  it('gives out blocks in order, then in the order in which they were freed, the last block first', () => {
    const pool = new BlockPool(5);
    const [a, b, c, d] = [pool.take(), pool.take(), pool.take(), pool.take()];
    expect([a, b, c, d]).toEqual([0, 1, 2, 3]);
    pool.release([b, c]);
    pool.release([a]);
    expect([pool.free, pool.used]).toEqual([4, 1]);
    // 4 was never used and precedes all freed blocks.
    expect([pool.take(), pool.take(), pool.take(), pool.take()]).toEqual([4, 2, 1, 0]);
    expect([pool.free, pool.used]).toEqual([0, 5]);
  });

  it('keeps the content of a freed block until the block is given out again', () => {
    const pool = new BlockPool(2);
    const first = pool.take();
    const second = pool.take();
    pool.register(first, 'x');
    // The chain is already known: the second block stays unregistered, even when the first is gone.
    pool.register(second, 'x');
    pool.release([first]);
    pool.release([second]);
    expect(pool.find('x')).toBe(first);
    pool.share(first);
    expect(pool.isFree(first)).toBe(false);
    pool.share(first);
    pool.release([first]);
    expect(pool.isFree(first)).toBe(false);
    pool.release([first]);
    expect([pool.take(), pool.find('x')]).toEqual([second, first]);
    expect([pool.take(), pool.find('x')]).toEqual([first, undefined]);
  });

  it('behaves like a plain list, and loses no block, over random uses', () => {
    const SIZE = 12;
    const random = randomStream(1, 'blocks');
    const pool = new BlockPool(SIZE);
    const queue = Array.from({ length: SIZE }, (_, block) => block);
    const keys: (number | null)[] = queue.map(() => null);
    const held: number[] = [];
    for (let round = 0; round < 20_000; round++) {
      const what = random.below(4);
      const key = random.below(20);
      if (what === 0 && queue.length > 0) {
        const block = queue.shift()!;
        keys[block] = null;
        expect(pool.take()).toBe(block);
        held.push(block);
      } else if (what === 1 && held.length > 0) {
        const block = held[random.below(held.length)]!;
        if (keys[block] !== null) continue;
        if (!keys.includes(key)) keys[block] = key;
        pool.register(block, key);
      } else if (what === 2) {
        const block = keys.indexOf(key);
        expect(pool.find(key)).toBe(block === -1 ? undefined : block);
        if (block === -1) continue;
        pool.share(block);
        held.push(block);
        if (queue.includes(block)) queue.splice(queue.indexOf(block), 1);
      } else {
        const given = held.splice(0, random.below(3));
        pool.release(given);
        for (const [k, block] of given.toReversed().entries())
          if (!held.includes(block) && !given.toReversed().includes(block, k + 1)) queue.push(block);
      }
      expect([pool.free, pool.used]).toEqual([queue.length, new Set(held).size]);
    }
  });
});
