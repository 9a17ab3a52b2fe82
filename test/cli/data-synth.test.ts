import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { startEndpoint } from '../../src/simulator/index.ts';
import { type AnsweringServer, answeringServer, type Scripted } from '../ask/answering-server.ts';
import { wordLevel } from '../tokenize/tokenizers.ts';
import { WORDS } from '../../src/workload/words.ts';
import { data, scratchFolder } from './data-folder.ts';

const { path: at } = scratchFolder();
let server: AnsweringServer | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

const synth = (...args: string[]) => data('synth', ...args);

interface Made {
  tags: Record<string, string>;
  turns: { messages: { content: string }[]; input_tokens: number | null; reference: string | null }[];
}
const sessionsOf = async (name: string): Promise<Made[]> =>
  (await readFile(at(name), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Made);
const manifestOf = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(at(`${name}.manifest.json`), 'utf8')) as Record<string, unknown>;

describe('without an endpoint', () => {
  it('--profile writes lengths with the source and its licence in the manifest', async () => {
    const args = ['--profile', 'azure-2023-conv', '--count', '5', '--seed', '7'];
    const made = await synth(...args, '-o', at('p.jsonl'), '--json');
    expect(made.code).toBe(0);
    expect(JSON.parse(made.out)).toMatchObject({ sessions: 5, seed: 7, profile: 'azure-2023-conv' });
    expect(await sessionsOf('p.jsonl')).toHaveLength(5);
    expect(await manifestOf('p.jsonl')).toMatchObject({
      sources: [{ path: 'profile azure-2023-conv', licence: expect.stringContaining('CC BY') as string }],
      steps: [
        { verb: 'synth', seed: 7, records_out: 5, options: { arrivals: { rate: 5.53, shape: 0.871 } } },
      ],
    });
    await synth(...args, '-o', at('p2.jsonl'));
    expect(await readFile(at('p2.jsonl'))).toEqual(await readFile(at('p.jsonl')));
  });

  it('--text with a tokenizer writes texts of exactly the lengths', async () => {
    await writeFile(at('tokenizer.json'), JSON.stringify(wordLevel(WORDS)));
    const args = ['--profile', 'azure-2023-conv', '--count', '5'];
    await synth(...args, '-o', at('l.jsonl'));
    const texts = await synth(...args, '--text', '--tokenizer', at('tokenizer.json'), '-o', at('t.jsonl'));
    expect(texts.code).toBe(0);
    const lengths = (await sessionsOf('l.jsonl')).map(({ turns }) => turns[0]!.input_tokens);
    const counted = (await sessionsOf('t.jsonl')).map(
      ({ turns }) => turns[0]!.messages[0]!.content.split(' ').length,
    );
    expect(counted).toEqual(lengths);
  });

  it('--template fills the places, and names a field that is not used', async () => {
    await writeFile(at('t.txt'), 'A {{colour}} {{thing}}.\n');
    await writeFile(at('f.json'), '{"colour": ["red"], "thing": ["lamp", "car"], "size": [1]}');
    const made = await synth(
      '--template',
      at('t.txt'),
      '--fields',
      at('f.json'),
      '--count',
      '20',
      '-o',
      at('f.jsonl'),
    );
    expect(made.err).toMatch(/warning: .*f\.json.*size/);
    const texts = (await sessionsOf('f.jsonl')).map(({ turns }) => turns[0]!.messages[0]!.content);
    expect([...new Set(texts)].toSorted()).toEqual(['A red car.', 'A red lamp.']);
    const { sources } = (await manifestOf('f.jsonl')) as { sources: { path: string }[] };
    expect(sources.map(({ path }) => path)).toEqual([at('t.txt'), at('f.json')]);
  });

  it('--perturb and --long-context use the texts of files', async () => {
    const text = Array.from({ length: 200 }, (_, k) => `w${k}`).join(' ');
    await writeFile(at('d.jsonl'), `${JSON.stringify({ prompt: text })}\n`.repeat(3));
    await synth(at('d.jsonl'), '--perturb', '1.5%', '--count', '2', '-o', at('d1.jsonl'));
    const changed = await sessionsOf('d1.jsonl');
    expect(changed.map(({ tags }) => tags['parent'])).toEqual(['d.jsonl#0', 'd.jsonl#1']);
    for (const { turns } of changed)
      expect(turns[0]!.messages[0]!.content.split(' ').filter((word) => !/^w\d/.test(word))).toHaveLength(3);
    const args = ['--long-context', '300', '--depth', '10,90', '--count', '2', '-o', at('n.jsonl')];
    expect(await synth(at('d.jsonl'), ...args)).toMatchObject({ code: 0 });
    const needles = await sessionsOf('n.jsonl');
    expect(needles.map(({ tags }) => tags['depth'])).toEqual(['10', '90']);
    for (const { turns } of needles)
      expect(turns[0]!.messages[0]!.content).toContain(`is ${turns[0]!.reference}.`);
    expect(await manifestOf('n.jsonl')).toMatchObject({ sources: [{ path: at('d.jsonl') }] });
  });

  it.each([
    [['--count', '3'], /one of --profile, --template/],
    [['--profile', 'azure-2023-conv', '--instruct', '--count', '3'], /--profile and --instruct/],
    [['--profile', 'azure-2023-con', '--count', '3'], /did you mean azure-2023-conv/],
    [['--profile', 'azure-2023-conv'], /--count/],
    [['--profile', 'azure-2023-conv', '--count', '3', '--depth', '5'], /--depth.*--long-context.*--profile/],
    [['--template', 't.txt', '--count', '3'], /--fields/],
    [['--perturb', '1%'], /--perturb: name/],
    [['x.jsonl', '--perturb', '120%'], /--perturb.*120%/],
    [['--long-context', '10', '--count', '1'], /--long-context.*at least 64/],
    [['--long-context', '100', '--depth', '101', '--count', '1'], /--depth.*0 to 100/],
    [['x.jsonl', '--paraphrase', '2'], /--endpoint/],
    [['x.jsonl', '--perturb', '1%', '--model', 'm', '--parallel', '2'], /--parallel: --perturb[^]*--model/],
  ])('%j is an error', async (args, message) => {
    const found = await synth(...args, '-o', at('never.jsonl'));
    expect(found.code).toBe(104);
    expect(found.err).toMatch(message);
    expect(existsSync(at('never.jsonl'))).toBe(false);
  });

  it('a record without text is an error that names it', async () => {
    await writeFile(at('mixed.jsonl'), '{"prompt":"a"}\n{"turns":[{"input_tokens":4}]}\n');
    const args = [at('mixed.jsonl'), '--perturb', '5%', '-o', at('mixed1.jsonl')];
    expect((await synth(...args)).err).toContain('mixed.jsonl#1');
    // Only the first is used.
    expect(await synth(...args, '--count', '1')).toMatchObject({ code: 0 });
  });
});

