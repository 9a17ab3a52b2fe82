import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ScratchFile } from '../src/scratch-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'goodput-scratch-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('a scratch file returns what was appended, at its position, and has no name that could stay', () => {
  const file = new ScratchFile(dir);
  expect(readdirSync(dir)).toEqual([]);
  const parts = [1, 5000, 0, 70_000].map((length, k) => new Uint8Array(length).fill(k + 1));
  const positions = parts.map((part) => {
    const { size } = file;
    file.append(part);
    return size;
  });
  expect(positions).toEqual([0, 1, 5001, 5001]);
  expect(file.size).toBe(75_001);
  for (const [k, part] of parts.entries()) {
    const found = new Uint8Array(part.length);
    file.read(positions[k]!, found);
    expect(Buffer.compare(found, part)).toBe(0);
  }
  expect(() => file.read(75_000, new Uint8Array(2))).toThrow(/beyond the end/);
  file.close();
});

test('a folder that is not there is an error', () => {
  expect(() => new ScratchFile(join(dir, 'none'))).toThrow(/ENOENT/);
});
