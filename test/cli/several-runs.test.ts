/** @module-tag timed */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CapacityDocument } from '../../src/capacity/capacity-document.ts';
import type { SweepDocument } from '../../src/sweep/sweep-document.ts';
import { goodput, scratchFolder } from './goodput.ts';

/** Folders of several runs after a kill, a full disk or Ctrl-C. */

const scratch = await scratchFolder();
const at = (name: string): string => join(scratch, name);

const SWEEP = at('sweep.yaml');
await writeFile(
  SWEEP,
  `endpoint: simulated
workload: { input: { tokens: 20 }, output: { tokens: 4 } }
load: { requests: 5, warmup: 0s }
sweep: { rate: [10/s, 20/s, 30/s, 40/s] }
`,
);

describe('a folder that cannot be written', () => {
  it('a sweep whose document finds no room ends with 1, names the file, and goes on when there is', async () => {
    const dir = at('full');
    const args = ['sweep', SWEEP, '--virtual', '--quiet', '--json', '--out', dir];
    // 20 KiB a file: enough for every run's own files, and not for the document of all.
    const full = await goodput(args, { shell: 'ulimit -f 40; exec "$0" "$@"' });
    expect(full).toMatchObject({ code: 1, stdout: '' });
    expect(full.stderr).toMatch(
      /^error: cannot write \S+sweep\.json: the limit for the size of one file is reached \(EFBIG\)\n {2}hint: .*same command .*--out \S+full\.\n$/,
    );
    const before = (await readdir(dir)).filter((name) => name.startsWith('point-'));
    expect(before.length).toBeGreaterThan(0);
    const again = await goodput(args);
    expect(again.code).toBe(0);
    const { points } = JSON.parse(again.stdout) as SweepDocument;
    expect(points).toHaveLength(4);
    expect(points.map(({ run }) => run)).toEqual(expect.arrayContaining(before));
  }, 60_000);

  it.each([
    ['sweep', [SWEEP]],
    ['capacity', ['--slo', 'ttft<=1s']],
  ])('%s: a folder that cannot be created is reported before anything is sent', async (command, args) => {
    const dir = '/proc/goodput/none';
    const { code, stdout, stderr } = await goodput([command, ...args, '--virtual', '--quiet', '--out', dir]);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toMatch(/^error: cannot create the output folder \/proc\/goodput\/none: /);
  });
});

it('a probe that was killed before it began does not keep a search from going on', async () => {
  const dir = at('search');
  const args = ['capacity', '--virtual', '--preset', 'tiny', '--slo', 'ttft<=150ms', '--input-tokens', '100'];
  const search = async (budget: string): Promise<CapacityDocument> => {
    const found = await goodput([
      ...args,
      '--output-tokens',
      '20',
      '--json',
      '--budget',
      budget,
      '--out',
      dir,
    ]);
    return JSON.parse(found.stdout) as CapacityDocument;
  };
  const first = await search('1s');
  const number = first.probes.length + 1;
  const killed = `probe-${String(number).padStart(3, '0')}`;
  await mkdir(join(dir, killed));
  await writeFile(join(dir, killed, 'samples.jsonl'), '');
  const { probes } = await search('90s');
  expect(probes.length).toBeGreaterThan(number);
  expect(probes[number - 1]!.run).toBe(`${killed}-again-2`);
  expect(await readdir(join(dir, killed))).toEqual(['samples.jsonl']);
  // And once more, with all of them to be read.
  const again = await search('0s');
  expect(again.probes.map(({ run }) => run)).toEqual(probes.map(({ run }) => run));
}, 60_000);

describe('rounds', () => {
  it.each([
    [
      '{"schemaVersion":1,"endpoints":["a","b"],"runs":[{"round":1}],"rounds":2}',
      /rounds\.json: ".*" is missing/,
    ],
    [
      '{"schemaVersion":1,"version":"1","name":"n","started":"t","endpoints":["a",2],"runs":[]}',
      /rounds\.json: "endpoints\[1\]"/,
    ],
    [
      '{"schemaVersion":1,"version":"1","name":"n","started":"t","endpoints":["a"],"runs":[]}',
      /rounds\.json: "endpoints" has 1 entries/,
    ],
    [
      '{"schemaVersion":1,"version":"1","name":"n","started":"t","status":"running","endpoints":["a","b"],"runs":[null],"rounds":2}',
      /rounds\.json: "runs\[0\]"/,
    ],
    ['{"schemaVersion":1,"endpo', /rounds\.json: .*JSON.*line 1 column/],
  ])('a damaged record is a usage error: %s', async (text, message) => {
    const dir = at('damaged');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'rounds.json'), text);
    const { code, stderr } = await goodput(['compare', dir]);
    expect(code).toBe(104);
    expect(stderr).toMatch(message);
  });
});

it('a torn last line is left out, and the request that it was of is missed', async () => {
  const run = async (dir: string): Promise<void> => {
    const { code } = await goodput([
      'simulate',
      '--requests',
      '50',
      '--rate',
      '20/s',
      '--warmup',
      '0s',
      '--quiet',
      '--out',
      dir,
    ]);
    expect(code).toBe(0);
  };
  await run(at('torn-base'));
  await run(at('torn-new'));
  const samples = join(at('torn-new'), 'samples.jsonl');
  await writeFile(samples, (await readFile(samples, 'utf8')).slice(0, -100));
  const { code, stdout } = await goodput(['compare', at('torn-base'), at('torn-new'), '--json']);
  expect(code).toBe(0);
  const { warnings } = JSON.parse(stdout) as { warnings: string[] };
  expect(warnings.join('\n')).toContain('torn-new lost 1 request without a record');
}, 60_000);
