/** @module-tag timed */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { CAPACITIES, COMPARISONS, EXPORTERS, RUNS, SWEEPS } from '../../src/render/exporters.ts';
import { printedFormat } from '../../src/cli/console/output-formats.ts';
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
      expect(written.stdout).toMatch(/gate passed/);
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
    expect(stdout).toMatch(/^simulated,name,id,run,/);
  });
});

describe('parquet', () => {
  const requests = (path: string): Promise<Record<string, unknown>[]> =>
    parquetReadObjects({ file: Uint8Array.from(readFileSync(path)).buffer });
  const samples = (): { i: number; events_us: number[] }[] =>
    readFileSync(join(RUN, 'samples.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('is printed to a pipe and written to a file with the same bytes, with the events in a second file', async () => {
    const [path, events, piped] = ['requests.parquet', 'requests-events.parquet', 'piped.parquet'].map(file);
    const { code, stderr } = await goodput([], {
      shell: `"$0" "$1" report '${RUN}' --format parquet -o '${path}' --events > '${piped}'`,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(piped!)).toEqual(readFileSync(path!));
    const recorded = samples();
    expect((await requests(path!)).map(({ i }) => Number(i))).toEqual(recorded.map(({ i }) => i));
    expect((await requests(events!)).map(({ i }) => Number(i))).toEqual(
      recorded.flatMap(({ i, events_us }) => events_us.map(() => i)),
    );
  });

  it('is refused on a terminal', () => {
    const mistakes: string[] = [];
    printedFormat({ format: 'parquet' }, RUNS, { isTTY: true }, mistakes);
    expect(mistakes).toEqual([expect.stringMatching(/--format parquet: .*terminal.*-o FILE\.parquet/)]);
    printedFormat({ format: 'parquet' }, RUNS, {}, mistakes);
    printedFormat({ format: 'csv' }, RUNS, { isTTY: true }, mistakes);
    expect(mistakes).toHaveLength(1);
  });

  it.each([
    [['report', RUN, '--events'], /--events: only valid with a parquet file, such as -o run\.parquet/],
    [['report', RUN, '--events', '--format', 'parquet'], /--events: only valid with a parquet file/],
    [
      ['report', RUN, '--events', '-o', 'a.parquet', '-o', 'parquet:a-events.parquet'],
      /duplicate file a-events\.parquet/,
    ],
    [['compare', RUN, RUN, '-o', 'a.parquet'], /a comparison has no format parquet \(\.parquet\)/],
  ])('%j', async (args, message) => {
    const { code, stderr } = await goodput(args, { cwd: scratch });
    expect(stderr).toMatch(message);
    expect(code).toBe(104);
    expect(existsSync(file('a.parquet'))).toBe(false);
  });
});

it('a file that stdout goes to as well keeps what was printed', async () => {
  const log = file('log.txt');
  await goodput([], { shell: `"$0" "$1" report '${RUN}' -o text:/dev/stdout > '${log}'` });
  const { stdout } = await goodput(['report', RUN]);
  expect(readFileSync(log, 'utf8')).toBe(stdout + stdout);
});

describe('results of several runs', () => {
  const TWO = file('two.yaml');
  const SWEEP = file('sweep.yaml');
  beforeAll(() => {
    writeFileSync(
      TWO,
      `endpoints:
  - { name: old, url: simulated, simulator: { preset: tiny } }
  - { name: next, url: simulated, simulator: { preset: tiny, engine: { maxNumSeqs: 2 } } }
rounds: 2
load: { rate: 5/s, warmup: 0s, duration: 20s }
slo: { ttft: 1s }
`,
    );
    writeFileSync(
      SWEEP,
      `endpoint: simulated
simulator: { preset: tiny }
sweep: { rate: [2/s, 4/s] }
load: { warmup: 0s, duration: 5s }
slo: { ttft: 1s }
`,
    );
  });
  const files = (name: string, forms: readonly string[]): string[] =>
    forms.flatMap((form) => ['-o', `${form}:${file(`${name}.${form}`)}`]);
  const formatsOf = ({ exporters }: { exporters: readonly { format: string }[] }): string[] =>
    exporters.map(({ format }) => format);
  const CASES: [name: string, forms: readonly string[], args: () => string[]][] = [
    [
      'rounds',
      formatsOf(COMPARISONS),
      () => ['simulate', TWO, '--out', file('rounds'), '--fail-on', 'never'],
    ],
    ['rounds told again', formatsOf(COMPARISONS), () => ['compare', file('rounds'), '--fail-on', 'never']],
    [
      'capacity',
      formatsOf(CAPACITIES),
      () => ['capacity', '--virtual', '--preset', 'tiny', '--slo', 'tpot<=1ms', '--out', file('capacity')],
    ],
    ['sweep', formatsOf(SWEEPS), () => ['sweep', SWEEP, '--virtual', '--out', file('sweep')]],
    ['sweep by simulate', ['csv', 'json'], () => ['simulate', SWEEP, '--out', file('sweep')]],
  ];
  // One after the other: some tell again what those before have left.
  it.each(CASES)(
    '%s: in every form at once, and what is written is what would be printed',
    async (name, forms, args) => {
      const quiet = args()[0] === 'compare' ? [] : ['--quiet'];
      const made = await goodput([...args(), ...quiet, '--json', ...files(name, forms)]);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(file(`${name}.json`), 'utf8')).toBe(made.stdout);
      for (const form of forms)
        expect(readFileSync(file(`${name}.${form}`), 'utf8').length).toBeGreaterThan(0);
      expect(
        readFileSync(file(`${name}.csv`), 'utf8')
          .trimEnd()
          .split('\r\n').length,
      ).toBeGreaterThan(1);
      if (name === 'sweep') {
        const csv = await goodput([...args(), ...quiet, '--format', 'csv']);
        expect(csv.stdout).toBe(readFileSync(file('sweep/sweep.csv'), 'utf8'));
      }
    },
    60_000,
  );

  it.each([
    [
      ['sweep', SWEEP, '--virtual', '--format', 'junit'],
      /--format: a sweep has no format junit; expected one of text, json, markdown, csv, html$/m,
    ],
    [
      ['simulate', SWEEP, '-o', 'r.xml'],
      /--output: r\.xml: a sweep has no format junit \(\.xml\); expected \.txt, \.json, \.md, \.markdown, \.csv, \.html, \.htm$/m,
    ],
    [['sweep', SWEEP, '--virtual', '-o', 'r.mdd'], /r\.mdd: unknown file ending; .*did you mean \.md\?/],
    [
      ['capacity', '--virtual', '--slo', 'ttft<=1s', '-o', 'r.cvs'],
      /r\.cvs: unknown file ending; .*did you mean \.csv\?/,
    ],
    [
      ['capacity', '--virtual', '--slo', 'ttft<=1s', '--out', 'new', '-o', 'new/r.md'],
      /new\/r\.md: its folder does not exist.*--out creates that folder later/,
    ],
    [['simulate', TWO, '--format', 'junti'], /unknown format "junti"; .*did you mean junit\?/],
    [['compare', RUN, 'nowhere', '-o', 'left.md'], /cannot read nowhere/],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await goodput(args, { cwd: scratch });
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    for (const left of ['new', 'left.md', 'r.xml']) expect(existsSync(file(left))).toBe(false);
  });
});

