import { describe, expect, it } from 'vitest';
import { Cap, SharedCounters } from '../../src/load/shared.ts';

const shared = (cap: number): SharedCounters =>
  new SharedCounters(new SharedArrayBuffer(SharedCounters.bytes(cap)));
const now = (): number => 1e9;

describe('the ends of requests, shared by the workers', () => {
  it('have their instants, in the order in which they were counted', () => {
    const counters = shared(2);
    expect(counters.endedAt(0, now)).toBeNull();
    counters.countEnd(70.5);
    counters.countEnd(60);
    expect([0, 1, 2].map((k) => counters.endedAt(k, now))).toEqual([70.5, 60, null]);
  });

  it('are kept for long; for a worker that was blocked for longer the instant is now', () => {
    const counters = shared(3);
    const kept = 3 + 1024;
    for (let k = 0; k < kept; k++) counters.countEnd(k);
    expect(counters.endedAt(0, now)).toBe(0);
    counters.countEnd(kept);
    expect(counters.endedAt(0, now)).toBe(1e9);
    expect(counters.endedAt(kept, now)).toBe(kept);
  });

  it('a cap of n releases the first n, then one with each end in any worker', () => {
    const buffer = new SharedArrayBuffer(SharedCounters.bytes(2));
    const announced: string[] = [];
    const [a, b] = ['a', 'b'].map(
      (name) => new Cap(2, new SharedCounters(buffer), () => announced.push(name)),
    );
    expect([0, 1, 2].map((i) => a!.freeSince(i, now))).toEqual([-Infinity, -Infinity, null]);
    b!.end(500);
    expect([2, 3].map((i) => a!.freeSince(i, now))).toEqual([500, null]);
    expect(announced).toEqual(['b']);
  });
});
