/** @module-tag timed */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { scratchFolder, start } from './goodput.ts';
import { HAS_SCRIPT, PseudoTerminal } from './pseudo-terminal.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `run-${count++}`);

const load = (out: string, duration: string): string[] =>
  [
    'run',
    '--url',
    'simulated',
    '--rate',
    '10/s',
    '--warmup',
    '200ms',
    '--duration',
    duration,
    '--out',
    out,
  ].concat([
    '--input-tokens',
    '20',
    '--output-tokens',
    '5',
    '--slo',
    'ttft<=10s',
    '--gate',
    'attainment>=50%',
  ]);

const LABELS = ['Measure', 'Requests', 'TTFT', 'ITL', 'Output', 'Attainment', 'Audit'];

/** The labels of the lines of the panel; lines that continue another have none. */
const labelsOf = (lines: readonly string[]): string[] =>
  lines.map((line) => line.slice(0, 12).trim()).filter((label) => label !== '');

const line = (lines: readonly string[], label: string): string =>
  lines.find((each) => each.startsWith(label.padEnd(12))) ?? '';

const isMeasuring = (lines: readonly string[]): boolean =>
  lines.some((each) => each.startsWith('Measure')) &&
  line(lines, 'Attainment').includes('good') &&
  !line(lines, 'ITL').includes('–');

describe.runIf(HAS_SCRIPT).concurrent('goodput run in a terminal', () => {
  it('shows the panel while it measures, and then only the report', async () => {
    const columns = 80;
    const terminal = new PseudoTerminal(load(folder(), '4s'), columns, 40);
    const lines = await terminal.until(isMeasuring);
    expect(labelsOf(lines)).toEqual(LABELS);
    for (const each of lines) expect(each.length).toBeLessThan(columns);
    expect(line(lines, 'Attainment')).toContain('meets attainment >= 50% so far');
    await terminal.ended;
    const report = await terminal.screen.lines();
    expect(report[0]).toMatch(/SIMULATED/);
    expect(report.filter((each) => each.startsWith('Attainment'))).toHaveLength(1);
    expect(report.join('\n')).not.toContain('so far');
  });

  it('follows the size of the terminal, and leaves its last state after Ctrl-C, above the report', async () => {
    const out = folder();
    const terminal = new PseudoTerminal(load(out, '60s'), 140, 40);
    expect(labelsOf(await terminal.until(isMeasuring))).toEqual(LABELS);
    for (const [columns, rows] of [
      [80, 40],
      [61, 20],
      [120, 14],
    ] as const) {
      await terminal.resize(columns, rows);
      const lines = await terminal.until(
        (each) => isMeasuring(each) && each.every((text) => text.length < columns),
      );
      expect(labelsOf(lines)).toEqual(LABELS);
    }
    await terminal.resize(50, 40);
    const [only, ...others] = await terminal.until((each) => each[0]?.startsWith('measure') === true);
    expect(others).toEqual([]);
    expect(only).toMatch(/sent \d+/);

    await terminal.resize(80, 60);
    await terminal.until(isMeasuring);
    terminal.type('\x03');
    await terminal.ended;
    const lines = await terminal.screen.lines();
    const warned = lines.findIndex((each) => each.startsWith('warning: interrupted'));
    const drained = lines.findIndex((each) => each.startsWith('Drain'));
    const reported = lines.findIndex((each) => /^(INTERRUPTED|INVALID)/.test(each));
    expect(warned).toBe(0);
    expect(drained).toBeGreaterThan(warned);
    expect(reported).toBeGreaterThan(drained);
    expect(labelsOf(lines.slice(drained, reported))).toEqual(['Drain', ...LABELS.slice(1)]);
    expect(lines.join('\n')).not.toContain('^C');
    const { counts } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as Summary;
    const [, good, judged] = /(\d+) of (\d+) good/.exec(line(lines.slice(drained), 'Attainment'))!;
    expect({ good: Number(good), judged: Number(judged) }).toEqual({
      good: counts.good,
      judged: counts.judged,
    });
    const [, sent, ok] = /sent (\d+),.* ok (\d+),/.exec(line(lines.slice(drained), 'Requests'))!;
    const samples = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
    const outcomes = samples.map((each) => (JSON.parse(each) as { outcome: string }).outcome);
    expect(Number(sent)).toBe(outcomes.filter((outcome) => outcome !== 'not_sent').length);
    expect(Number(ok)).toBe(outcomes.filter((outcome) => outcome === 'ok').length);
  });

  it('is not shown with --quiet, nor on a dumb terminal', async () => {
    const quiet = new PseudoTerminal([...load(folder(), '200ms'), '--quiet'], 80, 60);
    await quiet.ended;
    expect(labelsOf((await quiet.screen.lines()).slice(0, 1))[0]).toMatch(/PASS|INVALID/);
    const dumb = new PseudoTerminal(load(folder(), '200ms'), 120, 60, { TERM: 'dumb' });
    await dumb.ended;
    expect((await dumb.screen.lines())[0]).toMatch(/^preflight 0:00 /);
  });

  it('is a line in CI', async () => {
    const ci = new PseudoTerminal(load(folder(), '1s'), 120, 60, { CI: '1' });
    const lines = await ci.until((each) => each[0]?.startsWith('measure') === true);
    expect(lines).toHaveLength(1);
    await ci.ended;
  });
});

it('a pipe has lines without escape sequences', async () => {
  const { stderr } = await start(load(folder(), '200ms')).ended;
  expect(stderr).toMatch(/^preflight 0:00 .*\n/);
  expect(stderr).not.toContain('\x1b');
});
