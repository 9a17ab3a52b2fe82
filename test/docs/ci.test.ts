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

/** Fenced blocks with their language. */
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language,
  text: text!,
}));
const yaml = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => parse(text) as unknown);

/** Returns every text in a document, at any depth. */
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
  it('has workflows in valid YAML, with inputs and gates that exist', () => {
    expect(yaml.length).toBeGreaterThanOrEqual(4);
    const [github] = yaml as {
      jobs: Record<string, { steps: { uses?: string; with?: Record<string, unknown> }[] }>;
    }[];
    const { steps } = github!.jobs['goodput']!;
    const ours = steps.find(({ uses = '' }) => uses.includes('/goodput@'))!;
    expect(Object.keys(ours.with!).filter((input) => !(input in action.inputs))).toEqual([]);
    for (const gate of String(ours.with!['gates']).trim().split('\n')) expect(parseGate(gate).ok).toBe(true);
  });

  it('uses only existing commands and flags', () => {
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

  it('has only valid SLOs, gates and grids', () => {
    const values = (flag: string): string[] =>
      [...commands.join('\n').matchAll(new RegExp(` --${flag} "([^"]+)"`, 'g'))].map(([, value]) => value!);
    expect(values('gate').length).toBeGreaterThan(3);
    expect(values('gate').filter((text) => !parseGate(text).ok)).toEqual([]);
    expect(values('slo').filter((text) => !parseSlo(text).ok)).toEqual([]);
    expect(values('slo-grid').filter((text) => !parseSloGrid(text).ok)).toEqual([]);
  });
});
