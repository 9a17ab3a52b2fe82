import { describe, expect, it } from 'vitest';
import { eventInstants } from '../src/sample.ts';

describe('eventInstants', () => {
  it('adds up the differences', () => {
    expect([...eventInstants({ events_us: [750_000, 0, 20_000] })]).toEqual([750_000, 750_000, 770_000]);
    expect(eventInstants({ events_us: [] })).toHaveLength(0);
  });
});
