import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { data, lines, scratchFolder } from './data-folder.ts';

const folder = scratchFolder();

/** Writes records, and converts them to canonical sessions. */
async function convert(name: string, records: readonly object[], ...options: string[]) {
  const path = await folder.records(name, ...records);
  const out = folder.path(`${name}.out.jsonl`);
  const { code, err } = await data('convert', path, ...options, '-o', out);
  const sessions = code === 0 ? (lines(await readFile(out, 'utf8')) as any[]) : [];
  return { code, err, sessions, turns: sessions.flatMap((session) => session.turns as any[]) };
}

const user = (content: unknown) => ({ role: 'user', content });
const text = (part: unknown) => ({ type: 'text', text: part });

describe('columns of a table', () => {
  const columns = ['--columns', 'prompt=q,tags.language=lang,output_tokens=n'];

  it('may be absent from some records, the first too', async () => {
    const records = [{ q: 'a' }, { q: 'b', lang: 'de' }, { q: 'c', n: 7, lang: null }];
    const { turns } = await convert('sparse', records, ...columns);
    expect(turns.map(({ tags, output_tokens }) => [tags, output_tokens])).toEqual([
      [{}, null],
      [{ language: 'de' }, null],
      [{}, 7],
    ]);
  });

  it.each([
    [
      'JSON Lines',
      '{"q":"a"}\n{"q":"b","lagn":"de","n":1}\n',
      /table: no column "lang" for tags\.language in 2 records; did you mean/,
    ],
    [
      'a JSON array',
      '[{"q":"a","n":1},{"q":"b"}]',
      /table: no column "lang" for tags\.language in 2 records; there are "q", "n"/,
    ],
    [
      'CSV',
      'q,n,lagn\na,1,de\n',
      /table:1: no column "lang" for tags\.language in the header; did you mean "lagn"\?/,
    ],
  ])('must occur somewhere in %s', async (_, table, message) => {
    const path = folder.path('table');
    await writeFile(path, table);
    const { code, err } = await data('convert', path, ...columns, '-o', folder.path('none.jsonl'));
    expect(code).toBe(104);
    expect(err).toMatch(message);
    await expect(readFile(folder.path('none.jsonl'))).rejects.toThrow('ENOENT');
  });

  it('may be in only one of several files', async () => {
    const [a, b] = [folder.path('a.csv'), folder.path('b.csv')];
    await writeFile(a, 'q,n\na,1\n');
    await writeFile(b, 'q,lang\nb,de\n');
    const out = folder.path('both.jsonl');
    expect((await data('convert', a, b, ...columns, '-o', out)).code).toBe(0);
    expect(lines(await readFile(out, 'utf8'))).toMatchObject([
      { turns: [{ output_tokens: 1, tags: {} }] },
      { turns: [{ output_tokens: null, tags: { language: 'de' } }] },
    ]);
    const none = await data('convert', a, a, ...columns, '-o', folder.path('none.jsonl'));
    expect(none.err).toMatch(/a\.csv and 1 more: no column "lang"/);
  });

  it('are missed after 10,000 records, not later', async () => {
    const records = Array.from({ length: 10_001 }, (_, at) =>
      at === 9_999 ? { q: 'a', n: 1, lang: 'de' } : { q: 'b' },
    );
    expect((await convert('late', records, ...columns)).code).toBe(0);
    const { code, err } = await convert('later', [{ q: 'a' }, ...records], ...columns);
    expect(code).toBe(104);
    expect(err).toMatch(
      /later: no column "lang" for tags\.language in the first 10000 records; there is "q"/,
    );
  });

  it.each([
    ['prompt=q', [{ q: 'a' }, { Q: 'b' }], /:2: no "q"; did you mean "Q"\?/],
    // Another mapped column is not what is meant.
    ['prompt=q,input_tokens=n', [{ q: 'a', n: 3 }, { n: 4 }], /:2: no "q"\n/],
    ['messages=m', [{ m: [user('a')] }, { m: null }], /:2: no "m"/],
    ['prompt=q,messages=m', [{ q: 'a' }, { m: [user('a')] }, {}], /:3: no "q"/],
    ['input_tokens=n', [{ n: 1 }, { m: 3 }], /:2: no "n"/],
  ])('%s: what is asked must be in every record', async (mapped, records, message) => {
    const { code, err } = await convert('asked', records, '--columns', mapped);
    expect(code).toBe(104);
    expect(err).toMatch(message);
  });
});

