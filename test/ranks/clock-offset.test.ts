import { describe, expect, it } from 'vitest';
import { bestOffset, offsetOf } from '../../src/ranks/meeting/clock-offset.ts';
import { randomStream } from '../../src/random.ts';

describe('offsetOf', () => {
  it('is that of the example in RFC 5905: half of both differences', () => {
    // Sent at 100, received there at 1300, answered at 1310, received at 140: 10 on each way, the clock there is 1185 ahead.
    const offset = offsetOf({
      sent_ns: 100n,
      there: { received_ns: 1300n, sent_ns: 1310n },
      received_ns: 140n,
    });
    expect(offset).toEqual({ offset_ns: 1185, error_ns: 15, at_ns: 140n });
  });

  it('is never wrong by more than its error, however the way is split', () => {
    const random = randomStream(1, 'clock offsets');
    for (let k = 0; k < 1000; k++) {
      const truth = Math.round((random.uniform() - 0.5) * 1e12);
      const [there, work, back] = [random, random, random].map((r) => Math.round(r.exponential() * 1e6)) as [
        number,
        number,
        number,
      ];
      const at = 5_000_000;
      const { offset_ns, error_ns } = offsetOf({
        sent_ns: BigInt(at),
        there: { received_ns: BigInt(at + there + truth), sent_ns: BigInt(at + there + work + truth) },
        received_ns: BigInt(at + there + work + back),
      });
      expect(Math.abs(offset_ns - truth)).toBeLessThanOrEqual(error_ns);
      expect(error_ns).toBe((there + back) / 2);
    }
  });
});

describe('bestOffset', () => {
  it('adds 100 ppm of the age to the error, so that a new offset can be better than an exact old one', () => {
    const old = { offset_ns: 1, error_ns: 1000, at_ns: 0n };
    const recent = { offset_ns: 2, error_ns: 50_000, at_ns: 1_000_000_000n };
    expect(bestOffset([old, recent], 100_000_000n).offset_ns).toBe(1);
    expect(bestOffset([old, recent], 1_000_000_000n)).toMatchObject({ offset_ns: 2, error_ns: 50_000 });
  });
});
