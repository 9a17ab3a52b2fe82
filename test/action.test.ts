/**
 * @module-tag timed
 * @module-tag study
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TEST_ENVIRONMENT } from './environment.ts';

/** action.yml as GitHub's runner reads it: its shell steps are run here, with the inputs where the runner puts them. */
interface Step {
  name?: string;
  id?: string;
  uses?: string;
  shell?: string;
  env?: Record<string, string>;
  run?: string;
}
interface Action {
  name: string;
  description: string;
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { using: string; steps: Step[] };
}

const ROOT = join(import.meta.dirname, '..');
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;
const steps = action.runs.steps;

let scratch: string;
/** Where the runner has put the action: built already, with the program of this tree. */
let actionPath: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'goodput-action-'));
  actionPath = join(scratch, 'action');
  mkdirSync(join(actionPath, 'dist'), { recursive: true });
  writeFileSync(
    join(actionPath, 'dist', 'bin.js'),
    `import ${JSON.stringify(pathToFileURL(join(ROOT, 'src', 'bin.ts')).href)};\n`,
  );
  writeFileSync(join(actionPath, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(scratch, { recursive: true }));

let count = 0;

/** One job: every shell step until one fails. */
function job(inputs: Record<string, string>) {
  const dir = join(scratch, `job-${count++}`);
  mkdirSync(join(dir, 'temp'), { recursive: true });
  const file = (name: string): string => join(dir, name);
  const values = {
    ...Object.fromEntries(Object.entries(action.inputs).map(([name, each]) => [name, each.default])),
    ...inputs,
  };
  const expand = (text: string): string =>
    text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => {
      if (expression === 'github.action_path') return actionPath;
      const name = expression.replace(/^inputs\./, '');
      if (!(name in values)) throw new Error(`no ${expression}`);
      return values[name as keyof typeof values]!;
    });
  let code: number | null = 0;
  let stdout = '';
  let stderr = '';
  for (const { run, env = {} } of steps.filter((step) => step.run !== undefined)) {
    const ended = spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', run!], {
      cwd: dir,
      encoding: 'utf8',
      env: {
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        LANG: 'C.UTF-8',
        ...TEST_ENVIRONMENT,
        GOODPUT_CACHE_DIR: file('no-cache'),
        RUNNER_TEMP: file('temp'),
        GITHUB_OUTPUT: file('output'),
        GITHUB_STEP_SUMMARY: file('summary.md'),
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, expand(value)])),
      },
    });
    code = ended.status;
    stdout += ended.stdout;
    stderr += ended.stderr;
    if (code !== 0) break;
  }
  const text = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
  const outputs = Object.fromEntries(
    text('output')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { code, stdout, stderr, outputs, summary: text('summary.md'), file };
}

const LOAD =
  '--rate\n10/s\n--warmup\n0s\n--duration\n1500ms\n--input-tokens\n20\n--output-tokens\n4\n--quiet';

describe('action.yml', () => {
  it('has what the marketplace and the runner ask for', () => {
    expect(action).toMatchObject({ name: 'goodput', runs: { using: 'composite' } });
    expect(action.description.length).toBeLessThan(125);
    for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)])
      expect(description).toMatch(/\S/);
    for (const step of steps.filter(({ run }) => run !== undefined)) expect(step.shell).toBe('bash');
  });

  it('puts inputs into the environment alone: nothing of them is ever code', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
    const used = steps.flatMap(
      ({ env = {} }) =>
        Object.values(env)
          .join(' ')
          .match(/inputs\.[\w-]+/g) ?? [],
    );
    expect(new Set(used)).toEqual(new Set(Object.keys(action.inputs).map((name) => `inputs.${name}`)));
  });

  it('measures, and leaves results where people look', () => {
    const { code, stdout, outputs, summary, file } = job({
      url: 'simulated',
      slo: 'ttft<=5s',
      gates: 'attainment >= 50%\n\n  error_rate <= 10%\n',
      args: LOAD,
      junit: 'results.xml',
    });
    // A machine that was blocked makes a run invalid, and the run says so; the rest still applies.
    expect([0, 98]).toContain(code);
    expect(outputs).toMatchObject({ 'exit-code': String(code), verdict: code === 0 ? 'pass' : 'invalid' });
    expect(outputs['run']).toMatch(/^reports\/goodput(-again-1)?$/);
    if (code === 0) {
      expect(stdout).toMatch(/^::notice title=goodput%3A simulated \(SIMULATED\)::.*2 gates.* \(exit 0\)$/m);
      expect(summary).toMatch(/^### ✅ PASS: `simulated`.*2 gates.*SIMULATED/);
    }
    expect(Number(outputs['attainment'])).toBeGreaterThan(0.5);
    expect(Number(outputs['goodput-rpm'])).toBeGreaterThan(0);
    expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(action.outputs).toSorted());
    expect(readFileSync(file('results.xml'), 'utf8')).toContain('failures="0"');
    expect(existsSync(join(file('reports/goodput'), 'samples.jsonl'))).toBe(true);
  }, 60_000);

  it('fails the step where a gate fails, and the results are there all the same', () => {
    const { code, stdout, outputs, summary } = job({
      url: 'simulated',
      slo: 'ttft<=1us',
      gates: 'attainment >= 50%',
      args: LOAD,
    });
    expect([99, 98]).toContain(code);
    expect(stdout).toMatch(/^::error title=simulated%3A gate::attainment >= 50%25: 0%25$/m);
    expect(outputs).toMatchObject({ 'exit-code': String(code), attainment: '0' });
    expect(summary).toContain('❌ **FAIL**');
  }, 60_000);

  it('measures again where a run was invalid, as often as asked', () => {
    const { code, stdout, outputs } = job({
      url: 'http://127.0.0.1:9/v1',
      args: '--requests\n3\n--rate\n50/s\n--warmup\n0s\n--no-probe\n--quiet',
      'retry-invalid': '2',
    });
    expect(code).toBe(98);
    expect(stdout.match(/measuring again/g)).toHaveLength(2);
    expect(outputs).toMatchObject({ verdict: 'invalid', run: 'reports/goodput-again-2' });
  }, 60_000);

  it.each([
    ['nothing', {}],
    ['gates alone', { slo: 'ttft<=5s', gates: 'attainment >= 50%' }],
    ['a load alone', { args: LOAD }],
  ])('refuses the embedded endpoint where nobody named it: %s', (_, inputs) => {
    const { code, stderr, outputs, file } = job(inputs);
    expect(code).toBe(104);
    expect(stderr).toMatch(/no endpoint is named[^]*--url/);
    expect(outputs).toMatchObject({ 'exit-code': '104' });
    expect(existsSync(file('reports'))).toBe(false);
  });

  it('takes what stands in its inputs for words', () => {
    const { code, stdout, stderr, outputs, summary, file } = job({
      scenario: 'a b; touch owned.yaml',
      gates: '$(touch owned) >= 1',
      'api-key': '`touch owned`',
      args: '--name\n$(touch owned)',
    });
    expect(code).toBe(104);
    expect(stderr).toContain('a b; touch owned.yaml');
    expect(existsSync(file('owned'))).toBe(false);
    expect(outputs).toEqual({ 'exit-code': '104', run: 'reports/goodput' });
    expect(stdout + summary).toBe('');
  }, 60_000);
});
