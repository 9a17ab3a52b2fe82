import { describe, expect, test } from 'vitest';
import { arrivalsOf, type Delivery } from '../../src/metrics/delivery.ts';
import { randomStream } from '../../src/random.ts';

const WAIT_US = 100_000;

/** Returns a sample that was sent at 0, from the instants of its events. */
const deliveryAt = (at: readonly number[]): Delivery =>
  arrivalsOf({ sent_us: 0, events_us: at.map((each, k) => each - (k === 0 ? 0 : at[k - 1]!)) }).delivery;

const after = (gaps: readonly number[]): number[] => {
  let at = WAIT_US;
  return [WAIT_US, ...gaps.map((gap) => (at += gap))];
};

const repeat = (times: number, ...gaps: number[]): number[] =>
  Array.from({ length: times }, () => gaps).flat();

describe('the delivery of a response, by hand', () => {
  test.each<[string, number[], Delivery]>([
    ['one event every 10 ms', repeat(9, 10_000), 'streams'],
    ['8 events in one read', repeat(7, 0), 'once'],
    ['7 events in one read', repeat(6, 0), 'unknown'],
    ['no event but one', [], 'unknown'],
    [
      '300 events in 3 reads, 0.8 ms apart',
      [...repeat(100, 0), 800, ...repeat(99, 0), 800, ...repeat(98, 0)],
      'once',
    ],
    ['10 events within a fiftieth of the time', repeat(9, 200), 'once'],
    ['100 events, 2,500 a second', repeat(99, 400), 'streams'],
    ['10 events, 2,500 a second', repeat(9, 400), 'streams'],
    ['16 events at a time, as a buffer of 4 KiB has them', repeat(5, ...repeat(15, 0), 48_000), 'bursts'],
    ['the same through layers that cut a burst', repeat(5, ...repeat(15, 30), 48_000), 'bursts'],
    ['4 at a time, from the first on', repeat(8, 0, 0, 0, 12_000), 'bursts'],
    ['the first alone, then 4 a step', [12_000, ...repeat(8, 0, 0, 0, 12_000)], 'streams'],
    ['the first alone, then 16 at a time', [48_000, ...repeat(5, ...repeat(15, 0), 48_000)], 'bursts'],
    ['2 at a time', repeat(8, 0, 20_000), 'streams'],
    [
      'a stall of 5 s, and what gathered meanwhile',
      [...repeat(20, 10_000), 5_000_000, ...repeat(60, 0)],
      'streams',
    ],
    ['one every ms, read by a client that is busy for 4 ms at a time', repeat(25, 0, 0, 0, 4000), 'streams'],
    // The client reads for 30 of every 100 ms: one event every 3 ms, then 23 at once.
    [
      'a client that is blocked for most of the time',
      repeat(6, ...repeat(9, 3000), 70_000, ...repeat(22, 0)),
      'streams',
    ],
  ])('%s', (_, gaps, delivery) => {
    expect(deliveryAt(after(gaps))).toBe(delivery);
  });
});

describe('a server that writes an event every 3 ms on average', () => {
  const EVENT_BYTES = 230;
  const random = randomStream(7, 'delivery');
  const written = (events: number, mean_us: number): number[] =>
    after(Array.from({ length: events - 1 }, () => Math.round(-Math.log(1 - random.uniform()) * mean_us)));

  /** A proxy sends its buffer when it is full, and the rest at the end. */
  const through = (at: readonly number[], bufferBytes: number): number[] => {
    const each = Math.floor(bufferBytes / EVENT_BYTES);
    return at.map((_, k) => at[Math.min(at.length - 1, (Math.floor(k / each) + 1) * each - 1)]!);
  };

  test.each([64, 128, 512])(
    '%d events: streams as it is, and not through buffers of 4 and 8 KiB or of all',
    (events) => {
      for (let k = 0; k < 300; k++) {
        const at = written(events, 3000);
        expect(deliveryAt(at)).toBe('streams');
        for (const kib of [4, 8]) expect(['bursts', 'once']).toContain(deliveryAt(through(at, kib * 1024)));
        expect(deliveryAt(through(at, 1e9))).toBe('once');
      }
    },
  );

  test.each([300, 1000, 3000, 20_000])(
    'a mean gap of %d µs, read once a turn of up to 3 ms: streams',
    (mean_us) => {
      for (let k = 0; k < 300; k++) {
        const turn = 1 + random.below(3000);
        const at = written(8 + random.below(200), mean_us).map((each) => Math.ceil(each / turn) * turn);
        expect(['streams', 'once']).toContain(deliveryAt(at));
        if (at.at(-1)! - at[0]! > 3000) expect(deliveryAt(at)).toBe('streams');
      }
    },
  );
});
