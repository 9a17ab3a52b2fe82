import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { createRunFolder } from '../../src/record/folder.ts';
import { openRun } from '../../src/record/reader.ts';
import { encodeSample } from '../../src/record/samples-jsonl.ts';
import { filling, redirecting, refusing, sluggish } from './disks.ts';
import { headerOf, sampleOf, samplesOf } from './builders.ts';
import { created, readAll, scratch } from './fixtures.ts';

const NOW = new Date('2025-11-24T09:41:05.678Z');

describe('where the folder goes', () => {
  test('reports/<name>-<YYYYMMDDTHHMMSSZ>, numbered from the second one in the same second', async () => {
    const base = join(await scratch(), 'reports');
    const dirs: string[] = [];
    for (let run = 0; run < 3; run++) {
      dirs.push((await created({ base, name: 'chat', now: NOW })).dir);
    }
    const stem = join(base, 'chat-20251124T094105Z');
    expect(dirs).toEqual([stem, `${stem}-2`, `${stem}-3`]);
  });

  test('runs that start at once never share a folder', async () => {
    const base = join(await scratch(), 'not', 'yet');
    const folders = await Promise.all(
      Array.from({ length: 12 }, () => created({ base, name: 'chat', now: NOW })),
    );
    expect(new Set(folders.map(({ dir }) => dir)).size).toBe(12);
    expect(await readdir(base)).toHaveLength(12);
  });

  test.each([
    ['a/b', 'a-b'],
    ['../../etc', 'etc'],
    ['..', 'run'],
    ['', 'run'],
    ['.hidden', 'hidden'],
    ['two words\n', 'two-words'],
    ['v1.2_x', 'v1.2_x'],
    ['größe 模型', 'größe-模型'],
    ['nul\0byte', 'nul-byte'],
    ['x'.repeat(300), 'x'.repeat(70)],
    ['模'.repeat(300), '模'.repeat(70)],
    // A letter of two code units at the cut is left out whole.
    [`${'x'.repeat(69)}𠀀`, 'x'.repeat(69)],
  ])('the name %j becomes one path segment', async (name, segment) => {
    const base = await scratch();
    const { dir } = await created({ base, name, now: NOW });
    expect(dir).toBe(join(base, `${segment}-20251124T094105Z`));
    expect(await readdir(base)).toEqual([`${segment}-20251124T094105Z`]);
  });

  test('--out makes the folder and the folders above it', async () => {
    const dir = join(await scratch(), 'a', 'b');
    const folder = await created({ dir });
    expect(folder.dir).toBe(dir);
    expect((await readdir(dir)).sort()).toEqual(['run.json', 'samples.jsonl']);
  });

  test('an existing folder, even an empty one, is refused and unchanged', async () => {
    const dir = await scratch();
    await expect(createRunFolder({ dir }, headerOf())).rejects.toMatchObject({
      kind: 'usage',
      message: `the output folder ${dir} exists already`,
      hint: expect.stringContaining('never overwrites'),
    });
    await writeFile(join(dir, 'run.json'), 'mine');
    await expect(createRunFolder({ dir }, headerOf())).rejects.toMatchObject({ kind: 'usage' });
    expect(await readFile(join(dir, 'run.json'), 'utf8')).toBe('mine');
    expect(await readdir(dir)).toEqual(['run.json']);
  });

  test('a file in the path is named as a file', async () => {
    const file = join(await scratch(), 'file');
    await writeFile(file, '');
    for (const place of [
      { dir: join(file, 'run') },
      { dir: join(file, 'a', 'run') },
      { base: file, name: 'x', now: NOW },
    ]) {
      await expect(createRunFolder(place, headerOf())).rejects.toMatchObject({
        kind: 'usage',
        exitCode: 104,
        message: expect.stringContaining('a part of the path is a file, not a folder (ENOTDIR)'),
      });
    }
  });

  test.each([
    ['mkdir', 'EACCES', 'permission denied'],
    ['mkdir', 'EROFS', 'the file system is read-only'],
    ['mkdir', 'ENOSPC', 'no space left on the disk'],
    ['open', 'EACCES', 'permission denied'],
    ['open', 'ENOSPC', 'no space left on the disk'],
    ['rename', 'EIO', 'the disk reported an input/output error'],
  ] as const)(
    '%s refused with %s ends before the run, in words, and leaves nothing',
    async (operation, code, words) => {
      const base = await scratch();
      const dir = join(base, 'run');
      await expect(createRunFolder({ dir }, headerOf(), refusing(operation, code))).rejects.toMatchObject({
        // A full disk is no mistake of whoever calls.
        kind: code === 'ENOSPC' || code === 'EIO' ? 'io' : 'usage',
        message: `cannot create the output folder ${dir}: ${words} (${code})`,
      });
      expect(await readdir(base)).toEqual([]);
    },
  );

  test('a disk too full for run.json ends before the run and leaves nothing', async () => {
    const base = await scratch();
    const disk = filling('.run.json.tmp', 100, 'ENOSPC');
    await expect(createRunFolder({ dir: join(base, 'run') }, headerOf(), disk)).rejects.toMatchObject({
      kind: 'io',
      message: expect.stringContaining('no space left on the disk (ENOSPC)'),
    });
    expect(await readdir(base)).toEqual([]);
  });
});

