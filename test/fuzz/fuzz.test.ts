import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { minimised, shortest } from '../../tools/fuzz/minimise.ts';
import { APIS, CODINGS, fuzzResponse } from '../../tools/fuzz/responses.ts';

function fuzz(args: readonly string[], hook?: string): Promise<{ code: number | null; said: string }> {
  const file = (name: string): string => join(import.meta.dirname, '../../tools/fuzz', name);
  const hooks = hook === undefined ? [] : ['--import', pathToFileURL(file(hook)).href];
  const child = spawn(process.execPath, [...hooks, file('main.ts'), '--runs', '0', ...args]);
  let said = '';
  child.stdout.on('data', (bytes) => (said += String(bytes)));
  child.stderr.on('data', (bytes) => (said += String(bytes)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

describe('npm run fuzz', { timeout: 120_000, tags: ['study'] }, () => {
  test('finds nothing in 300 responses', async () => {
    const { code, said } = await fuzz(['--count', '300']);
    expect(said).toMatch(
      /^fuzz: 300 responses of seed 1 .*: crashes 0, hangs 0, internal exceptions 0, .*differences 0/m,
    );
    expect(code).toBe(0);
  });

  test('finds an injected defect, and the event that shows it', async () => {
    const { code, said } = await fuzz(
      ['--count', '200', '--api', 'chat', '--coding', 'identity'],
      'hooks/break-reader.mjs',
    );
    expect(code).toBe(1);
    expect(said).toMatch(/internal exceptions: TypeError: planted/);
    const [, least = ''] = /minimised:\n.*\n.*\n {2}("data.*)/.exec(said) ?? [];
    const body = JSON.parse(least) as string;
    expect(body).toContain('"finish_reason":"stop"');
    // A field, the text that the hook reacts to, and the blank line.
    expect(body.length).toBeLessThan(40);
  });
});

test('seed and number determine the response, and each API occurs in each coding', () => {
  const some = (seed: number): unknown[] =>
    Array.from({ length: APIS.length * CODINGS.length }, (_, number) =>
      fuzzResponse(seed, number, APIS, CODINGS),
    );
  expect(some(3)).toEqual(some(3));
  expect(some(3)).not.toEqual(some(4));
  const pairs = APIS.flatMap((api) => CODINGS.map((coding) => `${api} ${coding}`));
  const made = some(3).map((each) => each as { api: string; coding: string });
  expect(made.map(({ api, coding }) => `${api} ${coding}`).toSorted()).toEqual(pairs.toSorted());
});

describe('a failing list is minimised', () => {
  const list = Array.from({ length: 100 }, (_, k) => k);
  test.each([[[41]], [[0, 99]], [[3, 4, 5, 70]], [[]]])('down to %j', async (needed) => {
    const fails = async (left: readonly number[]): Promise<boolean> =>
      needed.every((each) => left.includes(each));
    expect(await shortest(list, fails)).toEqual(needed);
  });
});

test('a response is minimised: its head, its chunks, its lines and its bytes', async () => {
  const response = {
    api: 'chat' as const,
    coding: 'identity',
    head: ['HTTP/1.1 200 OK', 'x: y', 'content-encoding: br', 'z: z'],
    pieces: ['data: a\n\n', 'data: b!c\n\n', 'data: d\n\n'].map((text) => Buffer.from(text)),
    end: 'close' as const,
  };
  const least = await minimised(
    response,
    async ({ head, pieces }) => head.includes('content-encoding: br') && Buffer.concat(pieces).includes('!'),
  );
  expect(least).toEqual({
    ...response,
    head: ['HTTP/1.1 200 OK', 'content-encoding: br'],
    pieces: [Buffer.from('!')],
  });
});
