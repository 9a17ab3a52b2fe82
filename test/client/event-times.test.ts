/** @module-tag timed */
import { describe, expect, it } from 'vitest';
import { EventTimes } from '../../src/client/stream/event-times.ts';
import { randomStream } from '../../src/random.ts';

describe('the times of events', () => {
  it('are empty without events', () => {
    expect(new EventTimes().deltas()).toEqual(new Float64Array());
  });

  it('are the first instant and the gaps, as in a plain list', () => {
    const random = randomStream(7, 'event times');
    for (let round = 0; round < 200; round++) {
      const times = new EventTimes();
      const instants: number[] = [];
      const events = Math.floor(random.uniform() * 100);
      let at = Math.floor(random.uniform() * 2 ** 40);
      for (let k = 0; k < events; k++) {
        // Most are in the same read or a little later; some gaps exceed 32 bits.
        const scale = [0, 30_000, 30_000, 30_000, 2 ** 34][Math.floor(random.uniform() * 5)]!;
        at += Math.floor(random.uniform() * scale);
        expect(times.add(at)).toBe(at - (instants.at(-1) ?? 0));
        instants.push(at);
        const before = instants.at(-2) ?? 0;
        if (random.uniform() < 0.2 && at > before) {
          at = before + Math.floor(random.uniform() * Math.min(at - before, 500));
          times.bringForward(at);
          instants[k] = at;
        }
      }
      expect([times.count, times.last]).toEqual([instants.length, instants.at(-1) ?? 0]);
      expect(Array.from(times.deltas())).toEqual(instants.map((each, k) => each - (instants[k - 1] ?? 0)));
    }
  });

  it('hold a gap of exactly 32 bits, and one more', () => {
    const times = new EventTimes();
    for (const at of [1, 2 ** 32, 2 ** 33, 2 ** 33 + 5]) times.add(at);
    expect(Array.from(times.deltas())).toEqual([1, 2 ** 32 - 1, 2 ** 32, 5]);
  });
});