describe('what is written', () => {
  test('a run from its creation to its close', async () => {
    const folder = await created({ base: await scratch(), name: 'chat', now: NOW });
    expect((await openRun(folder.dir)).header.status).toBe('running');
    await folder.append(samplesOf(2));
    await folder.append([]);
    await folder.append([sampleOf(2)]);
    await folder.writeHistograms('log\n');
    await folder.writeSummary({ schemaVersion: 1 });
    const closed = headerOf({ status: 'complete', window: { start_us: 0, end_us: 3000 }, planned: 3 });
    await folder.close(closed);

    expect((await readdir(folder.dir)).sort()).toEqual([
      'latency.hlog',
      'run.json',
      'samples.jsonl',
      'summary.json',
    ]);
    const expected = samplesOf(3).map((sample) => `${encodeSample(sample)}\n`);
    expect(await readFile(join(folder.dir, 'samples.jsonl'), 'utf8')).toBe(expected.join(''));
    expect(await readFile(join(folder.dir, 'summary.json'), 'utf8')).toBe('{\n  "schemaVersion": 1\n}\n');
    expect(await readFile(join(folder.dir, 'latency.hlog'), 'utf8')).toBe('log\n');
    const run = await openRun(folder.dir);
    expect(run.header).toEqual(closed);
    expect(await readAll(run)).toEqual(samplesOf(3));
    expect(folder.failure).toBeNull();
  });

  test('appends that were not awaited keep their order over short writes', async () => {
    const dir = join(await scratch(), 'run');
    const folder = await created({ dir }, { disk: sluggish('samples.jsonl', 97) });
    const all = samplesOf(1000);
    const pending: Promise<void>[] = [];
    // 7 does not divide 1000, and the fourth batch is larger than one write takes.
    for (let at = 0; at < all.length; at += at === 21 ? 300 : 7) {
      pending.push(folder.append(all.slice(at, at === 21 ? 321 : at + 7)));
    }
    await folder.close(headerOf({ status: 'complete' }));
    await Promise.all(pending);
    expect((await readAll(await openRun(dir))).map(({ i }) => i)).toEqual(all.map(({ i }) => i));
  });

  test('the system has the bytes before an append resolves', async () => {
    const dir = join(await scratch(), 'run');
    const folder = await created({ dir }, { disk: sluggish('samples.jsonl', 64) });
    for (let i = 0; i < 5; i++) {
      await folder.append([sampleOf(i)]);
      expect(await readAll(await openRun(dir))).toHaveLength(i + 1);
    }
  });

  test('a header that two callers replace at once is one of the two, complete', async () => {
    const dir = join(await scratch(), 'run');
    const folder = await created({ dir });
    await Promise.all(
      Array.from({ length: 20 }, (_, k) => folder.writeHeader(headerOf({ notes: [`note ${k}`] }))),
    );
    expect((await openRun(dir)).header.notes).toEqual(['note 19']);
    expect((await readdir(dir)).sort()).toEqual(['run.json', 'samples.jsonl']);
  });

  test('samples after the close are an error of kind defect', async () => {
    const folder = await created({ dir: join(await scratch(), 'run') });
    await folder.close(headerOf({ status: 'complete' }));
    await expect(folder.append([sampleOf(0)])).rejects.toMatchObject({ kind: 'defect' });
  });
});

