import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `simulation-${count++}`);

const MINUTE = ['--rate', '8/s', '--warmup', '5s', '--duration', '60s', '--quiet'];

test('a seed gives the same samples to the byte, another seed others, and all is marked as simulated', async () => {
  const [a, b, c] = [folder(), folder(), folder()];
  const first = await goodput(['simulate', ...MINUTE, '--out', a]);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('SIMULATED on a virtual clock: nothing was sent');
  await goodput(['simulate', ...MINUTE, '--out', b]);
  await goodput(['simulate', ...MINUTE, '--seed', '7', '--out', c]);
  const [one, again, other] = await Promise.all(
    [a, b, c].map((dir) => readFile(join(dir, 'samples.jsonl'), 'utf8')),
  );
  expect(again).toBe(one);
  expect(other).not.toBe(one);
  expect(one!.split('\n').length).toBeGreaterThan(400);

  const header = JSON.parse(await readFile(join(a, 'run.json'), 'utf8'));
  expect(header).toMatchObject({
    status: 'complete',
    endpoint: {
      url: 'simulated',
      simulated: true,
      virtual: true,
      said: { preset: 'llama-3.1-8b-h100', engine: { maxNumSeqs: 256 }, simulated: { preemptions: 0 } },
    },
    window: { start_us: 5e6, end_us: 65e6 },
  });
  const summary = JSON.parse(await readFile(join(a, 'summary.json'), 'utf8')) as Summary;
  expect(summary.endpoint).toEqual({
    url: 'simulated',
    api: 'chat',
    model: 'simulated',
    simulated: true,
    virtual: true,
  });
  expect(summary.audit.status).toBe('valid');
  const report = await goodput(['report', a]);
  expect(report.stdout).toBe(first.stdout.replace('(exit 0)', '(the run exited 0)'));
});

test('a scenario of a real server is simulated, without its key and its headers, and gates decide', async () => {
  const file = join(scratch, 'real.yaml');
  await writeFile(
    file,
    `endpoint: { url: "http://192.0.2.1/v1", apiKey: "\${NOT_SET_HERE}", headers: { x-key: "\${NOR_HERE}" }, model: mine }
simulator: { preset: tiny }
load: { rate: 5/s, warmup: 1s, duration: 20s }
slo: { ttft: 1s }
gates: [attainment >= 99%]
`,
  );
  const met = await goodput(['simulate', file, '--json', '--quiet', '--out', folder()]);
  expect(met).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(met.stdout)).toMatchObject({
    endpoint: { model: 'mine', simulated: true },
    verdict: { status: 'pass' },
  });
  const crowded = ['--engine', 'maxNumSeqs=1', '--engine', 'prefixCaching=false', '--rate', '60/s'];
  const missed = await goodput(['simulate', file, '--json', '--quiet', '--out', folder(), ...crowded]);
  expect(missed.code).toBe(99);
  expect((JSON.parse(missed.stdout) as Summary).verdict.status).toBe('fail');
});

test('gates with confidence: met on a long run, inconclusive on a short one, refused where there is no method', async () => {
  const slo = ['--preset', 'tiny', '--rate', '4/s', '--slo', 'ttft<=5s', '--quiet'];
  const gate = ['--gate', 'attainment >= 90% with 95% confidence'];
  const run = ['simulate', ...slo, ...gate, '--json', '--out'];
  const long = await goodput([...run, folder(), '--duration', '10m']);
  expect(long).toMatchObject({ code: 0, stderr: '' });
  const [met] = (JSON.parse(long.stdout) as Summary).verdict.gates;
  expect(met).toMatchObject({ value: 1, pass: true, confidence: 0.95, high: 1 });
  expect(met!.low).toBeGreaterThan(0.9);
  const short = await goodput([...run, folder(), '--duration', '5s']);
  expect(short.code).toBe(99);
  const [unsure] = (JSON.parse(short.stdout) as Summary).verdict.gates;
  expect(unsure).toMatchObject({ value: 1, pass: false, inconclusive: true });
  expect(unsure!.more_requests).toBeGreaterThan(0);
  expect(unsure!.reason).toMatch(/^inconclusive: .* more/);
  const refused = await goodput([
    'simulate',
    ...slo,
    '--gate',
    'max_gap p99 <= 1s with 95% confidence',
    '--out',
    folder(),
  ]);
  expect(refused.code).toBe(104);
  expect(refused.stderr).toMatch(/no interval for max_gap p99/);
}, 60_000);

