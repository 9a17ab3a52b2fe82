import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { type Ended, goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
const reports = join(scratch, 'reports');
const SHORT = '--rate 20/s --requests 12 --warmup 0s --quiet'.split(' ');
const report = (...words: string[]): Promise<Ended> => goodput(['report', ...words, '--json']);
/** Folders of the runs that were reported, below the reports. */
const dirsIn = ({ stdout }: Ended): string[] =>
  [JSON.parse(stdout) as Summary | Summary[]].flat().map(({ run }) => run.dir.slice(reports.length + 1));

beforeAll(async () => {
  await goodput(['simulate', ...SHORT, '--out', join(reports, 'one')]);
  await writeFile(
    join(scratch, 'two.yaml'),
    'endpoints:\n  - { name: old, url: simulated }\n  - { name: new, url: simulated }\n',
  );
  await goodput([
    'simulate',
    join(scratch, 'two.yaml'),
    ...SHORT,
    '--rounds',
    '2',
    '--out',
    join(reports, 'rounds'),
  ]);
  await writeFile(join(scratch, 'sweep.yaml'), 'sweep: { rate: [20/s, 30/s] }\n');
  await goodput([
    'sweep',
    '--virtual',
    join(scratch, 'sweep.yaml'),
    ...SHORT.filter((word) => word !== '--rate' && word !== '20/s'),
    '--out',
    join(reports, 'sweep'),
  ]);
  await mkdir(join(reports, 'baseline.old'));
  await writeFile(join(reports, 'goodput.md'), '# A report\n');
  // The state after a call that was killed in its third round.
  await mkdir(join(reports, 'rounds', '03-old'));
}, 120_000);

describe('goodput report reports/*', () => {
  it('reports every run, also in folders of several, and names what it skips', async () => {
    const paths = (await readdir(reports)).toSorted().map((name) => join(reports, name));
    const ended = await report(...paths);
    expect(ended.code).toBe(0);
    expect(dirsIn(ended)).toEqual([
      'one',
      ...['01-new', '01-old', '02-new', '02-old'].map((name) => `rounds/${name}`),
      ...['point-001', 'point-002'].map((name) => `sweep/${name}`),
    ]);
    const skipped = ended.stderr.trimEnd().split('\n');
    expect(skipped).toEqual(
      ['baseline.old', 'goodput.md', 'rounds/03-old'].map((name) =>
        expect.stringMatching(new RegExp(`^warning: ${join(reports, name)} is not a run`)),
      ),
    );
  });

  it('descends into one folder of rounds too, and into no folder that is none', async () => {
    expect(dirsIn(await report(join(reports, 'rounds')))).toHaveLength(4);
    const base = await report(reports);
    expect([base.code, base.stdout]).toEqual([104, '']);
    expect(base.stderr).toContain('is not a run folder');
  });

  it('is exit 104 where there is no run, where a path does not exist, and where a run is damaged', async () => {
    const none = await report(join(reports, 'goodput.md'), join(reports, 'baseline.old'));
    expect([none.code, none.stdout]).toEqual([104, '']);
    expect(none.stderr).toContain('none of the 2 paths is a run');
    const absent = await report(join(reports, 'one'), join(reports, 'two'));
    expect([absent.code, absent.stdout]).toEqual([104, '']);
    expect(absent.stderr).toContain(`cannot read ${join(reports, 'two')}`);
    const damaged = join(scratch, 'damaged');
    await rm(damaged, { recursive: true, force: true });
    await cp(join(reports, 'one'), damaged, { recursive: true });
    await writeFile(join(damaged, 'run.json'), '{}');
    const broken = await report(join(reports, 'one'), damaged);
    expect([broken.code, broken.stdout]).toEqual([104, '']);
    expect(broken.stderr).toContain(join(damaged, 'run.json'));
  });
});

describe('the page of a folder of several runs', () => {
  const pageOf = (name: string, ...words: string[]): Promise<Ended> =>
    goodput(['report', join(reports, name), '--format', 'html', ...words]);

  it('is that of the comparison for rounds', async () => {
    const compared = await goodput(['compare', join(reports, 'rounds'), '--format', 'html']);
    expect(compared.stdout).toMatch(/^<!doctype html>/);
    // No process exits by the verdict of a page that report makes.
    const withoutCode = compared.stdout.replace(/ \(exit \d+\)/, '');
    expect(await pageOf('rounds')).toMatchObject({ code: 0, stdout: withoutCode });
  });

  it('is that of the sweep, with the figures of its document', async () => {
    const page = await pageOf('sweep');
    expect(page.code).toBe(0);
    const { curves } = JSON.parse(await readFile(join(reports, 'sweep', 'sweep.json'), 'utf8')) as {
      curves: { points: { rate_rps: number }[] }[];
    };
    expect(curves[0]!.points.length).toBeGreaterThan(0);
    expect(page.stdout).toContain('2 of 2 runs');
    expect(page.stdout).toContain('TTFT by throughput');
  });

  it('is that of the capacity search, with its answer and its windows', async () => {
    const out = join(scratch, 'searched');
    const search = await goodput(
      ['capacity', '--virtual', '--slo', 'ttft<=1s', '--budget', '1m', '--out', out, '--quiet'].concat(
        '--format',
        'html',
      ),
    );
    const page = await goodput(['report', out, '--format', 'html']);
    expect(page.code).toBe(0);
    // The folder names a recorded search; all else is the same.
    const unnamed = (text: string): string => text.replaceAll(/simulated|searched/g, 'NAME');
    expect(unnamed(page.stdout)).toBe(unnamed(search.stdout));
  });

  it('refuses a damaged document, other limits and several folders', async () => {
    const damaged = join(scratch, 'damaged sweep');
    await cp(join(reports, 'sweep'), damaged, { recursive: true });
    await writeFile(join(damaged, 'sweep.json'), '{"schemaVersion": 1, "curves": 7}');
    const ended = await goodput(['report', damaged, '--format', 'html']);
    expect([ended.code, ended.stdout]).toEqual([104, '']);
    expect(ended.stderr).toMatch(/sweep\.json: .*\n.*same --out/s);
    for (const words of [
      [join(reports, 'sweep'), '--slo', 'ttft<=1s'],
      [join(reports, 'sweep'), join(reports, 'rounds')],
    ]) {
      const refused = await goodput(['report', ...words, '--format', 'html']);
      expect(refused.code).toBe(104);
      expect(refused.stderr).toContain('a page shows one run, not');
    }
  });
});
