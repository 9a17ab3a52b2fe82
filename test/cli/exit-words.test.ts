import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { OutputFile } from '../../src/cli/console/output-file.ts';
import { splitRun } from '../merge/split-run.ts';
import { type Ended, goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
const at = (name: string): string => join(scratch, name);
const SIMULATE = ['simulate', '--quiet', '--rate', '10/s', '--warmup', '0s', '--duration', '8s'];

/** The runs, each with the code of its verdict. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  pass: ['--gate', 'error_rate <= 1%'],
  fail: ['--gate', 'ttft p50 <= 0.001ms'],
  invalid: ['--timeout-total', '1ms', '--gate', 'error_rate <= 1%'],
};
const CODES = { none: 0, pass: 0, fail: 99, invalid: 98 } as const;
const NAMES = Object.keys(CODES) as (keyof typeof CODES)[];
const measured = new Map<string, Ended>();

/** The codes that a text claims for its own process, in the order of the text. */
const claimed = (text: string): number[] =>
  [...text.replaceAll(/\s+/g, ' ').matchAll(/\(exit (\d+)[),]/g)].map(([, code]) => Number(code));
const exited = (text: string): number[] =>
  [...text.replaceAll(/\s+/g, ' ').matchAll(/\(the run exited (\d+)\)/g)].map(([, code]) => Number(code));
const codeIn = ({ stdout }: Ended): number =>
  (JSON.parse(stdout) as { verdict: { exitCode: number } }).verdict.exitCode;

beforeAll(async () => {
  for (const name of NAMES)
    measured.set(name, await goodput([...SIMULATE, ...RUNS[name]!, '--out', at(name)]));
  for (const name of NAMES) splitRun(at(name), at(`${name}-ranks`), 2);
}, 60_000);

describe('the exit code that a verdict claims is that of the process', () => {
  it.each(NAMES)('of a run: %s', (name) => {
    const run = measured.get(name)!;
    expect(run.code).toBe(CODES[name]);
    expect(claimed(run.stdout)).toEqual([run.code]);
  });

  it.each(NAMES)('of report, which exits with 0 and says how the run exited: %s', async (name) => {
    const shown = await goodput(['report', at(name), '--quiet']);
    expect([shown.code, claimed(shown.stdout), exited(shown.stdout)]).toEqual([0, [], [CODES[name]]]);
    const github = await goodput(['report', at(name), '--format', 'github']);
    expect([github.code, claimed(github.stdout), exited(github.stdout)]).toEqual([0, [], [CODES[name]]]);
    rmSync(join(at(name), 'summary.json'));
    const unknown = await goodput(['report', at(name)]);
    expect([unknown.code, claimed(unknown.stdout), exited(unknown.stdout)]).toEqual([0, [], []]);
  });

  it.each([
    ['pass', 'error_rate <= 1%'],
    ['pass', 'ttft p50 <= 0.001ms'],
    ['invalid', 'error_rate <= 1%'],
  ])('of report with a gate: %s, %s', async (name, gate) => {
    const judged = await goodput(['report', at(name), '--gate', gate]);
    expect(claimed(judged.stdout)).toEqual([judged.code]);
    expect(codeIn(await goodput(['report', at(name), '--gate', gate, '--json']))).toBe(judged.code);
  });

  it('of report with a gate on several runs: the worst decides, the others are marked', async () => {
    const judged = await goodput(['report', at('pass'), at('invalid'), '--gate', 'error_rate <= 1%']);
    expect(judged.code).toBe(98);
    expect(claimed(judged.stdout)).toEqual([98]);
    expect(judged.stdout.replaceAll(/\s+/g, ' ')).toContain('(on its own: exit 0)');
  });

  // Two ranks of one machine have no common start, which their merge reports; it is the same for each verdict.
  it.each(NAMES)('of merge, in text and in JSON: %s', async (name) => {
    const words = ['merge', at(`${name}-ranks`), '-o', at(`${name}-merged`), '--quiet'];
    const merged = await goodput(words);
    expect(claimed(merged.stdout)).toEqual([merged.code]);
    const json = await goodput([...words, '--json']);
    expect([json.code, codeIn(json)]).toEqual([merged.code, merged.code]);
    expect(merged.code).toBe(CODES[name]);
  });

  it.each([
    ['same', 'pass', 'fail'],
    ['worse', 'pass', 'slow'],
  ])('of compare: %s', async (_, base, next) => {
    if (next === 'slow')
      await goodput([...SIMULATE, '--preset', 'llama-3.1-70b-h100x4', ...RUNS['pass']!, '--out', at('slow')]);
    for (const format of ['text', 'github', 'html']) {
      const compared = await goodput(['compare', at(base), at(next), '--quiet', '--format', format]);
      expect([format, claimed(compared.stdout)]).toEqual([format, [compared.code]]);
    }
    const json = await goodput(['compare', at(base), at(next), '--json']);
    expect(codeIn(json)).toBe(json.code);
  });

  it('of an import, which has no run that exited', async () => {
    const file = join(import.meta.dirname, '..', 'render', 'export', 'peers', 'vllm.json');
    const imported = await goodput([
      'import',
      'vllm',
      file,
      '-o',
      at('imported.md'),
      '--out',
      at('imported'),
    ]);
    expect(imported.stdout).toMatch(/NO GATES|INVALID/);
    expect([imported.code, claimed(imported.stdout), exited(imported.stdout)]).toEqual([0, [], []]);
  });

  it('if an output fails: 1, in every form and in the outputs that were written', async () => {
    const run = await goodput([
      ...SIMULATE,
      ...RUNS['fail']!,
      '--out',
      at('failing'),
      '-o',
      `text:${at('first.txt')}`,
      '-o',
      'text:/dev/full',
    ]);
    expect(run.code).toBe(1);
    for (const text of [run.stdout, readFileSync(at('first.txt'), 'utf8')]) {
      expect(text).toMatch(/^FAIL /);
      expect(claimed(text)).toEqual([1]);
    }
    expect(run.stderr.replaceAll(/\s+/g, ' ')).toContain(`goodput report ${at('failing')} -o text:/dev/full`);
    const { run: recorded, verdict } = JSON.parse(
      readFileSync(join(at('failing'), 'summary.json'), 'utf8'),
    ) as {
      run: { status: string };
      verdict: { status: string };
    };
    expect([recorded.status, verdict.status]).toEqual(['complete', 'fail']);
  });
});

describe('an output that is removed or replaced before it is written', () => {
  it.each([
    ['removed', (path: string) => rmSync(path)],
    ['removed with its folder', (path: string) => rmSync(join(path, '..'), { recursive: true })],
    [
      'replaced by another file',
      (path: string) => {
        rmSync(path);
        writeFileSync(path, 'another');
      },
    ],
  ])('%s: is written again at its path', async (name, change) => {
    const path = join(at(`outputs ${name}`), 'a.txt');
    const output = await OutputFile.open(path, true);
    change(path);
    await output.write('the results\n');
    await output.close();
    expect(readFileSync(path, 'utf8')).toBe('the results\n');
  });

  it('fails if its path is a folder now', async () => {
    const path = join(at('outputs became a folder'), 'a.txt');
    const output = await OutputFile.open(path, true);
    rmSync(path);
    mkdirSync(path);
    await expect(output.write('the results\n')).rejects.toThrow(/EISDIR/);
    await output.close();
  });

  it('stays if another program put it there and nothing was written', async () => {
    const path = join(at('outputs kept'), 'a.txt');
    const output = await OutputFile.open(path, true);
    rmSync(path);
    writeFileSync(path, 'another');
    await output.close();
    expect(readFileSync(path, 'utf8')).toBe('another');
  });
});
