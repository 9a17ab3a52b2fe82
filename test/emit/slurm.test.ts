import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { slurmCommand, type SlurmFlags } from '../../src/cli/handlers/slurm.ts';
import { slurmTime } from '../../src/emit/slurm.ts';
import { fakeConsole } from '../cli/console.ts';

const folder = mkdtempSync(join(tmpdir(), 'goodput-slurm-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENDPOINT = 'endpoint: { url: http://llm.example:8000/v1, apiKey: "${MY_KEY}" }\n';

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function script(path: string, flags: SlurmFlags): Promise<string> {
  const io = fakeConsole({ MY_KEY: 'sk-value' });
  expect(await slurmCommand(path, flags, io)).toBe(0);
  expect(io.out()).not.toContain('sk-value');
  return io.out();
}

/** Puts programs on a path that print their arguments, one per line, to a file, and runs the script with them. */
function carriedOut(
  text: string,
  env: Record<string, string>,
): { status: number | null; stderr: string; calls: string[][] } {
  const bin = join(folder, 'bin');
  const log = join(folder, 'calls');
  mkdirSync(bin, { recursive: true });
  writeFileSync(log, '');
  for (const name of ['srun', 'goodput', 'hostname']) {
    const own =
      name === 'hostname'
        ? 'echo node-7'
        : `printf '%s\\n' ${name} "$@" "token=$GOODPUT_MEET_TOKEN" end >> "$CALLS"`;
    writeFileSync(join(bin, name), `#!/bin/sh\n${own}\nexit "\${${name.toUpperCase()}:-0}"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const { status, stderr } = spawnSync('bash', ['-s'], {
    input: text,
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}${delimiter}${process.env['PATH']}`, SLURM_JOB_ID: '123456', CALLS: log, ...env },
  });
  const calls = readFileSync(log, 'utf8')
    .split('\nend\n')
    .filter(Boolean)
    .map((call) => call.split('\n'));
  return { status, stderr, calls };
}

test('the script starts one rank on each node, then merges', async () => {
  const path = written(
    "it's chat.yaml",
    `name: Chat Nightly\n${ENDPOINT}load: { rate: 40/s, warmup: 10s, duration: 4m, drain: 50s }\n`,
  );
  const text = await script(path, { nodes: '8', partition: 'cpu' });
  const options = text
    .split('\n')
    .flatMap((line) => /^#SBATCH --([a-z-]+)(?:=(\S+))?$/.exec(line)?.slice(1, 3) ?? []);
  // The time is 10 s + 4 min + 50 s, and 15 minutes.
  const expected =
    'job-name chat-nightly nodes 8 ntasks 8 ntasks-per-node 1 cpus-per-task 2 time 00:20:00 partition cpu output chat-nightly-%j.log no-kill no-requeue';
  expect(options.filter((each) => each !== undefined).join(' ')).toBe(expected);
  const { status, stderr, calls } = carriedOut(text, { MY_KEY: 'sk-value' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const out = 'reports/chat-nightly-123456';
  const token = calls[0]!.at(-1)!;
  expect(token).toMatch(/^token=[0-9a-f]{32}$/);
  const started = `srun --cpus-per-task=2 --kill-on-bad-exit=0 --wait=0 --output=${out}/rank-%t.log goodput run`;
  expect(calls).toEqual([
    // The port is 20000 + 123456 mod 10000.
    [
      ...started.split(' '),
      path,
      ...`--meet http://node-7:23456 --meet-timeout 5m --out ${out}`.split(' '),
      token,
    ],
    ['goodput', 'merge', out, '-o', `${out}/merged`, token],
  ]);
});

test.for([
  [{ SRUN: '98' }, 98],
  [{ GOODPUT: '99' }, 99],
  // What happened to a rank, such as a kill, says more than the verdict on the others.
  [{ SRUN: '137', GOODPUT: '98' }, 137],
] as const)(
  'the job exits as its ranks do, else as their merged run: %j',
  async ([codes, expected], { expect: check }) => {
    const text = await script(written('exit.yaml', ENDPOINT), { nodes: '2' });
    const { status, calls } = carriedOut(text, { MY_KEY: 'k', ...codes });
    check(status).toBe(expected);
    // The runs are merged in any case.
    check(calls.map(([program]) => program)).toEqual(['srun', 'goodput']);
  },
);

test('a key that is not set ends the job before anything starts', async () => {
  const { status, stderr, calls } = carriedOut(
    await script(written('key.yaml', ENDPOINT), { nodes: '2' }),
    {},
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain('MY_KEY');
  expect(calls).toEqual([]);
});

test('time limits', () => {
  expect(slurmTime(null)).toBe('01:00:00');
  expect(slurmTime(1)).toBe('00:16:00');
  expect(slurmTime(45 * 60_000)).toBe('01:00:00');
  // Two days and 15 minutes.
  expect(slurmTime(48 * 3_600_000)).toBe('2-00:15:00');
});

test.for([
  [{}, /--nodes/],
  [{ nodes: '2', time: '5h' }, /--time.*5h/],
  [{ nodes: '2', partition: 'a b' }, /--partition/],
  [{ nodes: '2', name: 'a\nb' }, /--name/],
] as const)('%o is refused', async ([flags, wrong]) => {
  const refused = slurmCommand(written('ok.yaml', ENDPOINT), flags, fakeConsole());
  await expect(refused).rejects.toMatchObject({
    exitCode: 104,
    message: expect.stringMatching(wrong) as string,
  });
});
