import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assertDocument } from '../schemas/validator.ts';
import { wordLevel } from '../tokenize/tokenizers.ts';
import { data, FIXTURES, lines, scratchFolder } from './data-folder.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.ts');
const { path: at, records } = scratchFolder();

describe('convert', () => {
  it.each(['out.jsonl', 'out.json', 'out.csv', 'out.jsonl.gz', 'out.csv.zst', 'out.json.gz', 'out.parquet'])(
    'to %s and back keeps every key',
    async (name) => {
      const source = join(FIXTURES, 'goodput-canonical.jsonl');
      expect(await data('convert', source, '-o', at(name), '--quiet')).toMatchObject({ code: 0, err: '' });
      expect(await data('convert', at(name), '-o', at('back.jsonl'))).toMatchObject({ code: 0 });
      const expected = JSON.parse(await readFile(join(FIXTURES, 'expected.json'), 'utf8')) as {
        fixtures: Record<string, { sessions: unknown[] }>;
      };
      expect(lines(await readFile(at('back.jsonl'), 'utf8'))).toEqual(
        expected.fixtures['goodput-canonical.jsonl']!.sessions,
      );
    },
  );

  it('conversations keep their turns and answers as openai-chat and as sharegpt', async () => {
    const source = join(FIXTURES, 'sharegpt.json');
    for (const format of ['openai-chat', 'sharegpt']) {
      await data('convert', source, '--to', format, '-o', at('c.jsonl'));
      const found = JSON.parse((await data('inspect', at('c.jsonl'), '--json')).out) as Record<
        string,
        unknown
      >;
      const before = JSON.parse((await data('inspect', source, '--json')).out) as Record<string, unknown>;
      for (const key of ['sessions', 'turns', 'input', 'output']) expect(found[key]).toEqual(before[key]);
      expect(found['format']).toBe(format);
    }
  });

  it('says which keys a format loses, and refuses a session that it cannot have', async () => {
    const lossy = await records('lossy.jsonl', { prompt: 'a', max_tokens: 4 }, { prompt: 'b' });
    const { err } = await data('convert', lossy, '--to', 'openai-chat', '-o', at('l.jsonl'), '--quiet');
    expect(err).toMatch(/warning: .*openai-chat.*output_tokens.*1 session/);
    const trace = join(FIXTURES, 'azure-2023.csv');
    const refused = await data('convert', trace, '--to', 'sharegpt', '-o', at('refused.jsonl'));
    expect(refused.code).toBe(104);
    expect(refused.err).toContain('length');
    expect(await readdir(at())).not.toContain('refused.jsonl');
  });

  it('an existing file is unchanged after bad input, and no other file is left', async () => {
    await writeFile(at('kept.jsonl'), 'before');
    const bad = join(FIXTURES, 'bad', 'broken-line.jsonl');
    const found = await data('convert', bad, '-o', at('kept.jsonl'));
    expect(found.code).toBe(104);
    expect(found.err).toContain('broken-line.jsonl:4: ');
    expect(await readFile(at('kept.jsonl'), 'utf8')).toBe('before');
    expect((await readdir(at())).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

describe('the manifest', () => {
  it('has digests, licence and counts, and continues that of its source', async () => {
    const source = await records('m.jsonl', { prompt: 'a' }, { prompt: 'A ' }, { prompt: 'b' });
    await data('dedupe', source, '-o', at('m1.jsonl'), '--licence', 'CC0-1.0');
    await data('sample', at('m1.jsonl'), '--count', '1', '--seed', '7', '-o', at('m2.jsonl.zst'));
    const manifest = JSON.parse(await readFile(at('m2.jsonl.zst.manifest.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    assertDocument('data-manifest', manifest);
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    const content = await readFile(at('m2.jsonl.zst'));
    expect(lines(zstdDecompressSync(content).toString())).toHaveLength(1);
    expect(manifest).toMatchObject({
      schemaVersion: 1,
      output: { sha256: sha256(content), bytes: content.length, sessions: 1 },
      sources: [{ path: source, sha256: sha256(await readFile(source)), licence: 'CC0-1.0' }],
      steps: [
        { verb: 'dedupe', records_in: 3, records_out: 2, seed: null },
        { verb: 'sample', records_in: 2, records_out: 1, seed: 7, options: { count: 1 } },
      ],
    });
    // A source that was changed since has lost its history.
    await writeFile(at('m1.jsonl'), '{"prompt":"changed"}\n');
    await data('convert', at('m1.jsonl'), '-o', at('m3.jsonl'));
    const third = JSON.parse(await readFile(at('m3.jsonl.manifest.json'), 'utf8')) as Record<string, unknown>;
    expect(third).toMatchObject({
      sources: [{ path: at('m1.jsonl'), licence: null }],
      steps: [{ verb: 'convert' }],
    });
  });
});

it('a damaged manifest of a source is an error that names it, and nothing is written', async () => {
  const source = await records('n.jsonl', { prompt: 'a' });
  await data('dedupe', source, '-o', at('n1.jsonl'), '--licence', 'CC0-1.0');
  const path = `${at('n1.jsonl')}.manifest.json`;
  await writeFile(path, (await readFile(path, 'utf8')).replace('"bytes"', '"size"'));
  const found = await data('convert', at('n1.jsonl'), '-o', at('n2.jsonl'));
  expect(found.code).toBe(104);
  expect(found.err).toContain(`${path}: "output.bytes" is missing`);
  expect((await readdir(at('.'))).filter((name) => name.includes('n2.jsonl'))).toEqual([]);
});

it.each([
  ['inspect --by sorce', /no session has the tag "sorce"; there are source; did you mean "source"/],
  ['sample --by sorce --count 1 -o x.jsonl', /no session has the tag "sorce"/],
  ['filter --drop emty -o x.jsonl', /did you mean empty/],
])('data %s is an error that names what is meant', async (words, problem) => {
  const [verb = '', ...args] = words.replace('x.jsonl', at('x.jsonl')).split(' ');
  const found = await data(verb, join(FIXTURES, 'alpaca.json'), ...args);
  expect(found.code).toBe(104);
  expect(found.err).toMatch(problem);
});

describe('dedupe', () => {
  it.each(['exact', 'minhash', 'simhash', 'bloom'])(
    '%s writes the first of equal records',
    async (method) => {
      const long = 'one two three four five six seven eight nine ten';
      const source = await records(
        'd.jsonl',
        { prompt: long },
        { prompt: 'other' },
        { prompt: long.toUpperCase() },
      );
      const found = await data(
        'dedupe',
        source,
        '--method',
        method,
        '-o',
        at('d1.jsonl'),
        '--json',
        '--quiet',
      );
      expect(JSON.parse(found.out)).toMatchObject({ method, records: 3, kept: 2, removed: 1 });
      const kept = lines(await readFile(at('d1.jsonl'), 'utf8')) as {
        turns: { messages: { content: string }[] }[];
      }[];
      expect(kept.map(({ turns }) => turns[0]!.messages[0]!.content)).toEqual([long, 'other']);
    },
  );

  it.each(['threshold 0.5', 'blocks 2', 'expected 10', 'false-positives 2%'])(
    '--%s without its method or level is an error',
    async (option) => {
      const [name = '', value = ''] = option.split(' ');
      const found = await data('dedupe', join(FIXTURES, 'alpaca.json'), `--${name}`, value);
      expect(found.code).toBe(104);
      expect(found.err).toMatch(new RegExp(`--${name}: only valid with --(method|level)`));
    },
  );

  it('removes repeated sentences from the messages', async () => {
    const source = await records(
      'u.jsonl',
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'One. Two! One.' },
        ],
      },
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Two!  Three?' },
        ],
      },
    );
    const found = await data('dedupe', source, '--level', 'sentence', '-o', at('u1.jsonl'), '--json');
    // 4 + 3 sentences; "One." again inside; "Be brief." and "Two!" again across.
    expect(JSON.parse(found.out)).toMatchObject({ units: { total: 7, inside: 1, across: 2 }, kept: 2 });
    expect(lines(await readFile(at('u1.jsonl'), 'utf8'))).toMatchObject([
      { turns: [{ messages: [{ content: 'Be brief.' }, { content: 'One. Two!' }] }] },
      { turns: [{ messages: [{ role: 'user', content: 'Three?' }] }] },
    ]);
  });

  it.each([
    [['--level', 'prefix', '-o', 'x.jsonl'], 'nothing to write'],
    [['--level', 'sentence', '--method', 'minhash'], 'level'],
    [['--method', 'minhsh'], 'minhash'],
    [['--threshold', '1.5'], 'share'],
    [['--columns', 'promt=q'], 'prompt'],
    [['--format', 'custom'], 'columns'],
    [['--format', 'alpca'], 'alpaca'],
    [['-o', 'x.yaml'], 'ending'],
  ])('refuses %j', async (args, word) => {
    const found = await data('dedupe', join(FIXTURES, 'alpaca.json'), ...args);
    expect(found).toMatchObject({ code: 104, out: '' });
    expect(found.err).toContain(word);
  });
});

describe('sample', () => {
  it('draws from each value of a tag in proportion, and the same with the same seed', async () => {
    const source = await records(
      's.jsonl',
      ...Array.from({ length: 90 }, (_, k) => ({
        prompt: `p${k}`,
        tags: { topic: k % 3 === 0 ? 'rare' : 'often' },
      })),
    );
    const draw = async (seed: string): Promise<string> => {
      const args = ['--count', '9', '--by', 'topic', '--seed', seed, '-o', at('s1.jsonl'), '--json'];
      const { out } = await data('sample', source, ...args);
      expect(JSON.parse(out)).toMatchObject({
        sessions: 90,
        drawn: 9,
        strata: [
          { value: 'rare', sessions: 30, drawn: 3 },
          { value: 'often', sessions: 60, drawn: 6 },
        ],
      });
      return readFile(at('s1.jsonl'), 'utf8');
    };
    const first = await draw('1');
    expect(await draw('1')).toBe(first);
    expect(await draw('2')).not.toBe(first);
    const numbers = [...first.matchAll(/"p(\d+)"/g)].map(([, k]) => Number(k));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});

describe('inspect', () => {
  it('--by shows lengths for each value of a tag; text that has none is in the group without a name', async () => {
    const source = await records(
      'by.jsonl',
      { prompt: 'one two three', tags: { topic: 'a' } },
      { prompt: 'one', tags: { topic: 'b' }, output_tokens: 4 },
      { prompt: 'one two', tags: { topic: 'a' } },
      { prompt: 'x' },
    );
    const { groups } = JSON.parse((await data('inspect', source, '--by', 'topic', '--json')).out) as {
      groups: object[];
    };
    expect(groups).toMatchObject([
      { group: 'a', sessions: 2, input: { mean: 2.5, max: 3 }, output: { count: 0, mean: null } },
      { group: '', sessions: 1, input: { mean: 1 } },
      { group: 'b', sessions: 1, input: { mean: 1 }, output: { mean: 4 } },
    ]);
    expect((await data('inspect', source, '--by', 'topic')).out).toMatch(/a +2 +2.50/);
  });

  it('--tokenizer counts tokens', async () => {
    const source = await records('t.jsonl', { prompt: 'alpha beta alpha', reference: 'beta' });
    await writeFile(at('tokenizer.json'), JSON.stringify(wordLevel(['alpha', 'beta'])));
    const { out } = await data('inspect', source, '--tokenizer', at('tokenizer.json'), '--json');
    expect(JSON.parse(out)).toMatchObject({ unit: 'tokens', input: { mean: 3 }, output: { mean: 1 } });
  });
});

it('size prints the figures of its formulas', async () => {
  // z²·0.99·0.01 ÷ 0.0025² = 6084.9 and ln 0.05 ÷ ln 0.99 = 298.07.
  const { out } = await data('size', '--quantile', 'p99', '--error', '0.25%', '--json');
  expect(JSON.parse(out)).toMatchObject({ quantile: 0.99, records: 6085, minimum: 299, stability: null });
  const text = await data('size', join(FIXTURES, 'azure-2023.csv'), '--quantile', '0.5');
  expect(text.out).toMatch(/5\s+100%\s+91.0\s+44.0/);
});

it('inspect reads stdin, and its text fits 80 columns', async () => {
  const child = spawn(process.execPath, [BIN, 'data', 'inspect', '-'], { stdio: 'pipe' });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stdin.end(await readFile(join(FIXTURES, 'mooncake.jsonl.gz')));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  expect(out).toContain('stdin');
  expect(out).toMatch(/mooncake[^]*56.4%/);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('inspect writes a page, and the numbers that it draws', async () => {
  const source = join(FIXTURES, 'mooncake.jsonl.gz');
  const found = await data('inspect', source, '-o', at('page.html'), '-o', `series:${at('plots.json')}`);
  expect(found).toMatchObject({ code: 0, out: expect.stringContaining('mooncake') as string });
  expect(await readFile(at('page.html'), 'utf8')).toMatch(
    /^<!doctype html>[^]*DATA SET[^]*mooncake\.jsonl\.gz/,
  );
  const plots = JSON.parse(await readFile(at('plots.json'), 'utf8')) as { arrivals: { counts: number[] } };
  const { sessions } = JSON.parse((await data('inspect', source, '--json')).out) as { sessions: number };
  expect(plots.arrivals.counts.reduce((sum, count) => sum + count, 0)).toBe(sessions);
  expect(await data('inspect', source, '-o', at('page.htm1'))).toMatchObject({ code: 104 });
});

it('Ctrl-C keeps the existing output and removes the incomplete one', async () => {
  await writeFile(at('i.jsonl'), 'before');
  const args = [BIN, 'data', 'dedupe', '-', '-o', at('i.jsonl')];
  const child = spawn(process.execPath, args, { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.write('{"prompt":"a"}\n'.repeat(10_000));
  const isStarted = async (): Promise<boolean> =>
    (await readdir(at())).some((name) => name.startsWith('.i.jsonl'));
  while (!(await isStarted())) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(105);
  expect(await readFile(at('i.jsonl'), 'utf8')).toBe('before');
  expect((await readdir(at())).filter((name) => name.startsWith('.i.jsonl'))).toEqual([]);
});
