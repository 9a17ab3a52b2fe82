import type { Random } from '../../src/random.ts';

const BYTES = [
  0x22, 0x5c, 0x30, 0x2c, 0x7d, 0x7b, 0x0a, 0x0d, 0x20, 0x00, 0x09, 0x80, 0xc3, 0xff, 0x75, 0x78, 0x2d, 0x2e,
];

/** Changes, removes or inserts one byte of one event, or repeats a range of it. */
export function mutate(events: Buffer[], random: Random): void {
  // Late in the stream, where templates exist; often in the first bytes.
  const at = events.length - 1 - random.below(Math.ceil(events.length / 2));
  const event = events[at]!;
  const place = random.below(random.below(4) === 0 ? 8 : event.length);
  const byte = BYTES[random.below(BYTES.length)]!;
  const [head, tail] = [event.subarray(0, place), event.subarray(place)];
  const kind = random.below(4);
  const middle = kind === 1 ? [] : kind === 3 ? tail.subarray(0, random.below(20)) : [byte];
  events[at] = Buffer.concat([
    head,
    Uint8Array.from(middle),
    kind === 0 || kind === 1 ? tail.subarray(1) : tail,
  ]);
}

/** Returns the bytes of the events, one chunk each or split randomly. */
export function cutAnywhere(events: readonly Buffer[], random: Random): Buffer[] {
  if (random.below(3) === 0) return [...events];
  const bytes = Buffer.concat(events);
  const most = [60, 2000, 100_000][random.below(3)]!;
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
