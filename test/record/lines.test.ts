import { expect, test } from 'vitest';

import { lastLine, readLines } from '../../src/record/lines.ts';
import { randomStream } from '../../src/random.ts';

const CHUNK = 256 * 1024;

/** A file of the given bytes, whose reads may come short as read(2)'s do. */
function fileOf(text: string, piece = Infinity): Parameters<typeof readLines>[0] {
  const bytes = Buffer.from(text);
  return {
    async read(into, offset, length, position) {
      const end = Math.min(position + Math.min(length, piece), bytes.length);
      return { bytesRead: bytes.copy(into, offset, position, end) };
    },
  };
}

async function collect(text: string, piece?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text: line, number } of readLines(fileOf(text, piece), Buffer.byteLength(text))) {
    lines.push(line);
    expect(number).toBe(lines.length);
  }
  return lines;
}

/** The oracle: what splitting the whole text gives; a final newline ends a line and begins none. */
function split(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

test('any text splits into the same lines, whatever the reads', async () => {
  const stream = randomStream(7, 'lines');
  const random = (n: number): number => stream.below(n);
  const alphabet = ['\n', '\n', 'a', 'bc', 'é', '模', '𠀀', '\r'];
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join('');
    for (const piece of [1, 2, 3, 7, 1000]) expect(await collect(text, piece)).toEqual(split(text));
    const { start, text: last } = await lastLine(fileOf(text, 1 + random(9)), Buffer.byteLength(text));
    const kept = text.endsWith('\n') ? `${split(text).at(-1)}\n` : (split(text).at(-1) ?? '');
    expect(last).toBe(kept);
    expect(start).toBe(Buffer.byteLength(text) - Buffer.byteLength(kept));
  }
});

test('a last line found over several chunks, also where a newline is the first byte of one', async () => {
  for (const length of [CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1]) {
    for (const end of ['', '\n']) {
      const text = `first\n${'x'.repeat(length)}${end}`;
      expect(await lastLine(fileOf(text), text.length)).toEqual({ start: 6, text: text.slice(6) });
    }
  }
});

test('reads at most one chunk ahead: memory is bounded', async () => {
  const line = Buffer.from(`${'z'.repeat(999)}\n`);
  let furthest = 0;
  const endless: Parameters<typeof readLines>[0] = {
    async read(into, offset, length, position) {
      for (let at = 0; at < length; at++) into[offset + at] = line[(position + at) % line.length]!;
      furthest = Math.max(furthest, position + length);
      return { bytesRead: length };
    },
  };
  let taken = 0;
  for await (const { text } of readLines(endless, 2 ** 40)) {
    expect(text.length).toBe(999);
    taken += 1000;
    expect(furthest).toBeLessThanOrEqual(taken + CHUNK);
    if (taken === 1_000_000) break;
  }
  expect(furthest).toBeGreaterThanOrEqual(1_000_000);
});
