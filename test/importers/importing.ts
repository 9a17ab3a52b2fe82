import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { importRun, type ImportOptions } from '../../src/library/import-run.ts';
import type { Sample } from '../../src/sample.ts';
import type { Score } from '../../src/score/score.ts';
import { FIXTURES } from './truth.ts';

/** The file with single requests that each tool wrote. */
export const RECORDED = {
  vllm: 'r.json',
  aiperf: 'profile_export.jsonl',
  guidellm: 'r.json',
  'inference-perf': 'per_request_lifecycle_metrics.json',
  'genai-bench': 'D32_80_text-to-text_num_concurrency_2_time_17s.json',
} as const;

export type RecordedTool = keyof typeof RECORDED;

export const recordedFile = (tool: RecordedTool): string => join(FIXTURES, tool, RECORDED[tool]);

const scratch = await mkdtemp(join(tmpdir(), 'goodput-import-'));
let folders = 0;

/** Removes what a test file wrote. Several files share this module in one process, so each calls it. */
export const removeScratch = (): void => afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Returns a path in a scratch folder that does not exist yet. */
export function freshPath(name = 'run'): string {
  mkdirSync(scratch, { recursive: true });
  return join(scratch, `${++folders}-${name}`);
}

/** Imports files into a fresh folder. */
export const importFiles = (
  tool: string,
  files: readonly string[],
  options: Partial<ImportOptions> = {},
): Promise<Score> => importRun({ tool, files, out: freshPath(), ...options });

/** Writes texts or JSON values to fresh files, and imports them. */
export async function importValues(
  tool: string,
  values: readonly unknown[],
  options: Partial<ImportOptions> & { extension?: string } = {},
): Promise<Score> {
  const { extension = 'json', ...others } = options;
  const files = await Promise.all(
    values.map(async (value, k) => {
      const path = freshPath(`file-${k}.${extension}`);
      await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
      return path;
    }),
  );
  return importFiles(tool, files, others);
}

export async function samplesIn({ samples }: Score): Promise<Sample[]> {
  const all: Sample[] = [];
  for await (const sample of samples()) all.push(sample);
  return all.toSorted((a, b) => a.i - b.i);
}

/** Reads a file that a tool wrote. */
export const recordedJson = async (tool: RecordedTool, name: string = RECORDED[tool]): Promise<unknown> =>
  JSON.parse(await readFile(join(FIXTURES, tool, name), 'utf8'));