describe('a disk that fills up', () => {
  const LINE = encodeSample(sampleOf(1)).length + 1;

  test.each([
    ['ENOSPC', 'no space left on the disk'],
    ['EDQUOT', 'the disk quota is used up'],
    ['EFBIG', 'the limit for the size of one file is reached'],
    ['EIO', 'the disk reported an input/output error'],
  ])(
    '%s is reported once, keeps what was written, and the run reads as one that never closed',
    async (code, words) => {
      const dir = join(await scratch(), 'run');
      // Samples 1 … 8 have lines of one length: three whole lines and a half.
      const folder = await created({ dir }, { disk: filling('samples.jsonl', Math.floor(3.5 * LINE), code) });
      const outcomes = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((i) => folder.append([sampleOf(i)])));
      const reasons = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      );
      expect(reasons).toHaveLength(1);
      expect(reasons[0]).toMatchObject({
        kind: 'io',
        exitCode: 1,
        message: `cannot write ${join(dir, 'samples.jsonl')}: ${words} (${code})`,
        hint: `What was written so far can be read: goodput report ${dir}`,
      });
      expect(folder.failure).toBe(reasons[0]);

      await folder.append([sampleOf(7)]);
      // The caller's status does not apply to a run whose samples were lost.
      await folder.close(headerOf({ status: 'complete', window: { start_us: 0, end_us: 9000 }, planned: 9 }));
      const run = await openRun(dir);
      expect(run.torn).toBe(true);
      expect((await readAll(run)).map(({ i }) => i)).toEqual([1, 2, 3]);
      expect(await run.lastInstant()).toBe(3900);
      expect(run.header).toMatchObject({
        status: 'failed',
        window: null,
        planned: null,
        reason: folder.failure?.message,
      });
    },
  );

  test('found only while closing: close throws, and the header is not complete', async () => {
    const dir = join(await scratch(), 'run');
    const folder = await created({ dir }, { disk: filling('samples.jsonl', 10, 'ENOSPC') });
    const lost = folder.append([sampleOf(1)]);
    const closing = folder.close(headerOf({ status: 'complete', window: { start_us: 0, end_us: 9 } }));
    const outcomes = await Promise.allSettled([lost, closing]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect((await openRun(dir)).header).toMatchObject({ status: 'failed', window: null });
  });

  test('run.json that cannot be replaced stays unchanged', async () => {
    const dir = join(await scratch(), 'run');
    const room = Buffer.byteLength(JSON.stringify(headerOf(), null, 2)) + 1;
    const folder = await created({ dir }, { disk: filling('.run.json.tmp', room, 'ENOSPC') });
    await folder.append([sampleOf(0)]);
    await expect(folder.close(headerOf({ status: 'complete' }))).rejects.toMatchObject({
      kind: 'io',
      message: expect.stringContaining(join(dir, 'run.json')),
    });
    const run = await openRun(dir);
    expect(run.header).toEqual(headerOf());
    expect(await readAll(run)).toEqual([sampleOf(0)]);
    expect((await readdir(dir)).sort()).toEqual(['run.json', 'samples.jsonl']);
  });

  test('a summary that cannot be written leaves the run complete', async () => {
    const dir = join(await scratch(), 'run');
    const folder = await created({ dir }, { disk: filling('.summary.json.tmp', 5, 'ENOSPC') });
    await folder.append([sampleOf(0)]);
    await expect(folder.writeSummary({ long: 'enough' })).rejects.toMatchObject({ kind: 'io' });
    await folder.close(headerOf({ status: 'complete', window: { start_us: 0, end_us: 9 } }));
    expect((await openRun(dir)).header).toMatchObject({
      status: 'complete',
      window: { start_us: 0, end_us: 9 },
    });
    expect(existsSync(join(dir, 'summary.json'))).toBe(false);
  });

  test.skipIf(!existsSync('/dev/full'))('the system itself says so: /dev/full', async () => {
    const dir = join(await scratch(), 'run');
    const folder = await created({ dir }, { disk: redirecting('samples.jsonl', '/dev/full') });
    await expect(folder.append([sampleOf(0)])).rejects.toMatchObject({
      kind: 'io',
      message: expect.stringContaining('no space left on the disk (ENOSPC)'),
    });
  });
});
