import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { helpText } from '../../src/cli/help-text.ts';
import { main } from '../../src/cli/main.ts';
import { renderCeiling } from '../../src/render/ceiling.ts';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { fakeConsole } from './console.ts';
import { scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
const ROUNDS = ['--url', 'http://new:8000/v1', '--against', 'http://base:8000/v1', '--rounds', '20'];
const LIMITS = ['--slo', 'ttft<=200ms,tpot<=100ms,e2e<=8s', '--gate', 'attainment>=90%'];

/** Returns what a command prints on a terminal with this many columns. */
async function printed(columns: number, ...args: string[]): Promise<string> {
  const { code, text } = await ended(columns, ...args);
  expect(code).toBe(0);
  return text;
}

async function ended(columns: number, ...args: string[]): Promise<{ code: number; text: string }> {
  const io = fakeConsole({ LANG: 'C.UTF-8', NO_COLOR: '1' });
  for (const stream of [io.stdout, io.stderr]) Object.assign(stream, { isTTY: true, columns });
  const code = await main(args, io);
  return { code, text: io.out() + io.err() };
}

const longest = (text: string): number => Math.max(...text.split('\n').map(displayWidth));

/** Every number of a text, in its order: where lines end does not matter, but no number may be broken. */
const numbers = (text: string): string[] => text.match(/\d[\d.,]*\d|\d/g) ?? [];

describe.each([60, 80, 100])('at %d columns', (columns) => {
  it.each([[], ['data'], ...COMMANDS.map(({ name }) => name.split(' '))])(
    'the help fits: goodput %s',
    async (...args) => {
      const text = await printed(columns, ...args, '--help');
      expect(longest(text)).toBeLessThanOrEqual(columns);
    },
  );

  it.each([
    ['plan'],
    ['plan', ...ROUNDS],
    ['plan', ...LIMITS, '--header', 'x-tenant: a b c d e f g h i j k l m n o p q r s t u v w x y z'],
    ['plan', '--rate', Array.from({ length: 40 }, (_, k) => `${k + 1}/s`).join(), '--output-tokens', '4,8'],
    ['slo-presets'],
    ['hardware'],
    ['hardware', 'h100-sxm', '--roofline'],
    ['hardware', 'cloud-ai-100-ultra', '--roofline'],
    ['serve', '--list-presets'],
  ])('%j %j fits', async (...args) => {
    const text = await printed(columns, ...args);
    expect(longest(text)).toBeLessThanOrEqual(columns);
  });

  it.each([
    ['prob'],
    ['help', 'capactiy'],
    ['run', '--no-such-option'],
    ['run', '--api', 'anthropic', '--rate', '5rps', '--duration', '3'],
    ['run', '--slo-preset', 'chat'],
    ['run', '--against', 'http://127.0.0.1:9/v1'],
    ['run', '--require-endpoint'],
    ['sweep', '--rate', '2/s'],
  ])('the error of %j %j %j fits, its words whole', async (...args) => {
    const { code, text } = await ended(columns, ...args);
    expect(code).toBe(104);
    expect(longest(text)).toBeLessThanOrEqual(columns);
    // A line ends only where a space was.
    const { text: wide } = await ended(10_000, ...args);
    expect(text.split(/\s+/)).toEqual(wide.split(/\s+/));
  });

  it('what a plan says is the same at any width, no number broken', async () => {
    const args = ['plan', ...LIMITS, '--rate', '10/s,20/s,40/s', '--input-tokens', '1024,lognormal:512,200'];
    expect(numbers(await printed(columns, ...args)).toSorted()).toEqual(
      numbers(await printed(99, ...args)).toSorted(),
    );
  });

  it('a first scenario has no longer lines than its comments need, and what init says fits', async () => {
    const file = join(scratch, `${columns}.yaml`);
    const cut = (await printed(columns, 'init', file)).replaceAll(file, 'x.yaml');
    expect(longest(cut)).toBeLessThanOrEqual(columns);
    expect(longest(await readFile(file, 'utf8'))).toBeLessThanOrEqual(120);
  });

  it('a ceiling fits', () => {
    const text = renderCeiling(
      {
        measured: '2026-01-01T00:00:00Z',
        machine: { cpu: 'A Processor of Some Maker with a Long Name v4', cores: 128, node: '24.1.0' },
        requests: { per_s: 12_345, send_lag_p99_ms: 1.2345, at_least: true },
        events: { per_s: 234_567, cpu_us: 3.456 },
        paced: { per_s: 20_000, error_p99_us: 900 },
        streams: { held: 10_000, most: 10_000 },
        stamps: { error_p50_us: 12.3, error_p99_us: 456, count: 20_000 },
      },
      { color: false, unicode: true, width: columns },
    );
    expect(longest(text)).toBeLessThanOrEqual(columns);
  });

  it('example commands stay copyable: continued lines make the command as written', () => {
    for (const { after } of COMMANDS) {
      const written = after.split('\n').filter((line) => line.startsWith('  $ '));
      const shown = helpText(after, columns)
        .replaceAll(/ \\\n +/g, ' ')
        .split('\n');
      expect(shown.filter((line) => line.startsWith('  $ '))).toEqual(written);
    }
  });
});

test('by hand: paragraphs are joined and wrapped, lists hang, commands are continued at their options', () => {
  const text = `One two three four
five six:

List:
  98   a reason that is long
  104  short

  $ goodput run chat.yaml --slo "a <= 1, b" -o x`;
  expect(helpText(text, 24).split('\n')).toEqual([
    'One two three four five',
    'six:',
    '',
    'List:',
    '  98   a reason that is',
    '       long',
    '  104  short',
    '',
    '  $ goodput run \\',
    '      chat.yaml \\',
    '      --slo \\',
    '      "a <= 1, b" -o x',
  ]);
});
