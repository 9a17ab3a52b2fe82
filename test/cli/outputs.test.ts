import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXPORTERS } from '../../src/render/exporters.ts';
import { goodput, scratchFolder, serve } from './goodput.ts';

const scratch = await scratchFolder();
const file = (name: string): string => join(scratch, name);
const RUN = file('recorded');
const SIMULATED = [
  'simulate',
  '--quiet',
  '--rate',
  '5/s',
  '--warmup',
  '0',
  '--duration',
  '20s',
  '--slo',
  'ttft<=1s',
];

beforeAll(async () => {
  const { code, stderr } = await goodput([...SIMULATED, '--gate', 'attainment >= 50%', '--out', RUN]);
  if (code !== 0) throw new Error(stderr);
}, 60_000);

describe('results in several forms', () => {
  it.each(EXPORTERS)(
    '$format is printed by its name, and written where its endings say so',
    async ({ format, extensions }) => {
      const printed = await goodput(['report', RUN, '--format', format]);
      expect(printed).toMatchObject({ code: 0, stderr: '' });
      const paths = [...extensions.map((extension) => file(`by-ending${extension}`)), file('by-name')];
      const outputs = [...paths.slice(0, -1), `${format}:${paths.at(-1)}`].flatMap((each) => ['-o', each]);
      const written = await goodput(['report', RUN, ...outputs]);
      expect(written).toMatchObject({ code: 0, stderr: '' });
      expect(written.stdout).toContain('its gate is met');
      for (const path of paths) expect(await readFile(path, 'utf8')).toBe(printed.stdout);
    },
  );

  it('a run and a simulation write theirs too, and what stood in the file goes', async () => {
    const [junit, csv] = [file('results.xml'), file('one.csv')];
    writeFileSync(junit, 'x'.repeat(100_000));
    const simulated = await goodput([
      ...SIMULATED,
      '--output',
      junit,
      '-o',
      csv,
      '--out',
      file('again'),
      '--json',
    ]);
    expect(simulated.code).toBe(0);
    expect(JSON.parse(simulated.stdout)).toMatchObject({ verdict: { status: 'none' } });
    expect(readFileSync(junit, 'utf8')).toMatch(/^<\?xml .*<\/testsuites>\n$/s);
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(3);
    const measured = await goodput(
      `run --rate 10/s --warmup 0 --duration 1s --quiet --format csv -o ${csv} --out ${file('measured')}`.split(
        ' ',
      ),
    );
    expect(measured.stdout).toBe(readFileSync(csv, 'utf8'));
    expect(measured.stdout.split('\r\n')).toHaveLength(3);
  }, 60_000);

  it('several runs make one document', async () => {
    const { stdout } = await goodput(['report', RUN, RUN, '--format', 'csv']);
    expect(stdout.trimEnd().split('\r\n')).toHaveLength(3);
    const { stdout: json } = await goodput(['report', RUN, RUN, '--json']);
    expect(JSON.parse(json)).toHaveLength(2);
  });

  it('a pipe is written when its reader is there, and a device is not cut', async () => {
    const pipe = file('pipe.csv');
    execFileSync('mkfifo', [pipe]);
    const { code, stdout } = await goodput([], {
      shell: `"$0" "$1" report '${RUN}' -o '${pipe}' -o text:/dev/null >/dev/null & cat '${pipe}'; wait $!`,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^name,id,run,/);
  });
});

it('a file that stdout goes to as well keeps what was printed', async () => {
  const log = file('log.txt');
  await goodput([], { shell: `"$0" "$1" report '${RUN}' -o text:/dev/stdout > '${log}'` });
  const { stdout } = await goodput(['report', RUN]);
  expect(readFileSync(log, 'utf8')).toBe(stdout + stdout);
});

describe('outputs that cannot be', () => {
  it('are told all at once, before anything is sent, and leave every file as it was', async () => {
    let asked = 0;
    const { url } = await serve((_, response) => {
      asked++;
      response.end();
    });
    const kept = file('kept.md');
    writeFileSync(kept, 'kept\n');
    mkdirSync(file('folder.csv'));
    const outputs = [
      kept,
      file('new.md'),
      file('none/x.md'),
      join(file('never'), 'report.md'),
      file('folder.csv'),
      file('x.mdd'),
      'jnuit:x',
      'csv:',
      '-',
    ];
    const args = ['--format', 'markdwon', '--out', file('never'), ...outputs.flatMap((each) => ['-o', each])];
    const { code, stderr, stdout } = await goodput(['run', '--url', `${url}/v1`, ...args]);
    expect(code).toBe(104);
    expect(stdout).toBe('');
    expect(asked).toBe(0);
    expect(stderr).toMatch(/--format: there is no form "markdwon"; .*did you mean markdown\?/);
    expect(stderr).toMatch(/none\/x\.md: its folder does not exist/);
    expect(stderr).toMatch(/never\/report\.md: its folder does not exist; the run makes its folder later/);
    expect(stderr).toMatch(/folder\.csv: it is a folder/);
    expect(stderr).toMatch(/x\.mdd names no form; expected \.txt, .*did you mean \.md\?/);
    expect(stderr).toMatch(/there is no form "jnuit"; .*did you mean junit\?/);
    expect(stderr).toMatch(/csv: names no file/);
    expect(stderr).toMatch(/"-" is no file; for stdout there is --format/);
    expect(readFileSync(kept, 'utf8')).toBe('kept\n');
    expect(existsSync(file('new.md'))).toBe(false);
    expect(existsSync(file('never'))).toBe(false);
  });

  it.each([
    [['-o', 'a.md', '-o', './a.md'], /a\.md is named twice/],
    [['--json', '--format', 'csv'], /--format csv and --json: one form fits on stdout/],
  ])('%j', async (args, message) => {
    const { code, stderr } = await goodput(['report', RUN, ...args], { cwd: scratch });
    expect(stderr).toMatch(message);
    expect(code).toBe(104);
    expect(existsSync(file('a.md'))).toBe(false);
  });

  it('a run that is refused leaves no empty file behind', async () => {
    const { code } = await goodput([...SIMULATED, '-o', file('left.md'), '--out', RUN]);
    expect(code).toBe(104);
    expect(existsSync(file('left.md'))).toBe(false);
  });

  it.runIf(existsSync('/dev/full'))('a full disk ends with 1, after the result was printed', async () => {
    const { code, stdout, stderr } = await goodput([
      'report',
      RUN,
      '-o',
      'text:/dev/full',
      '-o',
      file('beside.md'),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot write /dev/full: the disk is full');
    expect(stdout).toContain('its gate is met');
    expect(readFileSync(file('beside.md'), 'utf8')).toContain('PASS');
  });
});