describe('text parts of one message', () => {
  const parts = [text('Wh'), text('at is'), text(' it?')];
  const whole = 'What is it?';

  it('are one text: measured, converted, and equal to it', async () => {
    const path = await folder.records('parts', { messages: [user(parts)] }, { messages: [user(whole)] });
    const { out } = await data('inspect', path, '--json');
    expect(JSON.parse(out)).toMatchObject({ input: { count: 2, min: 3, max: 3 }, duplicates: { exact: 1 } });
    const { out: deduped } = await data('dedupe', path, '--json');
    expect(JSON.parse(deduped)).toMatchObject({ kept: 1, removed: 1 });
    const shared = folder.path('share.jsonl');
    expect((await data('convert', path, '--to', 'sharegpt', '-o', shared)).code).toBe(0);
    expect(lines(await readFile(shared, 'utf8'))).toMatchObject([
      { conversations: [{ from: 'human', value: whole }] },
      { conversations: [{ from: 'human', value: whole }] },
    ]);
  });

  it.each([
    [[text('a'), text(null)], /content\[1\]\.text" is null; expected a text/],
    [[{ type: 'text' }], /content\[0\]\.text" is null; expected a text/],
    [[null], /content\[0\]" is null; expected/],
    [[3], /content\[0\]" is 3; expected/],
  ])('%j is a mistake', async (content, message) => {
    const { code, err } = await convert('part', [{ messages: [user('a')] }, { messages: [user(content)] }]);
    expect(code).toBe(104);
    expect(err).toMatch(message);
    expect(err).toMatch(/part:2: "messages\[0\]\./);
  });
});

describe('a message whose content is null', () => {
  const good = (content: unknown) => ({ messages: [user(content)], max_tokens: 3 });
  const chat = (content: unknown) => ({ messages: [user(content), { role: 'assistant', content: 'b' }] });
  const share = (value: object) => ({
    conversations: [
      { from: 'human', ...value },
      { from: 'gpt', value: 'b' },
    ],
  });
  const batch = (content: unknown) => ({ custom_id: '1', body: { messages: [user(content)] } });
  const pair = (content: unknown) => ({ prompt: [user(content)], chosen: 'b', rejected: 'c' });
  const turns = (content: unknown) => ({ turns: [{ messages: [user('a')] }, { messages: [user(content)] }] });
  const KINDS: [string, (content: unknown) => object, string, string[]][] = [
    ['goodput', good, '"messages[0].content" is null', []],
    ['goodput sessions', turns, 'turns[1]: "messages[0].content" is null', []],
    ['openai-chat', chat, '"messages[0].content" is null', []],
    ['sharegpt', (value) => share({ value }), '"conversations[0].value" is null', []],
    ['sharegpt of SGLang', (content) => share({ content }), '"conversations[0].content" is null', []],
    ['openai-batch', batch, '"messages[0].content" is null', []],
    ['preference', pair, '"prompt[0].content" is null', []],
    ['alpaca', (instruction) => ({ instruction, output: 'b' }), 'no "instruction"', []],
    [
      'custom messages',
      (content) => ({ m: [user(content)] }),
      '"m[0].content" is null',
      ['--columns', 'messages=m'],
    ],
    ['custom prompts', (q) => ({ q }), 'no "q"', ['--columns', 'prompt=q']],
  ];

  it.each(KINDS)('%s: is a mistake, or removed as empty', async (_, record, message, options) => {
    const path = await folder.records('null', record('a'), record(null), record('c'));
    const refused = await data('convert', path, ...options, '-o', folder.path('refused.jsonl'));
    expect(refused.code).toBe(104);
    expect(refused.err).toContain(`null:2: ${message}`);
    // Another rule does not make it acceptable.
    expect((await data('filter', path, ...options, '--drop', 'pii')).code).toBe(104);
    const filtered = await data('filter', path, ...options, '--drop', 'pii,empty', '--json');
    expect(JSON.parse(filtered.out)).toMatchObject({
      kept: 2,
      rules: [
        { rule: 'pii', sessions: 0 },
        { rule: 'empty', sessions: 1 },
      ],
    });
  });

  it('names an absent key too, and other roles', async () => {
    const absent = await convert('absent', [share({ value: 'a' }), share({})]);
    expect(absent.err).toMatch(/absent:2: no "conversations\[0\]\.value"/);
    for (const role of ['system', 'tool', 'developer']) {
      const { err } = await convert('role', [{ messages: [{ role, content: null }, user('a')] }]);
      expect(err).toMatch(/role:1: "messages\[0\]\.content" is null; expected a text or a list of parts/);
    }
  });

  it('is an answer with a call, or no answer in a conversation', async () => {
    const called = { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'f' } }] };
    const result = { role: 'tool', content: 'r', tool_call_id: 'c' };
    const asIs = await convert('called', [{ messages: [user('a'), called, result], max_tokens: 3 }]);
    expect(asIs.turns[0].messages).toEqual([user('a'), called, result]);
    const silent = { role: 'assistant', content: null };
    const recorded = await convert('recorded', [{ messages: [user('a'), silent] }, chat('d')]);
    expect(recorded.turns.map(({ reference }) => reference)).toEqual([null, 'b']);
    const sent = await convert('sent', [{ messages: [user('a'), silent, user('b')], max_tokens: 3 }]);
    expect(sent.err).toMatch(/sent:1: "messages\[1\]\.content" is null/);
  });
});
