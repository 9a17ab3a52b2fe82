import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSet, type ReadOptions } from '../../src/dataset/read.ts';
import type { Session } from '../../src/dataset/model/session.ts';
import { expandFiles } from '../../src/dataset/files.ts';
import { READ_OPTIONS } from './read-options.ts';

interface Fixture {
  options: Partial<ReadOptions>;
  format: string;
  records: number;
  skipped: number;
  sessions: unknown[];
  inspect?: { files: { sha256: string; bytes: number }[] };
}

const FOLDER = join(import.meta.dirname, 'fixtures');
const { fixtures, bad } = JSON.parse(await readFile(join(FOLDER, 'expected.json'), 'utf8')) as {
  fixtures: Record<string, Fixture>;
  bad: Record<string, { exit: number; line: number | null; mentions: string[] }>;
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goodput-dataset-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function read(
  paths: readonly string[],
  options: Partial<ReadOptions> = {},
): Promise<{ data: DataSet; sessions: Session[] }> {
  const data = new DataSet(paths, { ...READ_OPTIONS, ...options });
  const sessions: Session[] = [];
  for await (const session of data.sessions()) sessions.push(session);
  return { data, sessions };
}

let written = 0;
/** Writes a file with a name that tells nothing, and returns its path. */
async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `file-${written++}`);
  await writeFile(path, content);
  return path;
}

const jsonl = (...records: object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Returns the message of the error of reading a text. */
async function mistake(content: string | Uint8Array, options: Partial<ReadOptions> = {}): Promise<string> {
  const path = await file(content);
  const error = await read([path], options).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'GoodputError', kind: 'usage' });
  return (error as Error).message.replace(path, 'FILE');
}

describe('the fixtures', () => {
  it.each(Object.entries(fixtures))('%s', async (name, expected) => {
    const { data, sessions } = await read([join(FOLDER, name)], expected.options);
    expect(data).toMatchObject({
      format: expected.format,
      records: expected.records,
      skipped: expected.skipped,
    });
    expect(JSON.parse(JSON.stringify(sessions))).toEqual(expected.sessions);
    if (expected.inspect !== undefined) expect(data.files).toMatchObject(expected.inspect.files);
  });

  it.each(Object.entries(bad))('bad/%s', async (name, { line, mentions }) => {
    const error = await read([join(FOLDER, 'bad', name)]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'GoodputError', kind: 'usage', exitCode: 104 });
    const { message } = error as Error;
    for (const word of mentions) expect(message).toContain(word);
    if (line === null) expect(message).not.toMatch(/:\d+:/);
    else expect(message).toContain(`${name}:${line}: `);
  });
});

describe('a canonical session', () => {
  it.each(Object.entries(fixtures))('is read as it was written: %s', async (name, { options, sessions }) => {
    const path = await file(jsonl(...(sessions as object[])));
    const again = await read([path]);
    expect(again.data.format).toBe('goodput');
    expect(JSON.parse(JSON.stringify(again.sessions))).toEqual(sessions);
    // The oracle is not the canonical file itself.
    expect(await read([join(FOLDER, name)], options)).toMatchObject({ sessions });
  });
});

