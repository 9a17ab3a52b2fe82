import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { OUTCOMES, TOKEN_SOURCES } from '../../src/sample.ts';
import { type DocumentName, jsonSchemaOf } from '../../src/schemas/index.ts';
import { keysOf } from '../schemas/keys.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(fileURLToPath(new URL(path, ROOT)), 'utf8');

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
  test.each<[file: string, document: DocumentName, some: readonly string[]]>([
    ['run.json', 'run', ['schemaVersion', 'monotonic_ns', 'said', 'end_us', 'overhead_tokens']],
    ['samples.jsonl', 'sample', ['i', 'events_us', 'retry_after_ms', 'tool_calls']],
    ['summary.json', 'summary', ['startedAt', 'cut_missed', 'goodput_rpm', 'stddev', 'exitCode', 'audit']],
  ])('%s', async (file, document, some) => {
    const keys = [...keysOf(jsonSchemaOf(document))].map(([key]) => key);
    expect(keys).toEqual(expect.arrayContaining([...some]));
    // Keys that summary.json shares with run.json are described there.
    const shared = new Set([...keysOf(jsonSchemaOf('run'))].map(([key]) => key));
    const words = await documented('run.json');
    const own = keys.filter((key) => document === 'run' || !shared.has(key) || !words.has(key));
    expect(missing(own, await documented(file))).toEqual([]);
  });

  test('samples.jsonl: every outcome and token source', async () => {
    expect(missing([...OUTCOMES, ...TOKEN_SOURCES], await documented('samples.jsonl'))).toEqual([]);
  });

  test('truth.jsonl', async () => {
    const code = (await read('src/simulator/server/truth-log-writer.ts')).replaceAll(
      /\/\*[^]*?\*\/|\/\/.*/g,
      '',
    );
    const [, body] = /^export interface Truth[^{]*\{$([^]*?)^\}$/m.exec(code)!;
    const keys = [...body!.matchAll(/(?:^|[{;,])\s*(\w+)\??:/gm)].map(([, key]) => key!);
    expect(keys).toEqual(expect.arrayContaining(['id', 'written_us', 'preemptions']));
    expect(missing(keys, await documented('truth.jsonl'))).toEqual([]);
  });
});