describe('with an endpoint', () => {
  const prompts = Array.from({ length: 12 }, (_, k) => `Question ${k}?`);
  const source = async (): Promise<string> => {
    await writeFile(at('q.jsonl'), prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(''));
    return at('q.jsonl');
  };
  /** The text that a question is about. */
  const about = (question: string): string => /<text>\n([^]*)\n<\/text>/.exec(question)?.[1] ?? '';
  const answers = (question: string): Scripted => ({ text: `New ${about(question)}` });
  const start = async (script: Parameters<typeof answeringServer>[0]): Promise<string> => {
    server?.close();
    server = await answeringServer(script);
    return server.url;
  };
  const paraphrases = async (url: string, name: string, ...args: string[]) =>
    synth(await source(), '--paraphrase', '1', '--endpoint', url, '-o', at(name), ...args);
  const textsOf = async (name: string): Promise<string[]> =>
    (await sessionsOf(name)).map(({ turns }) => turns[0]!.messages[0]!.content);
  const asked = (): string[] => server!.bodies.slice(1).map(({ messages }) => about(messages[0]!.content));

  it('writes the answers in the order of the records, with the parent, and says what they cost', async () => {
    const url = await start(answers);
    const found = await paraphrases(url, 'e.jsonl', '--json');
    expect(found.code).toBe(0);
    expect(await textsOf('e.jsonl')).toEqual(prompts.map((prompt) => `New ${prompt}`));
    expect((await sessionsOf('e.jsonl')).map(({ tags }) => tags['parent'])).toEqual(
      prompts.map((_, k) => `q.jsonl#${k}`),
    );
    const cost = { questions: 12, input_tokens: 12 * 7, output_tokens: 12 * 3 };
    expect(JSON.parse(found.out)).toMatchObject({ sessions: 12, model: 'scripted', paraphrase: 1, ...cost });
    expect(found.err).toMatch(/12 questions, 84 input and 36 output tokens/);
    expect(await manifestOf('e.jsonl')).toMatchObject({
      sources: [{ path: at('q.jsonl') }],
      steps: [{ verb: 'synth', seed: null, records_in: 12, options: { model: 'scripted', ...cost } }],
    });
    expect(existsSync(at('e.jsonl.partial'))).toBe(false);
  });

  it('a failure in the middle loses no answer: the same command asks only for the rest', async () => {
    const failing = await start((question, number) =>
      number > 5 ? { status: 401, error: 'the key expired' } : answers(question),
    );
    const failed = await paraphrases(failing, 'r.jsonl', '--parallel', '3');
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/key expired[^]*same command.*r\.jsonl\.partial.*5 records/);
    expect(existsSync(at('r.jsonl'))).toBe(false);
    const answered = new Set(asked().slice(0, 5));

    const other = await paraphrases(failing, 'r.jsonl', '--model', 'another');
    expect(other).toMatchObject({
      code: 104,
      err: expect.stringMatching(/r\.jsonl\.partial.*model/) as string,
    });

    const again = await paraphrases(await start(answers), 'r.jsonl');
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('5 records') as string });
    expect(asked()).toHaveLength(7);
    expect(asked().filter((text) => answered.has(text))).toEqual([]);
    expect(await textsOf('r.jsonl')).toEqual(prompts.map((prompt) => `New ${prompt}`));
    expect(await manifestOf('r.jsonl')).toMatchObject({
      steps: [{ options: { questions: 12, input_tokens: 84 } }],
    });
  });

  it('Ctrl-C loses no answer either, and an existing output stays', async () => {
    await writeFile(at('i.jsonl'), 'before');
    const url = await start(async (question, number) => {
      if (number === 4) process.emit('SIGINT');
      if (number >= 4) await new Promise((resolve) => setTimeout(resolve, 50));
      return answers(question);
    });
    const stopped = await paraphrases(url, 'i.jsonl', '--parallel', '1');
    expect(stopped).toMatchObject({
      code: 105,
      err: expect.stringMatching(/same command.*3 records/) as string,
    });
    expect(await readFile(at('i.jsonl'), 'utf8')).toBe('before');
    expect(await paraphrases(await start(answers), 'i.jsonl')).toMatchObject({ code: 0 });
    expect(asked()).toHaveLength(9);
    expect(await textsOf('i.jsonl')).toEqual(prompts.map((prompt) => `New ${prompt}`));
  });

  it('a source that changed since is an error', async () => {
    const failing = await start((question, number) =>
      number > 2 ? { status: 401, error: 'no key' } : answers(question),
    );
    await paraphrases(failing, 'c.jsonl', '--parallel', '1');
    await writeFile(at('q2.jsonl'), '{"prompt":"Other?"}\n');
    const changed = await synth(
      at('q2.jsonl'),
      '--paraphrase',
      '1',
      '--endpoint',
      await start(answers),
      '-o',
      at('c.jsonl'),
    );
    expect(changed).toMatchObject({
      code: 104,
      err: expect.stringMatching(/record 0 is different/) as string,
    });
  });

  it('a refused record is left out and named; with none left nothing is written', async () => {
    const url = await start((question) =>
      about(question).includes('7') ? { status: 400, error: 'too long' } : answers(question),
    );
    const found = await paraphrases(url, 'x.jsonl', '--count', '8');
    expect(found.err).toMatch(/warning: nothing was made of 1 record: .*too long/);
    expect(await manifestOf('x.jsonl')).toMatchObject({ steps: [{ records_in: 12, options: { asked: 8 } }] });
    expect(await textsOf('x.jsonl')).toEqual(prompts.slice(0, 7).map((prompt) => `New ${prompt}`));
    const all = await start((_, number) =>
      number === 0 ? { text: 'yes' } : { status: 400, error: 'never' },
    );
    const none = await paraphrases(all, 'y.jsonl');
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('never') as string });
    expect([existsSync(at('y.jsonl')), existsSync(at('y.jsonl.partial'))]).toEqual([false, false]);
  });

  it('asks a simulated server, with several versions of each record', async () => {
    const simulated = await startEndpoint({ naturalLength: { distribution: 'uniform', min: 3, max: 40 } });
    try {
      const args = ['--paraphrase', '3', '--endpoint', simulated.url, '--count', '5', '-o', at('s.jsonl')];
      const found = await synth(await source(), ...args, '--json');
      const { repeated } = JSON.parse(found.out) as { repeated: number };
      const made = await sessionsOf('s.jsonl');
      // An answer that repeats an earlier one is dropped, and simulated answers may be equal.
      expect(new Set(made.map(({ tags }) => tags['parent']))).toEqual(new Set(['q.jsonl#0', 'q.jsonl#1']));
      expect(new Set(made.map((session) => JSON.stringify(session))).size).toBe(made.length);
      expect(await manifestOf('s.jsonl')).toMatchObject({ steps: [{ options: { questions: 6 } }] });
      expect(made).toHaveLength(Math.min(5, 6 - repeated));
    } finally {
      await simulated.close();
    }
  });
});
