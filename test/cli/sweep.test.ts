import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { SweepDocument } from '../../src/sweep/document.ts';
import { goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();

async function scenario(name: string, sweep: string, rest = ''): Promise<string> {
  const file = join(scratch, name);
  await writeFile(
    file,
    `endpoint: simulated
simulator: { preset: tiny }
workload: { input: { tokens: 64 } }
sweep: ${sweep}
load: { warmup: 1s, duration: 20s }
slo: { ttft: 200ms, tpot: 8ms }
${rest}`,
  );
  return file;
}

describe('goodput sweep', () => {
  const dir = join(scratch, 'grid');

  it('has a run folder a point, one document, one table and one CSV', async () => {
    const file = await scenario(
      'grid.yaml',
      '{ rate: [4/s, 16/s, 40/s], output: [5, uniform:10-30], repeats: 2 }',
    );
    const args = ['sweep', file, '--virtual', '--quiet', '--out', dir];
    const { code, stdout, stderr } = await goodput([...args, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = JSON.parse(stdout) as SweepDocument;
    expect(document).toMatchObject({ schemaVersion: 1, planned: 12 });
    expect(
      document.points.map(({ point, repeat, rate_rps, output_tokens }) => [
        point,
        repeat,
        rate_rps,
        output_tokens,
      ]),
    ).toEqual(
      [4, 16, 40].flatMap((rate, at) =>
        [5, 'uniform, from 10 to 30'].flatMap((output, k) =>
          [1, 2].map((repeat) => [2 * at + k + 1, repeat, rate, output]),
        ),
      ),
    );
    for (const { run, rate_rps, seed, summary } of document.points) {
      const header = JSON.parse(await readFile(join(dir, run, 'run.json'), 'utf8'));
      expect(header).toMatchObject({ seed, status: 'complete', load: { rate_rps } });
      expect(header.scenario).not.toHaveProperty('sweep');
      expect(JSON.parse(await readFile(join(dir, run, 'summary.json'), 'utf8'))).toEqual(summary);
    }
    expect(document.curves).toHaveLength(2);
    const best = document.curves[0]!;
    const most = Math.max(...best.points.map(({ goodput_rps }) => goodput_rps!));
    expect(best.points.find(({ point }) => point === best.goodput_maximum)!.goodput_rps).toBe(most);
    expect(JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8'))).toEqual(document);

    const rows = parse(await readFile(join(dir, 'sweep.csv'), 'utf8'), { columns: true }) as Record<
      string,
      string
    >[];
    expect(rows).toHaveLength(12);
    rows.forEach((row, at) => {
      const { point, summary, rate_rps } = document.points[at]!;
      expect(row).toMatchObject({
        point: String(point),
        axis_rate_rps: String(rate_rps),
        id: summary.run.id,
      });
      expect(Number(row['ttft_p50_ms'])).toBe(summary.metrics['ttft']!.p50);
      expect(Number(row['output_tps'])).toBe(summary.rates.output_tps);
    });

    // The means over repeats are what the table shows; the same folder is not measured again.
    const table = await goodput(args);
    expect(table.stdout).toMatch(/12 of 12 runs/);
    expect(table.stdout).toMatch(/goodput max/);
    expect(table.stdout).toMatch(/tok\/s per user \(up\) against tok\/s of the system \(output 5\)/);
    expect(JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8'))).toEqual(document);
  });

  it('measures again only what an interrupted sweep lacks', async () => {
    const file = join(scratch, 'grid.yaml');
    const before = JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8')) as SweepDocument;
    await rm(join(dir, 'point-002'), { recursive: true });
    const { stdout } = await goodput(['sweep', file, '--virtual', '--quiet', '--json', '--out', dir]);
    const after = JSON.parse(stdout) as SweepDocument;
    expect(after.points).toHaveLength(12);
    const changed = after.points.filter(
      ({ summary }, at) => summary.run.id !== before.points[at]!.summary.run.id,
    );
    expect(changed.map(({ run }) => run)).toEqual(['point-002']);
    // The clock is virtual and the seed the point's own, so even that one comes out the same.
    expect(changed[0]!.summary.metrics).toEqual(before.points[2]!.summary.metrics);
  });

  it('refuses a folder of another sweep', async () => {
    const file = await scenario('other.yaml', '{ rate: [5/s, 16/s], output: [5, 6] }');
    const refused = await goodput(['sweep', file, '--virtual', '--quiet', '--out', dir]);
    expect(refused.code).toBe(104);
    expect(refused.stderr).toMatch(/is of another sweep: workload, load differ|another sweep: .*load/);
  });

  it('is what run and simulate do of such a scenario; Ctrl-C leaves what is there, and a later call goes on', async () => {
    const file = await scenario('real.yaml', '{ concurrency: [1, 2], output: [4, 8], combine: zip }');
    const out = join(scratch, 'real');
    const { child, ended } = start([
      'run',
      file,
      '--out',
      out,
      '--warmup',
      '0s',
      '--duration',
      '3s',
      '--json',
    ]);
    let seen = '';
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        seen += text;
        if (/run 2 of 2/.test(seen)) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(105);
    const half = JSON.parse(stdout) as SweepDocument;
    expect(half.points).toHaveLength(1);
    expect(half.planned).toBe(2);
    const again = await goodput([
      'run',
      file,
      '--out',
      out,
      '--warmup',
      '0s',
      '--duration',
      '3s',
      '--json',
      '--quiet',
    ]);
    const whole = JSON.parse(again.stdout) as SweepDocument;
    expect(whole.points.map(({ concurrency, output_tokens }) => [concurrency, output_tokens])).toEqual([
      [1, 4],
      [2, 8],
    ]);
    expect(whole.points.some(({ summary }) => summary.run.id === half.points[0]!.summary.run.id)).toBe(true);
    expect((await readdir(out)).filter((name) => name.startsWith('point-')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('mistakes of a sweep', () => {
  const CASES: [what: string, sweep: string, rest: string, expected: readonly RegExp[]][] = [
    ['nothing to go through', '{ repeats: 2 }', '', [/:4:\d+: sweep: has nothing to go through/]],
    [
      'both loads',
      '{ rate: [1/s], concurrency: [1] }',
      '',
      [/:4:\d+: sweep\.concurrency: cannot stand beside sweep\.rate/],
    ],
    [
      'lists of two lengths',
      '{ rate: [1/s, 2/s], output: [4], combine: zip }',
      '',
      [/:4:\d+: sweep\.combine: zip needs lists of one length/],
    ],
    [
      'a rate that is none',
      '{ rate: [1/s, fast] }',
      '',
      [/:4:\d+: sweep\.rate\[1\]: got "fast"; expected a rate/],
    ],
    ['an empty list', '{ rate: [] }', '', [/sweep\.rate: .*not empty/]],
    ['a misspelt axis', '{ rates: [1/s] }', '', [/unknown key.*did you mean rate\?/]],
  ];
  it.each(CASES)('%s', async (what, sweep, rest, expected) => {
    const file = await scenario(`${what.replaceAll(' ', '-')}.yaml`, sweep, rest);
    const { code, stderr, stdout } = await goodput(['sweep', file, '--virtual']);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    for (const part of expected) expect(stderr).toMatch(part);
  });

  it('a scenario without one says what a sweep looks like', async () => {
    const file = join(scratch, 'plain.yaml');
    await writeFile(file, 'load: { rate: 5/s }\n');
    const { code, stderr } = await goodput(['sweep', file]);
    expect(code).toBe(104);
    expect(stderr).toMatch(/has no sweep[^]*sweep: \{ rate: \[1\/s/);
  });

  it('a list where one load stands says where lists go', async () => {
    const file = join(scratch, 'list.yaml');
    await writeFile(file, 'load: { rate: [5/s, 6/s] }\n');
    const { stderr } = await goodput(['run', file]);
    expect(stderr).toMatch(
      /list\.yaml:1:15: load\.rate: a list of rates makes a sweep, and stands under sweep\.rate/,
    );
  });
});
