import { appendFile, mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { encodeHeader } from '../../src/record/run-json.ts';
import { openRun } from '../../src/record/reader.ts';
import { encodeSample } from '../../src/record/samples-jsonl.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf, sampleOf, samplesOf } from './builders.ts';
import { created, readAll, scratch } from './fixtures.ts';

async function runWith(lines: string): Promise<string> {
  const dir = join(await scratch(), 'run');
  await mkdir(dir);
  await writeFile(join(dir, 'run.json'), encodeHeader(headerOf({ status: 'complete' })));
  await writeFile(join(dir, 'samples.jsonl'), lines);
  return dir;
}

const linesOf = (samples: readonly Sample[]): string =>
  samples.map((sample) => `${encodeSample(sample)}\n`).join('');

describe('opening', () => {
  test('takes the folder or its run.json', async () => {
    const dir = await runWith(linesOf(samplesOf(2)));
    for (const path of [dir, join(dir, 'run.json'), `${dir}/`]) {
      expect(await readAll(await openRun(path))).toEqual(samplesOf(2));
    }
    expect((await openRun(join(dir, 'run.json'))).dir).toBe(dir);
  });

  test('names what is wrong with a path that is no run', async () => {
    const dir = await runWith('');
    await expect(openRun(join(dir, 'none'))).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot read ${join(dir, 'none')}: it does not exist (ENOENT)`,
    });
    await expect(openRun(join(dir, 'samples.jsonl'))).rejects.toMatchObject({
      kind: 'usage',
      message: `${join(dir, 'samples.jsonl')} is not a run folder`,
    });
    await rm(join(dir, 'run.json'));
    await expect(openRun(dir)).rejects.toMatchObject({
      kind: 'usage',
      message: `${dir} is not a run folder: it has no run.json`,
      hint: expect.stringContaining('reports/'),
    });
  });

  test('a folder of runs: the hint names the newest run', async () => {
    const base = await scratch();
    for (const second of ['05', '06']) {
      const now = new Date(`2025-11-24T09:41:${second}Z`);
      await created({ base, name: 'chat', now });
    }
    await expect(openRun(base)).rejects.toMatchObject({
      hint: `It holds runs; name one of them, such as ${join(base, 'chat-20251124T094106Z')}.`,
    });
  });

  test('a folder of rounds: the hint names goodput compare', async () => {
    const base = await scratch();
    await writeFile(join(base, 'rounds.json'), '{}');
    await expect(openRun(base)).rejects.toMatchObject({
      hint: expect.stringMatching(`goodput compare ${base}`),
    });
  });

  test('names the mistake in run.json, and the schema version that it reads', async () => {
    const dir = await runWith('');
    const file = join(dir, 'run.json');
    await writeFile(file, '{"schemaVersion": 1,');
    await expect(openRun(dir)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/run\.json: .*JSON/),
    });
    await writeFile(file, JSON.stringify({ ...headerOf(), schemaVersion: 7 }));
    await expect(openRun(dir)).rejects.toMatchObject({
      kind: 'usage',
      message: `${file}: schemaVersion 7 is not readable here: this goodput reads 1`,
    });
  });

  test('no samples.jsonl at all is an error, an empty one a run without requests', async () => {
    const dir = await runWith('');
    const run = await openRun(dir);
    expect(await readAll(run)).toEqual([]);
    expect(run.torn).toBe(false);
    expect(await run.lastInstant()).toBeNull();
    await rm(join(dir, 'samples.jsonl'));
    await expect(openRun(dir)).rejects.toMatchObject({
      message: expect.stringContaining('it does not exist (ENOENT)'),
    });
  });
});

describe('samples', () => {
  test('cut at every byte of the last line, only that line is lost', async () => {
    const text = linesOf(samplesOf(3));
    const dir = await runWith(text);
    const path = join(dir, 'samples.jsonl');
    const lastStart = linesOf(samplesOf(2)).length;
    for (let size = text.length; size >= lastStart; size--) {
      await truncate(path, size);
      const run = await openRun(dir);
      // Without its newline the line is still whole; without any byte nothing was torn.
      const whole = size >= text.length - 1;
      expect({ size, torn: run.torn }).toEqual({ size, torn: !whole && size > lastStart });
      expect((await readAll(run)).length).toBe(whole ? 3 : 2);
    }
  });

  test('a torn tail of zero bytes, as a power cut leaves, or a torn line with a newline', async () => {
    for (const tail of [
      '\0'.repeat(4096),
      '{"i":2,"plan',
      '{"i":2,"plan\n',
      '{"i":2,"planned_us":2000,"text":"gr\u00c3',
    ]) {
      const run = await openRun(await runWith(linesOf(samplesOf(2)) + tail));
      expect(run.torn).toBe(true);
      expect(await readAll(run)).toEqual(samplesOf(2));
    }
  });

  test('a damaged line elsewhere is named by file and line', async () => {
    const [first, second, third] = samplesOf(3).map(encodeSample);
    const cases: [string, number, string][] = [
      [`${first}\n{"i":1,\n${third}\n`, 2, 'JSON'],
      [`${first}\n${second}\n{"i":7,"ended_us":9,"outcome":"ok"}\n`, 3, '"planned_us" is missing'],
      [`${second!.replace('"ok"', '"fine"')}\n${third}\n`, 1, '"outcome" is "fine"'],
    ];
    for (const [text, line, reason] of cases) {
      const dir = await runWith(text);
      await expect(readAll(await openRun(dir))).rejects.toMatchObject({
        kind: 'usage',
        message: expect.stringMatching(
          new RegExp(`^${join(dir, 'samples.jsonl')}:${line}: not a sample: .*${reason}`),
        ),
      });
    }
  });

  test.each<[changes: object, reason: string]>([
    [{ events_us: [1500, -1, 200] }, 'events_us'],
    [{ events_us: [1500, 0.5, 199.5] }, '"events_us\\[1\\]" is 0.5'],
    [{ events_us: [1500, 2 ** 53, 1] }, '"events_us\\[1\\]" is 9007199254740992'],
    [{ events_us: [1500, 1e308, 1e308] }, '"events_us\\[1\\]" is 1e\\+308'],
    [{ events_us: [-5] }, 'events_us'],
    // Instants in place of differences.
    [{ events_us: [1500, 1700, 1900] }, '"events_us" goes on after "ended_us"'],
    [{ events_us: [1500, 200, 201] }, '"events_us" goes on after "ended_us"'],
    [{ events_us: [1009] }, '"events_us" begins before "sent_us"'],
    [{ events_us: { 0: 1500, 1: 200 } }, '"events_us" is an object, not a list'],
    [{ events_us: 'AAAA' }, '"events_us" is a string, not a list'],
    [{ events_us: [1500, null] }, '"events_us\\[1\\]" is null, not a number'],
    [{ n: [1, 1] }, '"n" has 2 entries, but "events_us" has 3'],
    [{ sent_us: undefined }, '"sent_us" is missing'],
    [{ sent_us: 1000.5 }, '"sent_us" is 1000.5'],
    [{ sent_us: 999 }, '"sent_us" is before "planned_us"'],
    [{ headers_us: 1009 }, '"headers_us" is before "sent_us"'],
    [{ headers_us: 1901 }, '"ended_us" is before "headers_us"'],
    [{ ended_us: 1e300 }, '"ended_us" is 1e\\+300'],
    [{ ended_us: 0 }, '"ended_us" is before'],
    [{ planned_us: -1 }, '"planned_us" is -1'],
    [{ released_us: 999 }, '"released_us" is before "planned_us"'],
    [{ connect_us: -1 }, '"connect_us" is -1'],
    [{ set_up: { tls_us: 'long' } }, '"set_up.tls_us" is a string, not a number'],
    [{ set_up: [] }, '"set_up" is a list, not an object'],
    [{ answer: -1 }, '"answer" is -1'],
    [{ i: 0.5 }, '"i" is 0.5'],
  ])('a line that no run can have written is named by file and line: %j', async (changes, reason) => {
    const [first, second, third] = samplesOf(3);
    const damaged = JSON.stringify({ ...JSON.parse(encodeSample(second!)), ...changes });
    const dir = await runWith(`${encodeSample(first!)}\n${damaged}\n${encodeSample(third!)}\n`);
    await expect(readAll(await openRun(dir))).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(
        new RegExp(`^${join(dir, 'samples.jsonl')}:2: not a sample: .*${reason}`),
      ),
    });
  });

  test('events at one instant, at the send and at the end are possible', async () => {
    const samples = [sampleOf(1, { events_us: [1010, 0, 890] }), sampleOf(0, { sent_us: 0, planned_us: 0 })];
    expect(await readAll(await openRun(await runWith(linesOf(samples))))).toEqual(samples);
  });

  test('blank lines and carriage returns are ignored', async () => {
    const text = linesOf(samplesOf(3)).replaceAll('\n', '\r\n\r\n');
    expect(await readAll(await openRun(await runWith(text)))).toEqual(samplesOf(3));
  });

  test('lines longer than a read, and characters cut by its edge', async () => {
    // 3 bytes each and lines of every length modulo 3: the 256 KiB edges fall inside characters.
    const samples = Array.from({ length: 7 }, (_, i) =>
      sampleOf(i, { text: 'x'.repeat(i) + '模'.repeat(150_000) }),
    );
    const dir = await runWith(linesOf(samples));
    expect(await readAll(await openRun(dir))).toEqual(samples);
    const { size } = await stat(join(dir, 'samples.jsonl'));
    await truncate(join(dir, 'samples.jsonl'), size - 10);
    const run = await openRun(dir);
    expect(run.torn).toBe(true);
    expect(await readAll(run)).toEqual(samples.slice(0, 6));
  });

  test('the last instant is the latest, not the last line’s', async () => {
    const run = await openRun(await runWith(linesOf([sampleOf(0), sampleOf(9), sampleOf(4)])));
    expect(await run.lastInstant()).toBe(9900);
    expect(await run.lastInstant()).toBe(9900);
  });

  test('a run that is still running is read as it was when it was opened', async () => {
    const dir = await runWith(linesOf(samplesOf(2)));
    const run = await openRun(dir);
    await appendFile(join(dir, 'samples.jsonl'), linesOf([sampleOf(2)]) + '{"i":3');
    expect(await readAll(run)).toEqual(samplesOf(2));
    expect(await readAll(await openRun(dir))).toEqual(samplesOf(3));
  });

  test('a reader that stops early can read again from the start', async () => {
    const run = await openRun(await runWith(linesOf(samplesOf(50))));
    for await (const sample of run.samples()) if (sample.i === 3) break;
    expect((await readAll(run)).map(({ i }) => i)).toEqual(samplesOf(50).map(({ i }) => i));
  });
});