test('what nothing follows on a virtual clock is said', async () => {
  const { stderr, stdout } = await goodput(
    ['simulate', '--body', 'n=3', '--fault', 'hang', '--requests', '5', '--json', '--out', folder()],
    { env: { GOODPUT_RATE: '9/s' } },
  );
  expect(stderr).toContain('endpoint.body.n was ignored');
  expect(stderr).toContain('simulator.dialect and simulator.faults were ignored');
  const summary = JSON.parse(stdout) as Summary;
  expect(summary.load.rate_rps).toBe(9);
  expect(summary.notes.join()).toContain('endpoint.body.n was ignored');
});

test.each([
  [['--url', 'http://127.0.0.1:1/v1'], /unknown option '--url'/],
  [['--preset', 'lama-3.1-8b-h100'], /--preset: got "lama-3.1-8b-h100"; .* did you mean llama-3.1-8b-h100\?/],
  [
    ['--engine', 'kvBlock=7'],
    /--engine: simulator\.engine\.kvBlock: unknown key; expected .* did you mean kvBlocks\?/,
  ],
  [['--engine', '9'], /--engine: .*expected key=value, like maxNumSeqs=64/],
  [['nowhere.yaml'], /cannot read the scenario nowhere\.yaml: it does not exist/],
  [['.'], /cannot read the scenario \.: it is a folder/],
  // It never ends.
  [['/dev/zero'], /\/dev\/zero: larger than 1 MiB/],
  [['--prompts', 'nowhere.jsonl'], /nowhere\.jsonl: cannot be read: it does not exist/],
])('mistakes end with 104: %j', async (args, message) => {
  const { code, stderr, stdout } = await goodput(['simulate', ...args]);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(code).toBe(104);
});

test('Ctrl-C ends it in good order', async () => {
  const out = folder();
  // Hours of load: nobody waits for that.
  const { child, ended } = start([
    'simulate',
    '--rate',
    '50/s',
    '--duration',
    '20h',
    '--drain',
    '5s',
    '--out',
    out,
  ]);
  await new Promise<void>((resolve) => {
    child.stderr!.on('data', (text: string) => {
      if (text.includes('measure')) resolve();
    });
  });
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect(stderr).toContain('interrupted: nothing more is sent');
  expect(code).toBe(105);
  expect(stdout).toMatch(/INTERRUPTED/i);
  const header = JSON.parse(await readFile(join(out, 'run.json'), 'utf8'));
  expect(header.status).toBe('interrupted');
  expect(header.window.end_us).toBeLessThan(20 * 3600e6);
  const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(header.planned);
});

test('--fail-fast ends a run whose gate can no longer be met: exit 99, at the same instant each time, nothing lost', async () => {
  const overloaded = ['--preset', 'tiny', '--engine', 'maxNumSeqs=2', '--rate', '20/s', '--duration', '10m'];
  const gated = ['--slo', 'ttft<=100ms', '--gate', 'attainment >= 90%', '--gate', 'rps >= 1', '--fail-fast'];
  const [a, b] = [folder(), folder()];
  const first = await goodput(['simulate', ...overloaded, ...gated, '--json', '--out', a]);
  expect(first.code).toBe(99);
  expect(first.stderr).toContain('cannot tell before the end of this run whether it meets "rps >= 1"');
  const summary = JSON.parse(first.stdout) as Summary;
  expect(summary.run).toMatchObject({ status: 'interrupted', stopped_by: 'gate' });
  expect(summary.run.reason).toMatch(
    /^attainment >= 90% can no longer be met: 11\d\d of at most 11\d\d\d requests are not good$/,
  );
  expect(summary.verdict).toMatchObject({
    status: 'fail',
    exitCode: 99,
    gates: [{ pass: false }, { pass: true }],
  });
  expect(summary.load.window_s).toBeLessThan(400);
  // Every request of the plan before the end has its line.
  const lines = (await readFile(join(a, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
  const header = JSON.parse(await readFile(join(a, 'run.json'), 'utf8'));
  expect(lines).toHaveLength(header.planned);
  expect(summary.counts.lost).toBe(0);
  await goodput(['simulate', ...overloaded, ...gated, '--quiet', '--out', b]);
  expect(await readFile(join(b, 'samples.jsonl'), 'utf8')).toBe(
    await readFile(join(a, 'samples.jsonl'), 'utf8'),
  );
  const again = await goodput(['report', a]);
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/^FAIL .*\n {2}The run ended early \(attainment >= 90% can no/);
  const met = await goodput([
    'simulate',
    '--preset',
    'tiny',
    '--rate',
    '4/s',
    '--duration',
    '30s',
    ...gated,
    '--quiet',
    '--out',
    folder(),
  ]);
  expect(met.code).toBe(0);
  expect(met.stdout).not.toContain('ended early');
}, 90_000);
