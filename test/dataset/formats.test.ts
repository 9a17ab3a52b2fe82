import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session, Turn } from '../../src/dataset/model/session.ts';
import { DataSet, type ReadOptions } from '../../src/dataset/read.ts';
import { READ_OPTIONS } from './read-options.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goodput-formats-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let written = 0;

/** Reads JSON Lines of these records, or a text. */
async function read(
  content: readonly object[] | string,
  options: Partial<ReadOptions> = {},
): Promise<{ data: DataSet; sessions: Session[]; turns: Turn[] }> {
  const path = join(folder, `f${written++}`);
  const text =
    typeof content === 'string' ? content : content.map((each) => `${JSON.stringify(each)}\n`).join('');
  await writeFile(path, text);
  const data = new DataSet([path], { ...READ_OPTIONS, ...options });
  const sessions: Session[] = [];
  for await (const session of data.sessions()) sessions.push(session);
  return { data, sessions, turns: sessions.flatMap(({ turns }) => turns) };
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string | null) => ({ role: 'assistant', content });

describe('the format of the first record', () => {
  it.each([
    [{ prompt: 'a' }, 'goodput'],
    [{ messages: [user('a')] }, 'goodput'],
    [{ messages: [user('a'), assistant('b')] }, 'openai-chat'],
    // A request that ends with an answer to continue.
    [{ messages: [user('a'), assistant('b')], max_tokens: 3 }, 'goodput'],
    [{ messages: [user('a'), assistant('b')], max_tokens: null }, 'openai-chat'],
    [{ turns: [{ messages: [user('a')] }] }, 'goodput'],
    [{ turns: [{ input_tokens: 5 }] }, 'goodput'],
    [{ turns: [{ text: 'a' }] }, 'aiperf'],
    [{ text: 'a' }, 'aiperf'],
    [{ instruction: 'a', output: 'b', text: 'c' }, 'alpaca'],
    [{ prompt: 'a', chosen: 'b', rejected: 'c', messages: [user('a'), assistant('b')] }, 'preference'],
    [{ hash_ids: [1], input_length: 3 }, 'mooncake'],
    [{ custom_id: '1', body: { messages: [user('a')] } }, 'openai-batch'],
    [{ conversation: [{ role: 'human', content: 'a' }] }, 'sharegpt'],
  ])('%j is %s', async (record, format) => {
    expect((await read([record])).data.format).toBe(format);
  });

  it.each([
    [{ prompt: 'a', text: 'b' }, /goodput and aiperf/],
    [{ prompt: 'a', messages: [user('a'), assistant('b')] }, /goodput and openai-chat/],
    [{ turns: [{ messages: [user('a')], text: 'b' }] }, /goodput and aiperf/],
    [{ promt: 'a' }, /nearest.*goodput.*"prompt"/],
    [{ Prompt: null }, /unknown format/],
    [{ xyz: 1 }, /expected a record of goodput/],
  ])('%j is refused', async (record, problem) => {
    await expect(read([record])).rejects.toThrow(problem);
  });

  it('a forced format reads what would be ambiguous', async () => {
    const { turns } = await read([{ prompt: 'a', text: 'b' }], { format: 'aiperf' });
    expect(turns[0]!.messages).toEqual([user('b')]);
  });
});

describe('conversations', () => {
  it('an assistant message after a system message closes a turn; nobody asked before', async () => {
    const { turns, data } = await read([
      {
        messages: [
          { role: 'system', content: 's' },
          assistant('dropped'),
          user('a'),
          assistant('1'),
          assistant(''),
          { role: 'system', content: 't' },
          assistant('2'),
        ],
      },
      { messages: [{ role: 'system', content: 's' }, assistant('x')] },
    ]);
    expect(
      turns.map(({ messages, reference }) => [messages!.map(({ content }) => content), reference]),
    ).toEqual([
      [['s', 'a'], '1'],
      [['t'], '2'],
    ]);
    expect(data).toMatchObject({ records: 2, skipped: 1 });
  });

  it('an answer in parts is its text; one that calls tools is the whole message without its weight', async () => {
    const call = { role: 'assistant', content: null, tool_calls: [{ id: 'c' }], weight: 1 };
    const { turns } = await read([
      {
        messages: [
          user('a'),
          { role: 'assistant', content: [{ type: 'text', text: 'p' }] },
          user('b'),
          call,
          user('c'),
          assistant('d'),
        ],
      },
    ]);
    const { weight: _, ...kept } = call;
    expect(turns.map(({ reference }) => reference)).toEqual(['p', kept, 'd']);
  });
});

