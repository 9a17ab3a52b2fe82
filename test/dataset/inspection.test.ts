import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Inspection } from '../../src/dataset/inspect/inspection.ts';
import { DataSet, type ReadOptions } from '../../src/dataset/read.ts';
import { WORDS } from '../../src/dataset/text/tokens.ts';
import { READ_OPTIONS } from './read-options.ts';

interface Fixture {
  options: Partial<ReadOptions>;
  inspect?: { files: object[] };
}

const FOLDER = join(import.meta.dirname, 'fixtures');
const { fixtures } = JSON.parse(await readFile(join(FOLDER, 'expected.json'), 'utf8')) as {
  fixtures: Record<string, Fixture>;
};

/** The expected values, each number within rounding. */
const close = (expected: unknown): unknown =>
  typeof expected === 'number'
    ? expect.closeTo(expected, 9)
    : typeof expected === 'object' && expected !== null && !Array.isArray(expected)
      ? Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, close(value)]))
      : expected;

it.each(Object.entries(fixtures).filter(([, { inspect }]) => inspect !== undefined))(
  'the figures of %s',
  async (name, { options, inspect }) => {
    const data = new DataSet([join(FOLDER, name)], { ...READ_OPTIONS, ...options });
    const inspection = new Inspection(WORDS);
    for await (const session of data.sessions()) inspection.add(session, data.blockTokens);
    const found = JSON.parse(JSON.stringify(await inspection.document(data))) as Record<string, unknown>;
    const { files, ...figures } = inspect!;
    expect(found).toMatchObject(close(figures) as object);
    expect(found['files']).toMatchObject(files);
    expect(Object.keys(found)).toEqual([
      'format',
      'files',
      'records',
      'skipped',
      'sessions',
      'turns',
      'unit',
      'input',
      'output',
      'correlation',
      'languages',
      'special_tokens',
      'frequent_tokens',
      'verb_noun_pairs',
      'outliers',
      'duplicates',
      'reusable_prefix',
      'arrivals',
      'coverage',
      'quality',
    ]);
  },
);

it('names the turns that are empty among the records that can be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'goodput-inspection-'));
  const path = join(folder, 'prompts.jsonl');
  const image = { role: 'user', content: [{ type: 'image_url', image_url: { url: '512x384' } }] };
  const records = [
    { prompt: 'a' },
    { prompt: ' ' },
    { prompt: '' },
    { messages: [image] },
    { turns: [{ input_tokens: 5 }] },
  ];
  await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const data = new DataSet([path], { ...READ_OPTIONS, format: 'goodput' });
  const inspection = new Inspection(WORDS);
  for await (const session of data.sessions()) inspection.add(session, data.blockTokens);
  const { quality } = await inspection.document(data);
  expect(quality.form).toMatch(/5 of 5 records .*2 of 5 turns/);
  await rm(folder, { recursive: true });
});
