import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { writeParts } from '../../src/cli/console/write-parts.ts';

const PART = 'x'.repeat(1000);

/** Yields parts without end, and counts them. */
function counted(count: number): { parts: Iterable<string>; made: () => number } {
  let made = 0;
  const parts = (function* () {
    for (; made < count; made++) yield PART;
  })();
  return { parts, made: () => made };
}

describe('parts of a document on a stream', () => {
  test('are made no faster than the stream takes them', async () => {
    const waiting: (() => void)[] = [];
    const slow = new Writable({
      highWaterMark: 4000,
      write: (_chunk, _encoding, done) => waiting.push(done),
    });
    const { parts, made } = counted(100);
    const written = writeParts(parts, slow);
    let most = 0;
    for (let taken = 0; taken < 100; taken++) {
      await new Promise(setImmediate);
      most = Math.max(most, made() - taken);
      waiting.shift()?.();
    }
    await written;
    // Without waiting, all 100 would have been made at once.
    expect(most).toBeLessThanOrEqual(8);
    expect(made()).toBe(100);
  });

  test.each([
    ['fails', (stream: Writable) => stream.destroy(new Error('EPIPE'))],
    ['is closed', (stream: Writable) => stream.destroy()],
  ])('end when the stream %s while it is full', async (_, end) => {
    const stuck = new Writable({ highWaterMark: 1, write: () => {} });
    const { parts, made } = counted(100);
    const written = writeParts(parts, stuck);
    await new Promise(setImmediate);
    end(stuck);
    await written;
    expect(made()).toBeLessThan(3);
    expect(stuck.listenerCount('drain')).toBe(0);
  });

  test('a stream that was closed before gets nothing', async () => {
    const closed = new Writable({ write: () => {} });
    closed.destroy();
    const { parts, made } = counted(100);
    await writeParts(parts, closed);
    expect(made()).toBe(0);
  });
});
