import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { RUN_METRICS } from '../../src/metrics/registry.ts';
import { describe, expect, test } from 'vitest';

import { PERCENTILES } from '../../src/analysis/report.ts';
import { OUTCOMES, TOKEN_SOURCES } from '../../src/sample.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(fileURLToPath(new URL(path, ROOT)), 'utf8');

/** Names of the properties that the interfaces of a source file declare, nested ones too; comments and index signatures apart. */
function keysOf(source: string, interfaces: readonly string[] | 'all'): string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
  const keys: string[] = [];
  for (const [, name, body] of code.matchAll(/^export interface (\w+)[^{]*\{$([^]*?)^\}$/gm)) {
    if (interfaces !== 'all' && !interfaces.includes(name!)) continue;
    for (const [, key] of body!.matchAll(/(?:^|[{;,])\s*(\w+)\??:/gm)) keys.push(key!);
  }
  return [...new Set(keys)];
}

/** The words in code type between the heading and the next one of its rank. */
async function documented(heading: string): Promise<Set<string>> {
  const page = await read('docs/run-folder.md');
  const [, section] = page.split(`\n## ${heading}\n`);
  const text = section!.split('\n## ')[0]!;
  return new Set([...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!));
}

const missing = (keys: readonly string[], words: ReadonlySet<string>): string[] =>
  keys.filter((key) => !words.has(key));

describe('docs/run-folder.md names every key of', () => {
  test('run.json', async () => {
    const keys = keysOf(await read('src/record/header.ts'), 'all');
    expect(keys).toEqual(
      expect.arrayContaining(['schemaVersion', 'monotonic_ns', 'said', 'end_us', 'overhead_tokens']),
    );
    expect(missing(keys, await documented('run.json'))).toEqual([]);
  });

  test('samples.jsonl, and every outcome and token source', async () => {
    const keys = keysOf(await read('src/sample.ts'), 'all');
    expect(keys).toEqual(expect.arrayContaining(['i', 'events_us', 'retry_after_ms', 'tool_calls']));
    expect(missing([...keys, ...OUTCOMES, ...TOKEN_SOURCES], await documented('samples.jsonl'))).toEqual([]);
  });

  test('truth.jsonl', async () => {
    const keys = keysOf(await read('src/simulator/server/truth-log-writer.ts'), ['Truth']);
    expect(keys).toEqual(expect.arrayContaining(['id', 'written_us', 'preemptions']));
    expect(missing(keys, await documented('truth.jsonl'))).toEqual([]);
  });

  test('summary.json', async () => {
    const report = await read('src/analysis/report.ts');
    // `health` is for the verdict only: the document does not carry it.
    const shown = report.replace(/^ {2}health: HealthFigures & \{$[^]*?^ {2}\};$/m, '');
    expect(shown.length).toBeLessThan(report.length);
    const keys = [
      ...keysOf(shown, [
        'DistributionSummary',
        'Rates',
        'SloReport',
        'RunIntervals',
        'FailureClass',
        'Report',
        'HealthFigures',
        'SteadyFigures',
      ]),
      ...keysOf(await read('src/analysis/truth.ts'), ['TruthAudit', 'InstantErrors', 'Held']),
      ...keysOf(await read('src/verdict/audit.ts'), ['Audit']),
      ...keysOf(await read('src/verdict/judge.ts'), ['GateResult', 'Verdict']),
      ...PERCENTILES,
      ...RUN_METRICS.map(({ name }) => name),
      'audit',
      'verdict',
    ];
    expect(keys).toEqual(
      expect.arrayContaining(['startedAt', 'cut_missed', 'goodput_rpm', 'stddev', 'exitCode']),
    );
    expect(missing(keys, await documented('summary.json'))).toEqual([]);
  });
});
