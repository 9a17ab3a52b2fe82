/** @module-tag timed */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `run-${count++}`);

const GATED = ['--slo', 'ttft<=10s', '--gate', 'attainment>=1%'];
const SHORT = ['--rate', '20/s', '--warmup', '0s', '--duration', '500ms', '--output-tokens', '2', '--quiet'];

describe('a gated run in CI', () => {
  it.each(['true', '1', 'woodpecker'])(
    'without an endpoint is refused before anything is sent (CI=%s)',
    async (CI) => {
      const out = folder();
      for (const command of [['run', ...SHORT, '--out', out], ['plan']]) {
        const { code, stdout, stderr } = await goodput([...command, ...GATED], { env: { CI } });
        expect([code, stdout]).toEqual([104, '']);
        expect(stderr).toMatch(/no endpoint is named/);
        expect(stderr).toMatch(/hint: .*--url URL.*--url simulated/);
      }
      expect(existsSync(out)).toBe(false);
    },
  );

  it('judges the embedded endpoint where it is named: by flag, variable, file or one of its settings', async () => {
    const file = join(scratch, 'named.yaml');
    await writeFile(file, 'endpoint: simulated\n');
    const named: readonly [readonly string[], Record<string, string>][] = [
      [['--url', 'simulated'], {}],
      [[], { GOODPUT_URL: 'simulated' }],
      [[file], {}],
      [['--preset', 'llama-3.1-8b-l4'], {}],
    ];
    for (const [args, env] of named) {
      const { code, stderr } = await goodput(['plan', ...args, ...GATED], { env: { CI: 'true', ...env } });
      expect([code, stderr]).toEqual([0, '']);
    }
    const run = await goodput(['run', '--url', 'simulated', ...SHORT, ...GATED, '--out', folder()], {
      env: { CI: 'true' },
    });
    // A machine that stands still makes the run invalid, and nothing else can.
    expect([0, 98]).toContain(run.code);
    expect(run.stdout).toContain('SIMULATED');
  });

  it.each([
    ['no gate', ['plan', '--slo', 'ttft<=10s'], { CI: 'true' }],
    ['no CI', ['plan', ...GATED], { CI: '' }],
    ['CI switched off', ['plan', ...GATED], { CI: 'false' }],
    ['simulate, which has no other endpoint', ['simulate', ...SHORT, ...GATED], { CI: 'true' }],
  ])('is no matter of this rule: %s', async (_, args, env) => {
    const more = args[0] === 'simulate' ? ['--out', folder()] : [];
    const { code, stderr } = await goodput([...args, ...more], { env });
    expect([code, stderr]).toEqual([0, '']);
  });
});

it('--require-endpoint asks for one without gates and outside of CI too', async () => {
  const out = folder();
  const refused = await goodput(['run', ...SHORT, '--require-endpoint', '--out', out]);
  expect([refused.code, refused.stdout]).toEqual([104, '']);
  expect(refused.stderr).toMatch(/no endpoint is named: --require-endpoint/);
  expect(existsSync(out)).toBe(false);
  const named = await goodput(['plan', '--url', 'simulated', '--require-endpoint']);
  expect([named.code, named.stderr]).toEqual([0, '']);
});

describe('--against', () => {
  it.each(['run', 'plan'])('%s refuses it without an endpoint to compare', async (command) => {
    const { code, stdout, stderr } = await goodput([command, '--against', 'http://127.0.0.1:9/v1']);
    expect([code, stdout]).toEqual([104, '']);
    expect(stderr).toMatch(/--against: no endpoint to compare/);
    expect(stderr).toContain('--url NEW --against BASE');
  });
});
