import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/cli/commands.ts';
import { completedCommands } from '../../src/cli/handlers/completed-commands.ts';
import { parseGate, parseSlo } from '../../src/slo/grammar.ts';
import { parseSloGrid } from '../../src/slo/slo-grid.ts';

const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as {
  inputs: Record<string, unknown>;
};

/** Fenced blocks with their language, without the indentation that places them. */
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language,
  text: text!,
}));
const yaml = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => parse(text) as unknown);

/** Every text in a document, whatever its depth. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

const shell = [
  ...blocks.filter(({ language }) => language === '').map(({ text }) => text),
  ...yaml.flatMap(texts),
];
const commands = shell
  .join('\n')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line.startsWith('goodput '));

describe('docs/ci.md', () => {
  it('has workflows that are YAML, with steps that can be taken as they stand', () => {
    expect(yaml.length).toBeGreaterThanOrEqual(4);
    const [github] = yaml as {
      jobs: Record<string, { steps: { uses?: string; with?: Record<string, unknown> }[] }>;
    }[];
    const { steps } = github!.jobs['goodput']!;
    const ours = steps.find(({ uses = '' }) => uses.includes('/goodput@'))!;
    expect(Object.keys(ours.with!).filter((input) => !(input in action.inputs))).toEqual([]);
    for (const gate of String(ours.with!['gates']).trim().split('\n')) expect(parseGate(gate).ok).toBe(true);
  });

  it('names commands and flags that there are', () => {
    expect(commands.length).toBeGreaterThanOrEqual(6);
    const unknown = commands.flatMap((line) => {
      const [, name = ''] = line.split(/\s+/);
      const known = completedCommands(COMMANDS)
        .find((each) => each.name === name)
        ?.options.map((option) => option.name);
      const flags = [...line.matchAll(/ --([\w-]+)/g)].map(([, flag]) => flag!);
      return known === undefined ? [line] : flags.filter((flag) => !known.includes(flag));
    });
    expect(unknown).toEqual([]);
  });

  it('declares conditions that can be read', () => {
    const values = (flag: string): string[] =>
      [...commands.join('\n').matchAll(new RegExp(` --${flag} "([^"]+)"`, 'g'))].map(([, value]) => value!);
    expect(values('gate').length).toBeGreaterThan(3);
    expect(values('gate').filter((text) => !parseGate(text).ok)).toEqual([]);
    expect(values('slo').filter((text) => !parseSlo(text).ok)).toEqual([]);
    expect(values('slo-grid').filter((text) => !parseSloGrid(text).ok)).toEqual([]);
  });
});
