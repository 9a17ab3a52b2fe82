import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();

describe('usage errors end with 104, name the location and the fix', () => {
  const file = (name: string): string => join(scratch, name);
  const CASES: [string, () => Promise<readonly string[]>, readonly RegExp[]][] = [
    [
      'an unknown flag',
      async () => ['run', '--concurency', '4'],
      [/unknown option '--concurency'/, /--concurrency/],
    ],
    ['an unknown command', async () => ['rum'], [/unknown command 'rum'/, /run/]],
    ['a scenario in place of a command', async () => ['chat.yaml'], [/goodput run chat\.yaml/]],
    [
      'a scenario that is not there',
      async () => ['run', file('none.yaml')],
      [/none\.yaml: it does not exist/],
    ],
    [
      'flags that make no sense, all at once',
      async () => ['run', '--rate', 'fast', '--slo', 'ttft<=200', '--duration', '10'],
      [/--rate/, /--slo.*200ms/, /--duration.*10s/],
    ],
    [
      'a scenario with mistakes, all at once',
      async () => {
        await writeFile(
          file('bad.yaml'),
          'load:\n  rate: 5/s\n  duration: 10\nworkloud: {}\nslo: { tpto: 100ms }\n',
        );
        return ['run', file('bad.yaml')];
      },
      [/bad\.yaml:3:13: load\.duration/, /bad\.yaml:4:1: .*workload/, /bad\.yaml:5:8: .*tpot/],
    ],
    [
      'a tab and a duplicate key',
      async () => {
        await writeFile(file('tab.yaml'), 'load:\n\trate: 5/s\nname: a\nname: b\n');
        return ['run', file('tab.yaml')];
      },
      [/tab\.yaml:2:1: .*tab/, /tab\.yaml:4:1: .*name/],
    ],
    [
      'a reference to the environment that is not set',
      async () => {
        await writeFile(
          file('key.yaml'),
          'endpoint:\n  url: http://127.0.0.1:1/v1\n  apiKey: ${NOT_SET_ANYWHERE}\n',
        );
        return ['run', file('key.yaml')];
      },
      [/key\.yaml:3:11: .*NOT_SET_ANYWHERE/],
    ],
    [
      'an output folder that exists',
      async () => {
        await mkdir(file('there'), { recursive: true });
        return ['run', '--out', file('there')];
      },
      [/exists already/, /--out/],
    ],
    [
      'an output folder where none can be',
      async () => ['run', '--out', '/proc/goodput/run'],
      [/cannot create the output folder/],
    ],
    ['a report of what is no run', async () => ['report', scratch], [/no run\.json/]],
    ['a completion for no shell', async () => ['completion', 'tcsh'], [/bash, zsh, fish/]],
  ];

  it.each(CASES)('%s', async (_, prepare, patterns) => {
    const { code, stdout, stderr } = await goodput(await prepare(), { cwd: scratch });
    expect(code).toBe(104);
    expect(stdout).toBe('');
    for (const pattern of patterns) expect(stderr).toMatch(pattern);
    expect(stderr).not.toContain('    at ');
  });
});

describe('help', () => {
  it('of the program lists every command and the exit codes', async () => {
    const { code, stdout } = await goodput(['--help'], { ownProcess: true });
    expect(code).toBe(0);
    for (const command of ['run', 'report', 'plan', 'init', 'completion'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toContain('105  interrupted');
  });

  it('of run names every flag of the contract', async () => {
    const { stdout } = await goodput(['run', '--help']);
    const flags =
      `url api model api-key-env header body rate concurrency max-concurrency arrivals burstiness speed from duration requests warmup drain
      input-tokens output-tokens exact-output prompts slo slo-preset slo-grid gate seed workers timeout-connect timeout-headers timeout-first-token timeout-idle
      timeout-total no-probe keep-text out name format json quiet no-color strict fail-fast`.split(/\s+/);
    for (const flag of flags) expect(stdout).toMatch(new RegExp(`^  --${flag}\\b`, 'm'));
    expect(stdout).toContain('Examples:');
  });

  it('and the version go to stdout', async () => {
    expect(await goodput(['--version'], { ownProcess: true })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});
