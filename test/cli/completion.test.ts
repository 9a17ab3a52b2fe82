import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { completedCommands } from '../../src/cli/handlers/completed-commands.ts';
import { completionCommand } from '../../src/cli/handlers/completion.ts';
import { main } from '../../src/cli/main.ts';
import { METRICS } from '../../src/metrics/registry.ts';
import { fakeConsole } from './console.ts';

const COMPLETED = completedCommands(COMMANDS);

/** The commands that are offered as the first word. */
const TOP_LEVEL = COMPLETED.flatMap(({ name }) => (name.includes(' ') ? [] : [name]));

const folder = mkdtempSync(join(tmpdir(), 'goodput-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function script(shell: string): Promise<string> {
  const io = fakeConsole();
  expect(await completionCommand(shell, COMMANDS, io)).toBe(0);
  return io.out();
}

beforeAll(async () => {
  writeFileSync(join(folder, 'goodput.bash'), await script('bash'));
  writeFileSync(join(folder, 'a scenario.yaml'), '');
  mkdirSync(join(folder, 'a run'));
});

/** Returns what bash offers with the cursor at the end of these words. */
function offered(...words: string[]): string[] {
  const drive = `source ./goodput.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _goodput; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '--noprofile', '-c', drive, 'bash', 'goodput', ...words];
  return execFileSync('bash', args, { cwd: folder, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

test('bash registers the function for goodput', () => {
  const shown = execFileSync('bash', ['--norc', '-c', 'source ./goodput.bash; complete -p goodput'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(shown).toBe('complete -F _goodput goodput\n');
});

test('bash offers commands, options, values and files', () => {
  expect(offered('')).toEqual([...TOP_LEVEL, '--help', '--version']);
  expect(offered('data', 'in')).toEqual(['inspect']);
  expect(offered('data', '')).toEqual([
    'inspect',
    'dedupe',
    'filter',
    'convert',
    'format',
    'sample',
    'size',
    'synth',
    'verify',
  ]);
  expect(offered('data', 'dedupe', '--met')).toEqual(['--method']);
  expect(offered('data', 'dedupe', '--method', 'm')).toEqual(['minhash']);
  expect(offered('data', 'synth', '--profile', 'azure')).toEqual(['azure-2023-conv', 'azure-2023-code']);
  expect(offered('data', 'dedupe', 'a')).toEqual(['a scenario.yaml', 'a run']);
  expect(offered('data', 'convert', '-o', 'a')).toEqual(['a scenario.yaml', 'a run']);
  expect(offered('re')).toEqual(['report']);
  expect(offered('run', '--max')).toEqual(['--max-concurrency']);
  expect(offered('run', '--timeout-')).toHaveLength(5);
  expect(offered('report', '--rate')).toEqual([]);
  expect(offered('run', '--api', 'c')).toEqual(['chat', 'completions']);
  expect(offered('run', '--api', 'm')).toEqual(['messages']);
  expect(offered('run', '-o', 'a')).toEqual(['a scenario.yaml', 'a run']);
  expect(offered('report', '--format', 'j')).toEqual(['json', 'junit']);
  expect(offered('sweep', '--format', '')).toEqual(
    expect.arrayContaining(['text', 'json', 'markdown', 'csv', 'html']),
  );
  expect(offered('sweep', '--format', '')).not.toContain('junit');
  expect(offered('sweep', '--format=j')).toEqual(['json']);
  expect(offered('run', '--arrivals', '')).toEqual(['poisson', 'constant', 'gamma']);
  expect(offered('run', '--rate', '')).toEqual([]);
  expect(offered('run', 'a')).toEqual(['a scenario.yaml', 'a run']);
  expect(offered('report', '')).toEqual(['a run']);
  expect(offered('run', '--rate', '5/s', '--out', 'a')).toEqual(['a run']);
  expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(offered('nonsense', '--')).toEqual([]);
});

test('bash completes the value after an equals sign, however it splits the word', () => {
  for (const words of [['--api', '='], ['--api', '=', ''], ['--api=']])
    expect(offered('run', ...words)).toEqual(['chat', 'completions', 'responses', 'messages']);
  for (const words of [['--api', '=', 'm'], ['--api=m']])
    expect(offered('run', ...words)).toEqual(['messages']);
  expect(offered('run', '--out', '=', 'a')).toEqual(['a run']);
  expect(offered('run', '--rate=')).toEqual([]);
});

test('SLOs and gates complete from the registry', () => {
  const requests = METRICS.filter(({ kind, better }) => kind === 'request' && better !== null);
  expect(offered('run', '--slo', '')).toEqual(requests.map(({ name }) => name));
  expect(offered('run', '--gate', '')).toEqual(METRICS.map(({ name }) => name));
  expect(offered('run', '--gate', 'goodput_')).toEqual(['goodput_rps', 'goodput_rpm', 'goodput_tps']);
});

const helpOf = async (args: string[]): Promise<string> => {
  const io = fakeConsole();
  expect(await main(args, io)).toBe(0);
  return io.out();
};

test('the commands are those of the program', async () => {
  const help = await helpOf(['--help']);
  const listed = help
    .split('Commands:')[1]!
    .split('\n\n')[0]!
    .matchAll(/^ {2}([\w-]+) /gm);
  expect([...listed].map(([, name]) => name)).toEqual([...TOP_LEVEL, 'help']);
});

test.each(COMPLETED)('the options of $name are those of the program', async ({ name, options }) => {
  const help = await helpOf([...name.split(' '), '--help']);
  // Under the headings of their groups, so in another order.
  const listed = help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)( <)?/gm);
  const found = [...listed].map(([, option, value]) => `${option} ${value !== undefined}`);
  expect(found.toSorted()).toEqual(options.map(({ name, value }) => `${name} ${value !== null}`).toSorted());
});

test('zsh and fish know every command and option too', async () => {
  const zsh = await script('zsh');
  const fish = await script('fish');
  expect(zsh.startsWith('#compdef goodput\n')).toBe(true);
  for (const { name, options } of COMPLETED) {
    const words = name.split(' ');
    expect(zsh).toContain(words.length > 1 ? `\n    "${name}")\n` : `\n    ${name})\n`);
    if (words.length === 1) expect(fish).toContain(` -a ${name} -d `);
    for (const option of options) {
      expect(zsh).toContain(`'*--${option.name}${option.value === null ? '' : '='}[`);
      expect(fish).toContain(`seen_subcommand_from ${words.at(-1)}' -l ${option.name} `);
    }
  }
  // Quotes pair up, or the shell would read to the end of the file.
  for (const text of [zsh, fish]) {
    for (const line of text.split('\n').filter((each) => !each.startsWith('#'))) {
      expect(line.replaceAll(/'\\''|\\'/g, '').split("'").length % 2).toBe(1);
    }
  }
});

test('another shell', async () => {
  await expect(completionCommand('bsh', COMMANDS, fakeConsole())).rejects.toMatchObject({
    kind: 'usage',
    message: 'no completion for "bsh"; expected one of bash, zsh, fish',
    hint: 'did you mean bash?',
  });
  await expect(completionCommand('constructor', COMMANDS, fakeConsole())).rejects.toMatchObject({
    kind: 'usage',
  });
});

test('SLO presets complete', () => {
  expect(offered('run', '--slo-preset', 'mlperf/llama3.1-8b/')).toEqual([
    'mlperf/llama3.1-8b/server',
    'mlperf/llama3.1-8b/interactive',
  ]);
});