describe('containers', () => {
  const { sessions } = fixtures['sharegpt.json']!;

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('%s of every container', async (_, compress) => {
    for (const name of ['sharegpt.json', 'custom.csv', 'openai-chat.jsonl', 'sharegpt.parquet']) {
      const path = await file(compress(await readFile(join(FOLDER, name))));
      const { options, sessions } = fixtures[name]!;
      const { sessions: found } = await read([path], options);
      expect(found.map(({ turns }) => turns)).toEqual((sessions as Session[]).map(({ turns }) => turns));
    }
  });

  it('an array on one line equals the array on many lines', async () => {
    const text = await readFile(join(FOLDER, 'sharegpt.json'), 'utf8');
    const { sessions: found } = await read([
      await file(JSON.stringify(JSON.parse(text.replace(/^\uFEFF/, '')))),
    ]);
    expect(found.map(({ turns }) => turns)).toEqual((sessions as Session[]).map(({ turns }) => turns));
  });

  it('a damaged gzip file is an error', async () => {
    const whole = gzipSync(jsonl({ prompt: 'a' }, { prompt: 'b' }));
    expect(await mistake(whole.subarray(0, whole.length - 9))).toMatch(/^FILE: .*gzip/);
  });

  it('text in UTF-16 and bytes that are not UTF-8 are named', async () => {
    expect(await mistake(Buffer.from('\ufeff{"prompt":"a"}', 'utf16le'))).toContain('UTF-16');
    const line = Buffer.concat([
      Buffer.from('{"prompt":"a"}\n{"prompt":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n'),
    ]);
    expect(await mistake(line)).toMatch(/^FILE:2: .*UTF-8/);
    const csv = Buffer.concat([Buffer.from('prompt\na\n'), Buffer.from([0xe4]), Buffer.from('\n')]);
    expect(await mistake(csv)).toMatch(/^FILE:3: .*UTF-8/);
  });

  it.each([
    ['[{"prompt":"a"}', 1, 'not closed'],
    ['[{"prompt":"a"},\n\n{"prompt":"b', 3, 'not closed'],
    ['[{"prompt":"a"},\n]', 2, 'record'],
    ['[{"prompt":"a"}\n{"prompt":"b"}]', 1, 'JSON'],
    ['[{"prompt":"a"}\n]\nx', 3, 'after the end'],
    ['[{"prompt":"a"},\n\n [1]]', 3, 'object'],
    ['[{"prompt":"a"},\n\n {"prompt":\n}]', 3, 'JSON'],
    ['{"prompt":"a"}\n7\n', 2, 'object'],
    ['prompt,max_tokens\n"a\nb",1\n\nc\n', 5, 'cells'],
    ['prompt,max_tokens\r\n"a\r\nb",1\r\n\r\n"c\r\n\r\nd",x\r\n', 5, 'max_tokens'],
    ['prompt,max_tokens\n"a",1\n"b,2\n', 3, 'quote'],
    ['prompt,max_tokens\n"a" b,1\n', 2, 'quote'],
    ['prompt,prompt\na,b\n', 1, 'twice'],
  ])('%j: the mistake begins on line %i', async (text, line, word) => {
    const message = await mistake(text);
    expect(message).toContain(`FILE:${line}: `);
    expect(message).toContain(word);
  });

  it('strings with brackets, quotes and escapes do not end an element', async () => {
    const prompts = ['a ] b', 'c } , { d', 'e \\" ] f', 'g \\\\', '[', '"', '\\', '{"a":[1,2]}'];
    const path = await file(JSON.stringify(prompts.map((prompt) => ({ prompt }))));
    const { sessions: found } = await read([path]);
    expect(found.map(({ turns }) => turns[0]!.messages![0]!['content'])).toEqual(prompts);
  });

  it('records longer than a chunk are read whole, and lines are counted', async () => {
    const long = 'x'.repeat(700_000);
    const records = [{ prompt: long }, { prompt: `${long}y` }, { prompt: 'z', max_tokens: 'many' }];
    expect(await mistake(jsonl(...records))).toContain('FILE:3: ');
    expect(await mistake(`[\n${records.map((record) => JSON.stringify(record)).join(',\n\n')}]`)).toContain(
      'FILE:6: ',
    );
    const { sessions: found } = await read([await file(jsonl(...records.slice(0, 2)))]);
    expect(found.map(({ turns }) => (turns[0]!.messages![0]!['content'] as string).length)).toEqual([
      700_000, 700_001,
    ]);
  });
});

describe('several files', () => {
  it('are concatenated, each with its name as the tag source; sessions and times do not cross files', async () => {
    const one = await file(jsonl({ session_id: 's', input_length: 1, timestamp: 500 }));
    const two = await file(jsonl({ session_id: 's', input_length: 2, timestamp: 700 }));
    const { sessions, data } = await read([one, two]);
    expect(sessions.map(({ session, timestamp_ms }) => [session, timestamp_ms])).toEqual([
      ['s', 0],
      ['s', 0],
    ]);
    expect(sessions.map(({ tags }) => tags['source'])).toEqual(
      [one, two].map((path) => path.split('/').at(-1)),
    );
    expect(data.files).toHaveLength(2);
  });

  it('a second file of another format is an error at its first record', async () => {
    const one = await file(jsonl({ instruction: 'a', output: 'b' }));
    const two = await file(jsonl({ prompt: 'c' }));
    await expect(read([one, two])).rejects.toThrow(`${two}:1: `);
  });

  it('patterns are sorted; a pattern without a match is an error', async () => {
    await Promise.all(['g2.x', 'g10.x', 'g1.x'].map((name) => writeFile(join(folder, name), '')));
    const found = await expandFiles([join(folder, 'g*.x')]);
    expect(found.map((path) => path.split('/').at(-1))).toEqual(['g1.x', 'g10.x', 'g2.x']);
    await expect(expandFiles([join(folder, '*.none')])).rejects.toMatchObject({ kind: 'usage' });
    await expect(expandFiles(['-', '-'])).rejects.toMatchObject({ kind: 'usage' });
  });

  it('a missing file is named', async () => {
    await expect(read([join(folder, 'absent')])).rejects.toMatchObject({
      kind: 'usage',
      message: /absent.*ENOENT/,
    });
  });
});
