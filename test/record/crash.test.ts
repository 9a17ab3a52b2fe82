import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { openRun } from '../../src/record/reader.ts';
import { readAll, scratch } from './fixtures.ts';

const APPENDER = fileURLToPath(new URL('append-until-killed.ts', import.meta.url));

test.each([1, 400, 3000])(
  'killed after %d samples: every one that an append had answered for is read',
  async (enough) => {
    const dir = join(await scratch(), 'run');
    const child = spawn(process.execPath, [APPENDER, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    let answered = 0;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop()!;
      if (lines.length > 0) answered = Number(lines.at(-1));
      if (answered >= enough) child.kill('SIGKILL');
    });
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');

    const run = await openRun(dir);
    expect(run.header).toMatchObject({ status: 'running', window: null });
    const numbers = (await readAll(run)).map(({ i }) => i);
    expect(numbers.length).toBeGreaterThanOrEqual(answered);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => i));
    expect((await readdir(dir)).sort()).toEqual(['run.json', 'samples.jsonl']);
  },
);

test.skipIf(process.platform === 'win32')(
  'a real limit of the system (RLIMIT_FSIZE) ends as a full disk does',
  async () => {
    const dir = join(await scratch(), 'run');
    // In blocks of 512 or 1024 bytes, as the shell likes: far below what 5,000 samples take.
    const child = spawn(
      'sh',
      ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, APPENDER, dir, '5000'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    expect(lines.slice(-2)).toEqual([
      `cannot write ${join(dir, 'samples.jsonl')}: the limit for the size of one file is reached (EFBIG)`,
      'closed',
    ]);
    const run = await openRun(dir);
    expect(run.header).toMatchObject({ status: 'failed', window: null });
    const numbers = (await readAll(run)).map(({ i }) => i);
    expect(numbers.length).toBeGreaterThanOrEqual(Number(lines.at(-3)));
    expect(numbers.length).toBeLessThan(5000);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => i));
  },
);
