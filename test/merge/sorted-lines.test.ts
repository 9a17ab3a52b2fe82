import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSorted } from '../../src/merge/sorted-lines.ts';
import { randomStream } from '../../src/random.ts';
import { scratchFolder } from '../cli/goodput.ts';

const root = await scratchFolder();

/** Writes lines in a random order to a number of files, and returns them sorted as `writeSorted` does. */
async function sorted(name: string, count: number, files: number, chunk: number) {
  const dir = join(root, name);
  const scratch = join(dir, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const random = randomStream(1, name);
  const lines = Array.from(
    { length: count },
    (_, i) => `{"i":${i},"text":"é${'x'.repeat(random.below(40))}"}`,
  );
  const parts = Array.from({ length: files }, (): string[] => []);
  for (const line of lines) parts[random.below(files)]!.push(line);
  const inputs = parts.map((part, k) => {
    const text = part.map((line) => [random.uniform(), line] as const).toSorted(([a], [b]) => a - b);
    const content = text.map(([, line]) => `${line}\n`).join('');
    const path = join(dir, `part-${k}`);
    writeFileSync(path, content);
    return { path, end: Buffer.byteLength(content), length: part.length };
  });
  const counted: number[] = [];
  const into = await open(join(dir, 'all'), 'wx');
  await writeSorted(
    inputs.map((input) => ({ ...input, onEnd: (n: number) => counted.push(n) })),
    into,
    scratch,
    chunk,
  );
  await into.close();
  expect(counted).toEqual(inputs.map(({ length }) => length));
  expect(readdirSync(scratch)).toEqual([]);
  return {
    expected: lines.map((line) => `${line}\n`).join(''),
    found: readFileSync(join(dir, 'all'), 'utf8'),
  };
}

it.each([
  ['in memory', 500, 4, 1e9],
  ['in chunks on the disk', 500, 4, 700],
  ['with more chunks than files may be open', 3000, 3, 300],
  ['without lines', 0, 2, 100],
])('sorts %s', async (name, count, files, chunk) => {
  const { expected, found } = await sorted(name, count, files, chunk);
  expect(found).toBe(expected);
});
