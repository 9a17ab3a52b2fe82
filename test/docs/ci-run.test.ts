/**
 * @module-tag timed
 * @module-tag study
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import { TEST_ENVIRONMENT } from '../environment.ts';

/** Runs the shell commands of docs/ci.md in a fresh checkout; only the installation of goodput is replaced. */
const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
const yaml = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => parse(text!) as unknown);

interface Step {
  if?: string;
  run?: string;
  env?: Record<string, string>;
}
const isSteps = (document: unknown): document is Step[] => Array.isArray(document);
const stepsWith = (text: string): Step[] =>
  yaml.filter(isSteps).find((steps) => steps.some(({ run = '' }) => run.includes(text)))!;

const SCENARIO = `
workload: { input: { tokens: 20 }, output: { tokens: 4 } }
load: { rate: 40/s, warmup: 0s, duration: 4s, drain: 10s }
slo: { ttft: 10s }
`;
const KEY = 'ci-key-0123456789';

let scratch: string;
let endpoint: StartedEndpoint;
let jobs = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'goodput-ci-'));
  endpoint = await startEndpoint({ apiKey: KEY });
  const bin = join(import.meta.dirname, '..', '..', 'src', 'bin.ts');
  await mkdir(join(scratch, 'bin'));
  const programs = {
    goodput: `exec ${process.execPath} ${bin} "$@"`,
    npm: '[ "$*" = "install --global goodput" ]',
  };
  for (const [name, line] of Object.entries(programs)) {
    const file = join(scratch, 'bin', name);
    await writeFile(file, `#!/bin/sh\n${line}\n`);
    await chmod(file, 0o755);
  }
});
afterAll(async () => {
  await endpoint.close();
  await rm(scratch, { recursive: true });
});

/** Returns a fresh checkout, with the scenario that the page names. */
async function checkout(): Promise<string> {
  const dir = join(scratch, `job-${jobs++}`);
  await mkdir(join(dir, 'perf'), { recursive: true });
  await writeFile(join(dir, 'perf', 'chat.yaml'), SCENARIO);
  return dir;
}

/** Runs lines as a CI runner does. */
function shell(dir: string, text: string, env: Record<string, string>): Promise<number | null> {
  const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', text], {
    cwd: dir,
    env: {
      PATH: `${join(scratch, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
      LANG: 'C.UTF-8',
      ...TEST_ENVIRONMENT,
      CI: 'true',
      GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
      GOODPUT_CACHE_DIR: join(dir, 'no-cache'),
      ...env,
    },
    stdio: 'ignore',
  });
  return new Promise((resolve) => child.on('close', resolve));
}

const expanded = (env: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replace('${{ vars.CANDIDATE_URL }}', endpoint.url).replace('${{ secrets.CANDIDATE_KEY }}', KEY),
    ]),
  );

const fileIn = (dir: string, name: string): string => readFileSync(join(dir, name), 'utf8');

it('the steps without the action run a measurement, and those of the stored baseline a comparison', async () => {
  const dir = await checkout();
  const codes: (number | null)[] = [];
  for (const { run, env } of stepsWith('goodput run')) codes.push(await shell(dir, run!, expanded(env)));
  // A busy machine can make a run invalid; everything else must hold anyway.
  expect(codes).toEqual([0, expect.toBeOneOf([0, 98])]);
  expect(fileIn(dir, 'summary.md')).toContain('ttft');
  expect(fileIn(dir, 'reports/goodput.xml')).toContain('the run is valid');
  expect(existsSync(join(dir, 'reports', 'candidate', 'run.json'))).toBe(true);

  const before = fileIn(dir, 'summary.md').length;
  for (const { run } of stepsWith('goodput compare').filter((step) => step.run !== undefined))
    expect(await shell(dir, run!, {})).toBeOneOf([0, 98]);
  expect(fileIn(dir, 'summary.md').length).toBeGreaterThan(2 * before);
}, 120_000);

it('the job for GitLab runs a measurement', async () => {
  const dir = await checkout();
  const { goodput: job } = yaml.find(
    (document): document is { goodput: { before_script: string[]; script: string[] } } =>
      typeof document === 'object' && document !== null && 'goodput' in document,
  )!;
  const lines = [...job.before_script, ...job.script].join('\n');
  const code = await shell(dir, lines, { CANDIDATE_URL: endpoint.url, CANDIDATE_KEY: KEY });
  // The gate of such a short run may be inconclusive.
  expect(code).toBeOneOf([0, 98, 99]);
  expect(fileIn(dir, 'reports/goodput.xml')).toContain('attainment');
  expect(fileIn(dir, 'reports/goodput.prom')).toContain('goodput_exit_code');
}, 120_000);