describe('rows', () => {
  it('a time unit for a format that has its own is refused', async () => {
    await expect(read([{ prompt: 'a', timestamp_ms: 1 }], { timeUnit: 's' })).rejects.toThrow(
      /time unit.*goodput/,
    );
  });

  it('times in seconds with chat_id: blocks of 16 tokens', async () => {
    const record = { chat_id: 1, timestamp: 61.5, input_length: 20, output_length: 0, hash_ids: [1, 2] };
    const { data, sessions } = await read([record, { ...record, timestamp: 62.0005 }], { timeUnit: 's' });
    expect(data.blockTokens).toBe(16);
    expect(sessions.map(({ timestamp_ms }) => timestamp_ms)).toEqual([0, 500.5]);
    expect(sessions[0]!.turns[0]!.tags).toEqual({ failed: 'true' });
  });

  it('Azure: zones, no fraction, nanoseconds; a date that does not exist', async () => {
    const rows = (...times: string[]): string =>
      `TIMESTAMP,ContextTokens,GeneratedTokens\n${times.map((time) => `${time},1,1\n`).join('')}`;
    const { sessions } = await read(
      rows('2024-05-10 02:00:00+02:00', '2024-05-10 00:00:01', '2024-05-09 23:59:59.999999500+00:00'),
    );
    expect(sessions.map(({ timestamp_ms }) => timestamp_ms)).toEqual([0, 1000, 0]);
    await expect(read(rows('2024-05-10', '2024-13-01 00:00:00'))).rejects.toThrow(/:2: .*TIMESTAMP/);
  });

  it('BurstGPT: without an elapsed time the delay is unknown; overlap is no delay', async () => {
    const header = 'Timestamp,Session ID,Elapsed time,Request tokens,Response tokens\n';
    const { turns } = await read(`${header}10,a,,1,1\n20,a,3,1,1\n30.5,a,9,1,1\n31,a,1,1,1\n`);
    expect(turns.map(({ delay_ms }) => delay_ms)).toEqual([null, null, 7500, 0]);
  });

  it('the first time of a file may come after its first record', async () => {
    const { sessions } = await read([
      { input_length: 1 },
      { input_length: 1, timestamp: 70 },
      { input_length: 1, timestamp: 40.25 },
    ]);
    expect(sessions.map(({ timestamp_ms }) => timestamp_ms)).toEqual([null, 0, -29.75]);
  });

  it('custom columns: a missing column is named, tags and system are added', async () => {
    const csv = 'q,s,n,kind,id\nWhere?,Be brief.,"12.0",a,7\nWhen?,,,,7\n';
    const columns = { prompt: 'q', system: 's', output_tokens: 'n', 'tags.kind': 'kind', session: 'id' };
    const { sessions } = await read(csv, { columns });
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({
      session: '7',
      turns: [
        { messages: [{ role: 'system' }, user('Where?')], output_tokens: 12, tags: { kind: 'a' } },
        { messages: [user('When?')], output_tokens: null, tags: {} },
      ],
    });
    await expect(read(csv, { columns: { prompt: 'quest' } })).rejects.toThrow(/:1: .*"quest"/);
    await expect(read('q,n\n,3\n', { columns: { prompt: 'q', output_tokens: 'n' } })).rejects.toThrow(
      /:2: .*"q"/,
    );
  });
});

describe('values', () => {
  it.each([
    [{ prompt: 'a', max_tokens: '3' }, 'max_tokens'],
    [{ prompt: 'a', max_tokens: -1 }, 'max_tokens'],
    [{ prompt: 'a', max_tokens: 1.5 }, 'max_tokens'],
    [{ prompt: 'a', max_tokens: 1, output_tokens: 2 }, 'output_tokens'],
    [{ prompt: 'a', maxTokens: 1 }, 'max_tokens'],
    [{ prompt: 'a', timestamp: 1 }, 'timestamp_ms'],
    [{ prompt: 'a', delay: 1 }, 'delay_ms'],
    [{ prompt: 'a', session_id: 's' }, 'session'],
    [{ prompt: 'a', delay_ms: -5 }, 'delay_ms'],
    [{ prompt: 7 }, 'prompt'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ content: 'a' }] }, 'role'],
    [{ prompt: 'a', tags: { a: ['b'] } }, 'tags.a'],
    [{ turns: [{ input_tokens: 3 }, {}] }, 'turns[1]'],
    [{ input_length: true }, 'input_length'],
    [{ input_length: 3, hash_ids: ['x'] }, 'hash_ids[0]'],
    [{ input_length: 3, timestamp: 'soon' }, 'timestamp'],
    [{ hash_ids: [1] }, 'input_length'],
    [{ text: { contents: [3] } }, 'text'],
    [{ custom_id: 'a', body: {} }, 'messages'],
  ])('%j: the error names the key', async (record, word) => {
    const error = await read([record]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'usage' });
    expect((error as Error).message).toMatch(/:1: /);
    expect((error as Error).message).toContain(word);
  });

  it('numbers may be texts in other formats', async () => {
    const { turns } = await read([
      { input_length: '128.0', output_length: ' 5 ', timestamp: '1e3', hash_ids: ['7'] },
    ]);
    expect(turns[0]).toMatchObject({ input_tokens: 128, output_tokens: 5, hash_ids: [7] });
  });

  it('keys of the prototype are only keys', async () => {
    const line =
      '{"prompt":"a","tags":{"__proto__":"x","constructor":"y"},"body":{"__proto__":{"polluted":1}}}\n';
    const { turns } = await read(line);
    expect(Object.hasOwn(turns[0]!.tags, '__proto__')).toBe(true);
    expect(turns[0]!.tags['constructor']).toBe('y');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
