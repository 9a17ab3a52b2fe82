import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readData } from '../../src/measure/read-data.ts';
import { writeManifest } from '../../src/dataset/write/manifest.ts';
import { PROMPT_FILE } from '../../src/scenario/build.ts';
import type { DataChoice, Scenario } from '../../src/scenario/keys/scenario.ts';
import { sessionsIn } from '../workload/data-sessions.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goodput-data-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fixture = (name: string): string => new URL(`../dataset/fixtures/${name}`, import.meta.url).pathname;

const read = (files: readonly string[], choice: Partial<DataChoice> = {}) =>
  readData({
    seed: 42,
    load: { concurrency: 1, requests: null } as Scenario['load'],
    workload: { data: { ...PROMPT_FILE, format: null, ...choice, files } } as Scenario['workload'],
  });

async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const prompts = (count: number): string =>
  Array.from({ length: count }, (_, k) => `${JSON.stringify({ prompt: `p${k}` })}\n`).join('');

describe('reading the data sets of a scenario', () => {
  it('returns nothing without data', async () => {
    expect(await readData({ seed: 1, workload: { data: null } } as Scenario)).toBeNull();
  });

  it('reads files and patterns, with the digest of each', async () => {
    const path = await written('a.jsonl', prompts(3));
    await written('b.jsonl', prompts(2));
    const data = await read([join(folder, '[ab].jsonl')]);
    expect(sessionsIn(data!).map(({ tags }) => tags['source'])).toEqual([
      'a.jsonl',
      'a.jsonl',
      'a.jsonl',
      'b.jsonl',
      'b.jsonl',
    ]);
    expect(data!.files[0]).toEqual({
      path,
      sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
      bytes: readFileSync(path).length,
    });
    expect(data).toMatchObject({ format: 'goodput', licence: null, steps: [] });
  });

  it('takes the first sessions, or a sample of all that the seed decides', async () => {
    const path = await written('many.jsonl', prompts(200));
    const texts = async (choice: Partial<DataChoice>): Promise<unknown[]> =>
      sessionsIn((await read([path], { take: 20, ...choice }))!).map(
        ({ turns }) => turns[0]!.messages![0]!['content'],
      );
    expect(await texts({ order: 'file' })).toEqual(Array.from({ length: 20 }, (_, k) => `p${k}`));
    const sample = await texts({ order: 'shuffle' });
    expect(new Set(sample).size).toBe(20);
    // All in the first tenth: fewer than one in 10²⁷ samples.
    expect(sample.some((text) => Number(String(text).slice(1)) >= 20)).toBe(true);
    expect(await texts({ order: 'shuffle' })).toEqual(sample);
  });

  it('skips what failed where it was recorded, unless it is wanted', async () => {
    const path = await written(
      'f.jsonl',
      '{"timestamp":0,"input_length":5,"output_length":0}\n{"timestamp":9,"input_length":6,"output_length":2}\n',
    );
    const lengths = async (failed: boolean): Promise<unknown[]> =>
      sessionsIn((await read([path], { failed }))!).map(({ turns }) => turns[0]!.input_tokens);
    expect(await lengths(false)).toEqual([6]);
    expect(await lengths(true)).toEqual([5, 6]);
    const none = await written('g.jsonl', '{"timestamp":0,"input_length":5,"output_length":0}\n');
    await expect(read([none])).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('failed: true') as string,
    });
  });

  it('drops from the body of a record what the run sets itself, and names it', async () => {
    const body = { model: 'other', stream: false, max_tokens: 5, top_k: 3 };
    const path = await written('body.jsonl', `${JSON.stringify({ prompt: 'p', body })}\n${prompts(1)}`);
    const data = await read([path]);
    expect(sessionsIn(data!).map(({ turns }) => turns[0]!.body)).toEqual([{ top_k: 3 }, null]);
    expect(data!.ignored).toEqual(['model', 'stream', 'max_tokens']);
  });

  it('records the licence and the steps of a manifest, if it is about this content', async () => {
    const path = await written('m.jsonl', prompts(1));
    const { files } = (await read([path]))!;
    const output = { ...files[0]!, format: 'goodput', sessions: 1 };
    const step = { verb: 'dedupe', options: {}, seed: null, records_in: 2, records_out: 1 };
    await writeManifest(output, files, step, { licence: 'MIT', tokenizer: null });
    expect(await read([path])).toMatchObject({ licence: 'MIT', steps: [step] });
    // It is about another content.
    await written('m.jsonl', prompts(2));
    expect(await read([path])).toMatchObject({ licence: null, steps: [] });
  });

  it.each([
    ['{"prompt":"x"}\n{"promt":"x"}\n', ':2: ', 'did you mean "prompt"?'],
    ['{"prompt":"x"}\n{"prompt":\n', ':2: ', 'JSON'],
    ['{"prompt":"x","max_tokens":0}\n', ':1: ', '"max_tokens" is 0'],
    ['{"prompt":"x","max_new_tokens":5}\n', ':1: ', 'did you mean "max_tokens"?'],
    ['{"prompt":"x"}\n{"prompt":" "}\n', ':2: ', '--drop empty'],
    ['{"messages":[{"role":"user","content":""}]}\n', ':1: ', 'prompt is empty'],
    [
      '{"turns":[{"input_tokens":5},{"messages":[{"role":"user","content":[]}]}]}\n',
      ':1: ',
      'turn 1 is empty',
    ],
    ['', '', 'contains no record'],
  ])('names file, line and fix of a mistake in a prompt file: %j', async (text, line, message) => {
    const path = await written('wrong.jsonl', text);
    const reading = read([path], { format: 'goodput' });
    await expect(reading).rejects.toMatchObject({ kind: 'usage' });
    await expect(reading).rejects.toThrow(`${path}${line}`);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    ['{"prompt":"x","instruction":"y","output":"z"}', 'workload.data.format: goodput'],
    ['{"chat_id":1,"timestamp":2,"input_length":3,"output_length":4}', 'workload.data.timeUnit: s'],
    ['{"a":1,"b":2}', 'workload.data.columns: { prompt: NAME }'],
  ])('names the key of the scenario that says how %s is read', async (text, key) => {
    const path = await written('unclear.jsonl', text);
    await expect(read([path])).rejects.toThrow(key);
  });

  it('refuses data that ends in the warm-up of an open loop, and requests that cannot count its starts', async () => {
    const path = await written('short.jsonl', prompts(3));
    const reading = (load: object, choice: Partial<DataChoice>, file: string) =>
      readData({
        seed: 42,
        load: { concurrency: null, ...load } as Scenario['load'],
        workload: {
          data: { ...PROMPT_FILE, ...choice, files: [file] } as DataChoice,
        } as Scenario['workload'],
      });
    const constant = {
      arrivals: 'constant',
      rate: 1,
      stages: null,
      duration: null,
      requests: null,
      sessions: null,
    };
    const open = (load: object, cycle = false) => reading({ ...constant, ...load }, { cycle }, path);
    await expect(open({ warmup: 5000 })).rejects.toThrow(/ends in the warm-up, after 3 sessions/);
    expect((await open({ warmup: 2000 }))!.files).toHaveLength(1);
    expect((await open({ warmup: 5000, requests: 2 }, true))!.files).toHaveLength(1);
    const turns = await written(
      'turns.jsonl',
      '{"session":"a","prompt":"x"}\n{"session":"a","prompt":"y"}\n',
    );
    const several = reading({ requests: 5 }, {}, turns);
    await expect(several).rejects.toMatchObject({ hint: expect.stringContaining('load.sessions') as string });
  });

  it('names a file that does not exist', async () => {
    await expect(read(['none.jsonl'])).rejects.toThrow(/none\.jsonl: cannot be read: it does not exist/);
    await expect(read([join(folder, '*.none')])).rejects.toThrow(/matches no file/);
    expect((await read([fixture('alpaca.json')]))!.format).toBe('alpaca');
  });
});