describe('outputs that cannot be', () => {
  it('are reported together before anything is sent, and change no file', async () => {
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
      file('folder.csv/none/x.md'),
      file('kept.md/x.md'),
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
    expect(stderr).toMatch(/--format: unknown format "markdwon"; .*did you mean markdown\?/);
    expect(stderr).toMatch(/kept\.md\/x\.md: its folder is a file/);
    expect(existsSync(file('folder.csv/none'))).toBe(false);
    expect(stderr).toMatch(/never\/report\.md: its folder does not exist.*--out creates that folder later/);
    expect(stderr).toMatch(/folder\.csv: it is a folder/);
    expect(stderr).toMatch(/x\.mdd: unknown file ending; expected \.txt, .*did you mean \.md\?/);
    expect(stderr).toMatch(/unknown format "jnuit"; .*did you mean junit\?/);
    expect(stderr).toMatch(/csv: has no file name/);
    expect(stderr).toMatch(/"-" is not a file; for stdout use --format/);
    expect(readFileSync(kept, 'utf8')).toBe('kept\n');
    expect(existsSync(file('new.md'))).toBe(false);
    expect(existsSync(file('never'))).toBe(false);
  });

  it.each([
    [['-o', 'a.md', '-o', './a.md'], /duplicate file .*a\.md/],
    [['--json', '--format', 'csv'], /--format csv: cannot be combined with --json/],
  ])('%j', async (args, message) => {
    const { code, stderr } = await goodput(['report', RUN, ...args], { cwd: scratch });
    expect(stderr).toMatch(message);
    expect(code).toBe(104);
    expect(existsSync(file('a.md'))).toBe(false);
  });

  it('a run that is refused leaves no empty file and no empty folder behind', async () => {
    const files = ['-o', file('left.md'), '-o', file('left/deep/er.md')];
    const { code } = await goodput([...SIMULATED, ...files, '--out', RUN]);
    expect(code).toBe(104);
    for (const left of ['left.md', 'left']) expect(existsSync(file(left))).toBe(false);
  });

  it('the folders of a file are made', async () => {
    const { code } = await goodput([
      'report',
      RUN,
      '-o',
      file('made/by/itself.md'),
      '-o',
      file('made/too.csv'),
    ]);
    expect(code).toBe(0);
    expect(readFileSync(file('made/by/itself.md'), 'utf8')).toContain('PASS');
    expect(readFileSync(file('made/too.csv'), 'utf8')).toContain('attainment');
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
    expect(stderr).toContain('cannot write /dev/full: no space left');
    expect(stdout).toMatch(/gate passed/);
    expect(readFileSync(file('beside.md'), 'utf8')).toContain('PASS');
  });
});

describe('the page of a run', () => {
  it('is written by its ending, printed by its name, and named below the text report', async () => {
    const path = file('pages/report.html');
    const { code, stdout, stderr } = await goodput(['report', RUN, '-o', path]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Page {2,}/);
    expect(stderr.replaceAll(/\s+/g, '')).toContain(path);
    expect(stdout).toContain('Attainment');
    const page = await readFile(path, 'utf8');
    expect(page).toMatch(/^<!doctype html><!-- SIMULATED.*-->\n/);
    const printed = await goodput(['report', RUN, '--format', 'html', '-o', file('other.html')]);
    expect(printed.stderr).toBe('');
    expect(printed.stdout).toBe(page);
  });

  it('is of one run', async () => {
    const { code, stderr } = await goodput(['report', RUN, RUN, '--format', 'html']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/one run.*2[^]*-o RUN\.html/);
  });

  it('has its numbers in the series document, one for each run', async () => {
    const one = JSON.parse((await goodput(['report', RUN, '--format', 'series'])).stdout) as object;
    const two = JSON.parse((await goodput(['report', RUN, RUN, '--format', 'series'])).stdout) as object[];
    expect(one).toMatchObject({
      simulated: true,
      schemaVersion: 1,
      points: { requests: expect.any(Number) as number },
    });
    expect(two).toEqual([one, one]);
  });
});
