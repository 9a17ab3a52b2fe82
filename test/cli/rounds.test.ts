/** @module-tag timed */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComparisonDocument, RankedDocument } from '../../src/compare/written-comparison.ts';
import type { RoundsRecord } from '../../src/record/rounds-json.ts';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import { goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();
const at = (name: string): string => join(scratch, name);

/** Servers that differ in the base of a step alone: what is slower is known. */
const scenario = (bases: Record<string, number>): string => `
endpoints:
${Object.entries(bases)
  .map(([name, base]) => `  - { name: ${name}, url: simulated, simulator: { cost: { base: ${base} } } }`)
  .join('\n')}
simulator:
  engine: { maxNumSeqs: 32, prefixCaching: false }
  cost: { kind: linear, base: 8000, prefillToken: 40, decodeSequence: 100, contextToken: 0.05 }
workload:
  input: { distribution: lognormal, mean: 300, stddev: 200, min: 1, max: 4000 }
  output: { distribution: lognormal, mean: 40, stddev: 25, min: 1, max: 1000 }
load: { rate: 8/s, warmup: 4s, duration: 20s }
slo: { ttft: 100ms, tpot: 20ms }
`;

const readRecord = async (dir: string): Promise<RoundsRecord> =>
  JSON.parse(await readFile(join(dir, 'rounds.json'), 'utf8')) as RoundsRecord;

beforeAll(async () => {
  await writeFile(at('three.yaml'), scenario({ slow: 9600, fast: 7000, usual: 8000 }));
  await writeFile(at('two.yaml'), scenario({ old: 8000, next: 8800 }));
  await writeFile(at('equal.yaml'), scenario({ one: 8000, other: 8000 }));
  const runs = ['three', 'two', 'equal'].map((name) =>
    goodput(['simulate', at(`${name}.yaml`), '--quiet', '--json', '--out', at(name)]),
  );
  await Promise.all(runs);
}, 200_000);

describe('rounds of several endpoints on the virtual clock', () => {
  test('every round has one seed and one plan for all, in an order that turns', async () => {
    const { runs, endpoints, status } = await readRecord(at('three'));
    expect(status).toBe('complete');
    expect(endpoints).toEqual(['slow', 'fast', 'usual']);
    const byRound = [1, 2, 3, 4, 5].map((round) => runs.filter((run) => run.round === round));
    expect(byRound.map((each) => each.map(({ endpoint }) => endpoint[0]).join(''))).toEqual([
      'sfu',
      'fus',
      'usf',
      'sfu',
      'fus',
    ]);
    expect(byRound.map((each) => [...new Set(each.map(({ seed }) => seed))])).toEqual([
      [42],
      [43],
      [44],
      [45],
      [46],
    ]);
    const plans = await Promise.all(
      byRound[0]!.map(async ({ run }) => {
        const lines = (await readFile(join(at('three'), run, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
        return lines
          .map((line) => JSON.parse(line))
          .toSorted((a, b) => a.i - b.i)
          .map(({ planned_us, planned_input, planned_output }) => [
            planned_us,
            planned_input,
            planned_output,
          ]);
      }),
    );
    expect(plans[1]).toEqual(plans[0]);
    expect(plans[2]).toEqual(plans[0]);
  });

  test('three servers of known truth are ranked as they are, and the folder tells it again', async () => {
    const { code, stdout } = await goodput(['compare', at('three'), '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as RankedDocument;
    expect(found.verdict.status).toBe('ranked');
    const order = found.ranking.find(({ figure }) => figure === 'tpot mean')!.order;
    expect(order.map(({ name, rank }) => [name, rank])).toEqual([
      ['fast', 1],
      ['usual', 2],
      ['slow', 3],
    ]);
    expect(found.pairs.map(({ base, new: next }) => `${base} ${next}`)).toEqual([
      'slow fast',
      'slow usual',
      'fast usual',
    ]);
    expect(found.endpoints[0]).toMatchObject({ name: 'slow', token_source: 'usage', failures: {} });
    const text = await goodput(['compare', at('three')]);
    expect(text.stdout).toMatch(
      /tpot mean {3}1\. fast; 2\. usual \(\+[\d.]+%\*?, \+[\d.]+% to \+[\d.]+%\); 3\. slow/,
    );
  });

  test('two: a step 10 % slower is worse, exit 99; never where it is asked for never', async () => {
    const { code, stdout } = await goodput(['compare', at('two'), '--json']);
    const found = JSON.parse(stdout) as ComparisonDocument;
    expect(code).toBe(99);
    expect(found).toMatchObject({
      strength: 'rounds',
      paired: true,
      base: { name: 'old' },
      new: { name: 'next' },
      verdict: { status: 'worse', exitCode: 99 },
    });
    expect(found.metrics['tpot']!['mean']).toMatchObject({ method: 'R', verdict: 'worse' });
    expect((await goodput(['compare', at('two'), '--fail-on', 'never'])).code).toBe(0);
  });

  test('two that are one and the same on a clock without chance are the same', async () => {
    const { code, stdout } = await goodput(['compare', at('equal'), '--json', '--fail-on', 'inconclusive']);
    expect(JSON.parse(stdout).verdict).toMatchObject({ status: 'same' });
    expect(code).toBe(0);
  });

  test('a round without all of its runs is left out, and said', async () => {
    const record = await readRecord(at('two'));
    await mkdir(at('cut'));
    const runs = record.runs.slice(0, 5);
    for (const each of runs) each.run = join('..', 'two', each.run);
    await writeFile(
      join(at('cut'), 'rounds.json'),
      JSON.stringify({ ...record, status: 'interrupted', runs }),
    );
    const found = JSON.parse((await goodput(['compare', at('cut'), '--json'])).stdout) as ComparisonDocument;
    expect(found.base.runs).toHaveLength(2);
    expect(found.warnings[0]).toContain('2 of 5 rounds are complete');
  });

  test('Ctrl-C ends it gracefully: the complete rounds are compared, exit 105', async () => {
    const args = ['simulate', at('two.yaml'), '--rounds', '1000', '--out', at('stopped')];
    const { child, ended } = start(args);
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        if (text.includes('round 3 of 1000')) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(105);
    // The third round has what was measured before the signal.
    expect(stdout).toMatch(/\d pairs of runs/);
    expect(stdout).toContain('(exit 105)');
    const record = await readRecord(at('stopped'));
    expect(record.status).toBe('interrupted');
    expect((await readdir(at('stopped'))).length).toBe(record.runs.length + 1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('The same command with --out');
  }, 120_000);
});

describe('a folder of rounds that was stopped goes on', { timeout: 120_000 }, () => {
  const args = (rounds: string, out: string): string[] => [
    'simulate',
    at('two.yaml'),
    '--duration',
    '12s',
    '--rounds',
    rounds,
    '--json',
    '--out',
    at(out),
  ];
  /** Stops it in its third round. */
  const stopped = async (out: string, signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
    await rm(at(out), { recursive: true, force: true });
    const { child, ended } = start(args('4', out));
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        if (text.includes('round 3 of 4')) resolve();
      });
    });
    child.kill(signal);
    await ended;
  };
  const idsOf = async (out: string): Promise<Map<string, string>> => {
    const ids = new Map<string, string>();
    for (const name of await readdir(at(out))) {
      if (name.endsWith('.json')) continue;
      // A call that is killed as it makes a folder leaves it without a run.json.
      const text = await readFile(join(at(out), name, 'run.json'), 'utf8').catch(() => '{}');
      const header = JSON.parse(text);
      if (header.status === 'complete') ids.set(name, header.id);
    }
    return ids;
  };
  /** Figures of a comparison: all that does not say where and when it was measured. */
  const figuresOf = (stdout: string): unknown => {
    const { metrics, rates, verdict } = JSON.parse(stdout) as ComparisonDocument;
    return { metrics, rates, verdict };
  };
  let whole: unknown;
  let tries = 0;

  beforeAll(async () => {
    whole = figuresOf((await goodput(args('4', 'unstopped'))).stdout);
  }, 60_000);

  test.each([
    ['Ctrl-C', 'SIGINT'],
    ['a kill', 'SIGKILL'],
  ] as const)(
    'after %s: with what is missing alone, and the answer is that of one call',
    async (_, signal) => {
      await stopped(signal, signal);
      const before = await idsOf(signal);
      expect(before.size).toBeGreaterThanOrEqual(4);
      const { stdout, stderr, code } = await goodput(args('4', signal));
      expect(stderr).toContain(`: ${before.size} runs are complete`);
      const after = await idsOf(signal);
      for (const [name, id] of before) expect(after.get(name)).toBe(id);
      expect(figuresOf(stdout)).toEqual(whole);
      expect(code).toBe(99);
      const { status, rounds, runs } = await readRecord(at(signal));
      expect({ status, rounds }).toEqual({ status: 'complete', rounds: 4 });
      expect(new Set(runs.map(({ round, endpoint }) => `${round} ${endpoint}`)).size).toBe(8);

      const again = await goodput(args('4', signal));
      expect(again.stderr).toContain('nothing is left to measure');
      expect(figuresOf(again.stdout)).toEqual(whole);
      expect(await idsOf(signal)).toEqual(after);
    },
  );

  test('a run that was whole when the call was killed, and not written down, is taken', async () => {
    await goodput([...args('2', 'unwritten'), '--quiet']);
    const record = await readRecord(at('unwritten'));
    const runs = record.runs.slice(0, 3);
    await writeFile(
      join(at('unwritten'), 'rounds.json'),
      JSON.stringify({ ...record, status: 'running', runs }),
    );
    const { stderr } = await goodput(args('2', 'unwritten'));
    expect(stderr).toContain('4 runs are complete, nothing is left to measure');
    expect((await readRecord(at('unwritten'))).runs).toEqual(record.runs);
  });

  test('a folder without run.json, as a kill leaves it, stays; the run is measured beside it', async () => {
    const dir = at('begun');
    await rm(dir, { recursive: true, force: true });
    await cp(at('unwritten'), dir, { recursive: true });
    const record = await readRecord(dir);
    await rm(join(dir, '02-old', 'run.json'));
    const runs = record.runs.filter(({ run }) => run !== '02-old');
    await writeFile(join(dir, 'rounds.json'), JSON.stringify({ ...record, status: 'running', runs }));
    const { stderr } = await goodput(args('2', 'begun'));
    expect(stderr).toContain('3 runs are complete, 1 is left to measure');
    const again = (await readRecord(dir)).runs.find(
      ({ round, endpoint }) => round === 2 && endpoint === 'old',
    );
    expect(again!.run).toBe('02-old-again-2');
    expect((await readdir(join(dir, '02-old'))).toSorted()).not.toContain('run.json');
  });

  test('more rounds may be asked for; another scenario, other endpoints or another folder are refused', async () => {
    // A folder of its own: a second try of this test must not find the rounds of the first.
    const out = `more-${tries++}`;
    await cp(at('unwritten'), at(out), { recursive: true });
    const { stderr } = await goodput(args('3', out));
    expect(stderr).toContain('4 runs are complete, 2 are left to measure');
    const refused = async (...more: string[]): Promise<string> => {
      const ended = await goodput([...args('3', out), ...more]);
      expect(ended).toMatchObject({ code: 104, stdout: '' });
      return ended.stderr;
    };
    expect(await refused('--seed', '7')).toMatch(/01-old belongs to another comparison: seed differ/);
    expect(await refused('--rate', '9/s')).toMatch(/01-old belongs to another comparison: load differ/);
    const other = await goodput(['simulate', at('equal.yaml'), '--out', at(out)]);
    expect(other.stderr).toMatch(/compares old, next, not one, other/);
    await mkdir(at('strange'), { recursive: true });
    const strange = await goodput(args('2', 'strange'));
    expect(strange.stderr).toMatch(/strange exists already/);
    expect(strange.code).toBe(104);
  });

  test('a round in two goes, hours apart, is named', async () => {
    const dir = at('hours');
    await cp(at('unwritten'), dir, { recursive: true });
    for (const [name, later_ms] of [
      ['01-old', 0],
      ['01-next', 90_060_000],
      ['02-old', 0],
      ['02-next', 60_000],
    ] as const) {
      const file = join(dir, name, 'run.json');
      const header = JSON.parse(await readFile(file, 'utf8'));
      delete header.endpoint.virtual;
      header.origin.epoch_ms = 1.7e12 + later_ms;
      await writeFile(file, JSON.stringify(header));
    }
    const { warnings, warning_codes } = JSON.parse(
      (await goodput(['compare', dir, '--json'])).stdout,
    ) as ComparisonDocument;
    const named = warnings.filter((_, k) => warning_codes[k] === 'round_interrupted');
    // The run before lasts 16 s of load and a moment more.
    expect(named).toEqual([expect.stringMatching(/^Round 1 was interrupted for 25h/)]);
  });
});

describe('what the scenario says about comparing', () => {
  const sayings = 'rounds: 2\ntolerance: 60%\ndecide: [tpot mean]\nfailOn: inconclusive\n';

  test('applies where no flag is given, also when the folder is compared again', async () => {
    await writeFile(at('said.yaml'), scenario({ old: 8000, next: 8800 }) + sayings);
    const args = ['simulate', at('said.yaml'), '--quiet', '--json', '--duration', '12s'];
    const { code, stdout } = await goodput([...args, '--out', at('said')]);
    const { verdict } = JSON.parse(stdout) as ComparisonDocument;
    // A step 10 % slower is the same, where 60 % is.
    expect(verdict).toMatchObject({
      status: 'same',
      deciding: ['tpot mean'],
      tolerance_pct: 60,
      fail_on: 'inconclusive',
    });
    expect(code).toBe(0);
    const again = await goodput(['compare', at('said'), '--json']);
    expect(JSON.parse(again.stdout).verdict).toEqual(verdict);
    const other = await goodput(['compare', at('said'), '--json', '--tolerance', '1%', '--fail-on', 'never']);
    expect(JSON.parse(other.stdout).verdict).toMatchObject({
      deciding: ['tpot mean'],
      tolerance_pct: 1,
      fail_on: 'never',
    });
    const flag = await goodput([...args, '--decide', 'attainment,ttft mean', '--out', at('flagged')]);
    expect(JSON.parse(flag.stdout).verdict.deciding.toSorted()).toEqual(['attainment', 'ttft mean']);
  }, 60_000);

  test('has no effect with one endpoint, which a warning says', async () => {
    await writeFile(at('one.yaml'), `endpoint: simulated\n${sayings}load: { warmup: 0s, duration: 5s }\n`);
    const { code, stderr } = await goodput(['simulate', at('one.yaml'), '--out', at('one')]);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: rounds, tolerance, failOn, decide: there is only one endpoint');
  });
});

describe('rounds over sockets', () => {
  let servers: StartedEndpoint[] = [];
  beforeAll(async () => {
    servers = await Promise.all([startEndpoint(), startEndpoint()]);
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  test('--against measures both endpoints alternately; a key is in neither folder', async () => {
    const [base, next] = servers.map(({ url }) => url) as [string, string];
    const args = [
      'run',
      '--url',
      next,
      '--against',
      base,
      '--rounds',
      '2',
      '--rate',
      '20/s',
      '--warmup',
      '0s',
    ];
    const { code, stdout, stderr } = await goodput(
      [
        ...args,
        '--duration',
        '500ms',
        '--input-tokens',
        '20',
        '--output-tokens',
        '5',
        '--no-probe',
        '--json',
        '--out',
        at('sockets'),
        '--api-key-env',
        'KEY',
      ],
      { env: { KEY: 'a-key-that-nobody-sees' } },
    );
    expect(stderr).toContain('round 2 of 2');
    expect([0, 98, 99]).toContain(code);
    const found = JSON.parse(stdout) as ComparisonDocument;
    expect(found).toMatchObject({
      base: { name: 'base', url: base },
      new: { name: 'new', url: next },
    });
    const { runs } = await readRecord(at('sockets'));
    expect(runs.map(({ round, endpoint }) => `${round} ${endpoint}`)).toEqual([
      '1 base',
      '1 new',
      '2 new',
      '2 base',
    ]);
    for (const { run } of runs)
      expect(await readFile(join(at('sockets'), run, 'run.json'), 'utf8')).not.toContain(
        'a-key-that-nobody-sees',
      );
  }, 120_000);
});

describe('mistakes end with 104', () => {
  test.each([
    [['run', '--rounds', '3'], /--rounds: there is only one endpoint/],
    [['run', '--against', 'http://127.0.0.1:1/v1', '--rounds', '1'], /--rounds: .*at least 2/],
    [['run', 'two.yaml', '--url', 'http://127.0.0.1:1/v1'], /--url: .*endpoints:/],
    [['run', 'two.yaml', '--api-key-env', 'KEY'], /--api-key-env: .*endpoints:/],
    [['simulate', 'two.yaml', '--gate', 'attainment>=90%'], /--gate cannot be combined with a comparison/],
    [['simulate', 'two.yaml', '--decide', 'tpot'], /tpot is a distribution/],
    [['compare', 'empty'], /empty .*no round .*every endpoint/],
  ])('%j', async (args, message) => {
    await mkdir(at('empty'), { recursive: true });
    const record = {
      schemaVersion: 1,
      version: '0.1.0',
      name: 'empty',
      started: '2026-01-01T00:00:00.000Z',
      endpoints: ['a', 'b'],
      runs: [],
      rounds: 5,
      status: 'interrupted',
    };
    await writeFile(join(at('empty'), 'rounds.json'), JSON.stringify(record));
    const { code, stderr, stdout } = await goodput(args, { cwd: scratch });
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    await rm(at('empty'), { recursive: true });
  });
});
