/** @module-tag timed */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { SweepDocument } from '../../src/sweep/sweep-document.ts';
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
load: { warmup: 1s, duration: 8s }
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
    expect(table.stdout).toMatch(/tok\/s per user \(y\) against total tok\/s \(x\).*output 5/);
    expect(JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8'))).toEqual(document);
  });

  it.each([
    ['rate: [1/s, 3/s]', /^ +sessions\/s +done\/s/m, '3 sessions/s'],
    ['concurrency: [1, 3]', /^ +users +done\/s/m, '3 users'],
  ])('counts sessions where they have several turns: %s', async (axis, head, most) => {
    const file = join(scratch, 'sessions.yaml');
    await writeFile(
      file,
      `endpoint: simulated
workload: { sessions: { turns: 3, think: 100ms, first: 32, next: 8 }, output: 4 }
sweep: { ${axis} }
load: { warmup: 0s, duration: 10s }
slo: { e2e: 10s }
`,
    );
    const out = join(scratch, `sessions by ${axis.split(':')[0]}`);
    const { code, stdout, stderr } = await goodput(['sweep', file, '--virtual', '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(head);
    expect(stdout).toContain(`goodput maximum: ${most}`);
    expect(stderr).toMatch(new RegExp(`run \\d of 2: ${most}$`, 'm'));
    const plan = await goodput(['plan', file]);
    expect(plan.stdout).toMatch(new RegExp(` ${most}$`, 'm'));
    const again = await goodput(['sweep', file, '--virtual', '--out', out, '--json']);
    const [curve] = (JSON.parse(again.stdout) as SweepDocument).curves;
    expect(curve!.points.map(({ axes }) => axes.unit)).toEqual(['sessions', 'sessions']);
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
    expect(refused.stderr).toMatch(/belongs to another sweep: .*load.* differ/);
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
      '1500ms',
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
      '1500ms',
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

describe('axes as flags', () => {
  const LOAD = ['--preset', 'tiny', '--duration', '5s', '--warmup', '0s', '--input-tokens', '16'];

  it('need no file; several lists make a grid', async () => {
    const { code, stdout, stderr } = await goodput([
      'sweep',
      '--virtual',
      '--json',
      '--rate',
      '2/s,240/min',
      '--output-tokens',
      '5,uniform:6-9',
      ...LOAD,
      '--out',
      join(scratch, 'flags'),
    ]);
    expect(code).toBe(0);
    const { points } = JSON.parse(stdout) as SweepDocument;
    expect(points.map(({ rate_rps, output_tokens }) => [rate_rps, output_tokens])).toEqual([
      [2, 5],
      [2, 'uniform, from 6 to 9'],
      [4, 5],
      [4, 'uniform, from 6 to 9'],
    ]);
    expect(stderr).toMatch(/^4 runs .*virtual.*interrupt/m);
  });

  it('replace those of the file, which still says how lists combine and how often each point is measured', async () => {
    const file = await scenario('over.yaml', '{ rate: [4/s], output: [5, 6], combine: zip, repeats: 2 }');
    const { stdout, code } = await goodput([
      'sweep',
      file,
      '--virtual',
      '--json',
      '--quiet',
      '--concurrency',
      '1,3',
      '--duration',
      '2s',
      '--out',
      join(scratch, 'over'),
    ]);
    expect(code).toBe(0);
    const { points } = JSON.parse(stdout) as SweepDocument;
    const found = points.map(({ rate_rps, concurrency, output_tokens }) => [
      rate_rps,
      concurrency,
      output_tokens,
    ]);
    expect(found).toEqual([1, 3].flatMap((n, at) => [1, 2].map(() => [null, n, 5 + at])));
  });

  it('come from the environment too, below flags and above the file', async () => {
    const file = await scenario('env.yaml', '{ rate: [4/s, 5/s] }');
    const plan = async (...flags: string[]) => {
      const { stdout } = await goodput(['plan', file, '--json', ...flags], {
        env: { GOODPUT_RATE: '1/s, 2/s' },
      });
      return (JSON.parse(stdout) as { sweep?: { runs: { rate_rps: number }[] } }).sweep?.runs
        .map(({ rate_rps }) => rate_rps)
        .toSorted();
    };
    expect(await plan()).toEqual([1, 2]);
    expect(await plan('--rate', '7/s,8/s,9/s')).toEqual([7, 8, 9]);
  });

  it.each([
    [
      'a wrong element',
      ['sweep', '--rate', '2/s,4 req/s'],
      /--rate: value 2: got "4 req\/s".*did you mean 4\/s/,
    ],
    [
      'a word',
      ['sweep', '--concurrency', '1,two,x'],
      /--concurrency: value 2: got "two"[^]*value 3: got "x"/,
    ],
    [
      'a misspelt distribution',
      ['sweep', '--output-tokens', '4,unifrm:1-2'],
      /--output-tokens: value 2.*uniform\?/,
    ],
    ['a separator of thousands', ['sweep', '--input-tokens', '1,024'], /--input-tokens: got "1,024".*1024\?/],
    ['two loads', ['sweep', '--rate', '1/s,2/s', '--concurrency', '4'], /--concurrency: cannot be combined/],
    ['lists for run', ['run', '--rate', '2/s,4/s'], /--rate: a list of rates .*goodput sweep/],
    ['lists for run', ['run', '--concurrency', '2,4'], /--concurrency: a list .*goodput sweep/],
    ['lists for simulate', ['simulate', '--input-tokens', '2,4'], /--input-tokens: .*goodput sweep/],
    [
      'lists for capacity',
      ['capacity', '--slo', 'ttft<=1s', '--output-tokens', '2,4'],
      /--output-tokens: .*sweep/,
    ],
    [
      'too many points',
      ['sweep', '--concurrency', Array.from({ length: 1001 }, (_, k) => k + 1).join()],
      /--concurrency: .*1001 points/,
    ],
  ] as const)('%s: names the flag (%j)', async (_, args, expected) => {
    const { code, stdout, stderr } = await goodput([...args]);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it('a plan shows the runs in the order of the sweep, and what they take', async () => {
    const args = ['--rate', '1/s,2/s,4/s', '--requests', '120', '--warmup', '10s', '--drain', '0'];
    const { stdout } = await goodput(['plan', ...args]);
    // 120 requests take 120, 60 and 30 s at these rates; with 3 warm-ups of 10 s that is 240 s.
    expect(stdout).toMatch(/3 runs of 40s to 2m10s each: about 4m$/m);
    const order = [...stdout.matchAll(/^ {2}\d {2}(\d) req\/s$/gm)].map(([, rate]) => Number(rate));
    const { stderr } = await goodput([
      'sweep',
      '--virtual',
      '--rate',
      '1/s,2/s,4/s',
      '--requests',
      '4',
      '--warmup',
      '0',
      '--preset',
      'tiny',
      '--input-tokens',
      '16',
      '--out',
      join(scratch, 'order'),
    ]);
    const carriedOut = [...stderr.matchAll(/^run \d of 3: (\d) req\/s$/gm)].map(([, rate]) => Number(rate));
    expect(order).toHaveLength(3);
    expect(carriedOut).toEqual(order);
    expect(stdout).not.toMatch(/load\.rate/);
  });
});

describe('mistakes of a sweep', () => {
  const CASES: [what: string, sweep: string, rest: string, expected: readonly RegExp[]][] = [
    ['nothing to go through', '{ repeats: 2 }', '', [/:4:\d+: sweep: .*rate, concurrency, input, output/]],
    [
      'both loads',
      '{ rate: [1/s], concurrency: [1] }',
      '',
      [/:4:\d+: sweep\.concurrency: cannot be combined with sweep\.rate/],
    ],
    [
      'lists of two lengths',
      '{ rate: [1/s, 2/s], output: [4], combine: zip }',
      '',
      [/:4:\d+: sweep\.combine: zip .*length.* 2, 1/],
    ],
    [
      'a rate that is none',
      '{ rate: [1/s, fast] }',
      '',
      [/:4:\d+: sweep\.rate\[1\]: got "fast"; expected a rate/],
    ],
    ['an empty list', '{ rate: [] }', '', [/sweep\.rate: .*non-empty list of rates/]],
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
    expect(stderr).toMatch(/no list of loads or lengths[^]*--rate 1\/s[^]*sweep: \{ rate: \[1\/s/);
  });

  it('a list where one load stands says where lists go', async () => {
    const file = join(scratch, 'list.yaml');
    await writeFile(file, 'load: { rate: [5/s, 6/s] }\n');
    const { stderr } = await goodput(['run', file]);
    expect(stderr).toMatch(/list\.yaml:1:15: load\.rate: a list of rates .*goodput sweep.*sweep\.rate/);
  });
});
