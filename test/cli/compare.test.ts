import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ComparisonDocument } from '../../src/compare/written-comparison.ts';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
const at = (name: string): string => join(scratch, name);

const PLAN = ['--preset', 'tiny', '--rate', '8/s', '--warmup', '5s', '--duration', '2m', '--quiet'];
const SLOW = ['--engine', 'maxNumSeqs=4'];

async function simulate(name: string, seed: number, ...more: string[]): Promise<void> {
  const args = [
    'simulate',
    ...PLAN,
    '--slo',
    'ttft<=100ms',
    '--seed',
    String(seed),
    '--out',
    at(name),
    ...more,
  ];
  expect(await goodput(args)).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  await Promise.all([simulate('base', 1), simulate('new', 2, ...SLOW)]);
  await Promise.all([simulate('base2', 3), simulate('new2', 3, ...SLOW)]);
  await Promise.all([simulate('new1', 1, ...SLOW), simulate('faster', 1, '--rate', '9/s')]);
}, 120_000);

const compared = async (...args: string[]): Promise<{ code: number | null; found: ComparisonDocument }> => {
  const { code, stdout } = await goodput(['compare', '--json', ...args]);
  return { code, found: JSON.parse(stdout) as ComparisonDocument };
};

describe('goodput compare', () => {
  test('two runs: the document of the contract, exit 99 where new is worse', async () => {
    const { code, found } = await compared(at('base'), at('new'));
    expect(code).toBe(99);
    expect(found).toMatchObject({
      schemaVersion: 1,
      base: { url: 'simulated', simulated: true, runs: [{ dir: at('base'), seed: 1 }] },
      new: { runs: [{ dir: at('new'), seed: 2 }] },
      strength: 'indicative',
      verdict: { status: 'worse', exitCode: 99 },
    });
    for (const figure of [found.metrics['ttft']!['p50']!, found.rates['attainment']!])
      expect(Object.keys(figure)).toEqual(
        expect.arrayContaining(['base', 'new', 'diff', 'diff_pct', 'low_pct', 'high_pct', 'verdict']),
      );
    const { stdout } = await goodput(['report', '--json', at('new')]);
    expect(found.metrics['ttft']!['p50']!.new).toBe(JSON.parse(stdout).metrics.ttft.p50);
  });

  test('several a side: in pairs where the seeds are the same', async () => {
    const { code, found } = await compared(
      '--base',
      at('base'),
      at('base2'),
      '--new',
      at('new1'),
      at('new2'),
    );
    expect(found).toMatchObject({ strength: 'rounds', paired: true });
    expect(found.base.runs).toHaveLength(2);
    expect([0, 99]).toContain(code);
  });

  test('in words, with the interval beside every difference', async () => {
    const { stdout, code } = await goodput(['compare', at('base'), at('new'), '--fail-on', 'never']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^WORSE {2}SIMULATED, new is worse than base, by .*ttft/);
    expect(stdout).toContain('Indicative');
    const differences = stdout.split('\n').filter((each) => / [+-]\d[\d.]*(%| pp)/.test(each));
    expect(differences.length).toBeGreaterThan(5);
    for (const line of differences)
      expect(line).toMatch(
        /^attainment .*[+-][\d.]+ pp {2,}[+-][\d.]+ to [+-][\d.]+ pp +worse$|[+-][\d.]+% {2,}([+-][\d.]+%|open) to ([+-][\d.]+%|open) +(same|better|worse|inconclusive)$/,
      );
  });

  test('as Markdown, every row as wide as its head', async () => {
    const { stdout } = await goodput(['compare', at('base'), at('new'), '--format', 'markdown']);
    expect(stdout).toMatch(/^### ❌ WORSE: new is worse than base.*SIMULATED/);
    const tables = stdout.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables).toHaveLength(2);
    for (const table of tables) {
      const widths = table
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' | ').length);
      expect(new Set(widths).size).toBe(1);
    }
    expect(stdout).toContain('| **ttft mean** |');
    expect(stdout).toContain('goodput\\_rps');
  });

  test('other SLOs and another tolerance judge anew', async () => {
    const { code, found } = await compared(
      at('base'),
      at('base2'),
      '--slo',
      'ttft<=1ms',
      '--tolerance',
      '50%',
      '--decide',
      'tpot mean',
    );
    expect(code).toBe(0);
    expect(found.rates['attainment']).toMatchObject({ base: 0, new: 0 });
    expect(found.verdict).toMatchObject({ status: 'same', decided_by: ['tpot mean'], tolerance_pct: 50 });
  });
});

describe('what cannot be compared ends with 104', () => {
  beforeAll(async () => {
    await mkdir(at('void'));
    await mkdir(at('notes'));
    await writeFile(join(at('notes'), 'a.txt'), 'mine');
  });
  test.each([
    [[], /two runs or a folder of rounds: got 0 folders/],
    [['base'], /folder of rounds: base is one run, and a second run is missing/],
    [['void'], /folder of rounds: void is an empty folder/],
    [['nowhere'], /folder of rounds: there is no nowhere/],
    [['base/run.json'], /folder of rounds: base\/run\.json is a file/],
    [['notes'], /folder of rounds: notes holds no runs/],
    [
      ['.'],
      /folder of rounds: \. holds 6 runs, but no rounds\.json .*: name two of them, such as base base2/,
    ],
    [['--base', 'base'], /--new has no run/],
    [['base', 'new', '--tolerance', '5'], /--tolerance: got "5"; expected a share above 0 and below 100%/],
    [['base', 'new', '--format', 'junti'], /unknown format "junti"; .*; did you mean junit\?/],
    [['base', 'new', '--fail-on', 'wors'], /--fail-on: got "wors"; .*; did you mean worse\?/],
    [['base', 'new', '--decide', 'ttft p99'], /--decide: ttft p99 cannot decide/],
    [['base', 'new', '--decide', 'ttft'], /--decide: ttft is a distribution: .*"ttft p95"/],
    [['base', 'new', '--decide', 'ttft_p95'], /did you mean "ttft p95"\?/],
    [['base', 'new', '--decide', 'offered_rps'], /offered_rps cannot decide/],
    [['base', 'nowhere'], /cannot read nowhere/],
    [['base', '.'], /\. is not a run folder/],
    [['base', 'faster'], /cannot be compared\n {2}load: .*8\/s in base, .*9\/s in faster/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await goodput(['compare', ...args], { cwd: scratch });
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
  });

  test('another schema version is named', async () => {
    await cp(at('base'), at('future'), { recursive: true });
    const header = JSON.parse(await readFile(join(at('future'), 'run.json'), 'utf8'));
    await writeFile(join(at('future'), 'run.json'), JSON.stringify({ ...header, schemaVersion: 7 }));
    const { code, stderr } = await goodput(['compare', at('base'), at('future')]);
    expect(code).toBe(104);
    expect(stderr).toContain('schemaVersion 7 is not readable here: this goodput reads 1');
  });

  test('a run of an earlier version, which told less, is read', async () => {
    await cp(at('base'), at('earlier'), { recursive: true });
    const {
      host: _,
      probe: __,
      main: ___,
      notes: ____,
      ...header
    } = JSON.parse(await readFile(join(at('earlier'), 'run.json'), 'utf8'));
    await writeFile(join(at('earlier'), 'run.json'), JSON.stringify({ ...header, version: '0.0.1' }));
    const { found } = await compared(at('earlier'), at('base2'));
    expect(found.warnings.join('\n')).toContain('Other version of goodput: 0.0.1 in');
  });
});
