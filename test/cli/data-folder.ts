import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { assertPrinted } from '../schemas/validator.ts';
import { fakeConsole } from './console.ts';

/** The data sets of every format. */
export const FIXTURES = join(import.meta.dirname, '..', 'dataset', 'fixtures');

/** Runs a `data` command in this process, and validates the document that it prints. */
export async function data(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeConsole({ LANG: 'C.UTF-8' });
  const code = await main(['data', ...args], io);
  assertPrinted(['data', ...args], io.out());
  return { code, out: io.out(), err: io.err() };
}

/** Returns the records of JSON Lines. */
export const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

/** Makes a scratch folder for the tests of a file. `path` is that of a file in it; `records` writes one as JSON Lines. */
export function scratchFolder() {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goodput-data-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const path = (name = ''): string => join(folder, name);
  return {
    path,
    async records(name: string, ...all: object[]): Promise<string> {
      await writeFile(path(name), all.map((record) => `${JSON.stringify(record)}\n`).join(''));
      return path(name);
    },
  };
}
