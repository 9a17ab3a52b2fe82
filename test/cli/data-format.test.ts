import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHATML, LLAMA3 } from '../dataset/template/well-known-templates.ts';
import { wordLevel } from '../tokenize/tokenizers.ts';
import { data, FIXTURES, lines, scratchFolder } from './data-folder.ts';

const { path: at, records } = scratchFolder();

async function config(name: string, content: object): Promise<string> {
  await writeFile(at(name), JSON.stringify(content));
  return at(name);
}

it('without a template it writes a format, as convert does', async () => {
  const source = join(FIXTURES, 'sharegpt.json');
  await data('format', source, '--to', 'openai-chat', '-o', at('f.jsonl'));
  await data('convert', source, '--to', 'openai-chat', '-o', at('c.jsonl'));
  expect(await readFile(at('f.jsonl'), 'utf8')).toBe(await readFile(at('c.jsonl'), 'utf8'));
  expect(JSON.parse(await readFile(at('f.jsonl.manifest.json'), 'utf8'))).toMatchObject({
    steps: [{ verb: 'format', options: { to: 'openai-chat' } }],
  });
});

it('with a template it writes prompts, counts them and names them in the manifest', async () => {
  const source = await records('s.jsonl', { prompt: 'alpha beta', max_tokens: 4 }, { prompt: 'beta' });
  const template = await config('tokenizer_config.json', { chat_template: CHATML });
  const tokenizer = await config('tokenizer.json', wordLevel(['alpha', 'beta']));
  const args = ['--template', template, '--tokenizer', tokenizer, '-o', at('p.jsonl')];
  const { code, out, err } = await data('format', source, ...args, '--json', '--quiet');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  // "<|im_start|>user", "alpha", "beta<|im_end|>" and "<|im_start|>assistant" apart by white space; then without "alpha".
  expect(JSON.parse(out)).toMatchObject({
    records: 2,
    sessions: 2,
    template: { path: template, prompts: { default: 2 } },
    tokens: { count: 2, min: 3, max: 4 },
    double_bos: 0,
  });
  expect(lines(await readFile(at('p.jsonl'), 'utf8'))[0]).toMatchObject({
    turns: [
      {
        messages: [
          { role: 'user', content: '<|im_start|>user\nalpha beta<|im_end|>\n<|im_start|>assistant\n' },
        ],
        output_tokens: 4,
      },
    ],
  });
  expect(JSON.parse(await readFile(at('p.jsonl.manifest.json'), 'utf8'))).toMatchObject({
    steps: [{ verb: 'format', options: { template, templates: { default: 2 } } }],
    tokenizer,
  });
  expect((await data('format', source, ...args)).out).toMatch(/2 prompts by default\n.*\n.*prompt +2/);
});

/** A tokenizer that begins every text with `<s>`, as Llama's do. */
const withBos = {
  ...wordLevel(['<s>']),
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
};

it('warns of a bos_token that the template writes and the tokenizer adds', async () => {
  const source = await records('b.jsonl', { prompt: 'a' }, { prompt: 'b' });
  const tokens = { bos_token: '<s>', eos_token: '</s>' };
  const cases = [
    { chat_template: LLAMA3, expected: 0 },
    { chat_template: LLAMA3, add_bos_token: true, expected: 2 },
    { chat_template: CHATML, add_bos_token: true, expected: 0 },
    { chat_template: LLAMA3, add_bos_token: true, tokenizer: wordLevel(['<s>']), expected: 0 },
    { chat_template: LLAMA3, tokenizer: withBos, expected: 2 },
  ];
  for (const { expected, tokenizer, ...own } of cases) {
    const args = ['--template', await config('tokenizer_config.json', { ...tokens, ...own })];
    if (tokenizer !== undefined) args.push('--tokenizer', await config('tokenizer.json', tokenizer));
    const { out, err } = await data('format', source, ...args, '-o', at('bos.jsonl'), '--json');
    expect([own, (JSON.parse(out) as { double_bos: number }).double_bos]).toEqual([own, expected]);
    expect(/warning: <s> .*2 prompts.*add_special_tokens/.test(err)).toBe(expected > 0);
  }
});

it('says that prompts lose the delays of a session', async () => {
  const source = await records(
    'd.jsonl',
    { prompt: 'a', session: 's' },
    { prompt: 'b', session: 's', delay_ms: 5 },
  );
  const template = await config('tokenizer_config.json', { chat_template: CHATML });
  const { err } = await data('format', source, '--template', template, '-o', at('d1.jsonl'), '--quiet');
  expect(err).toMatch(/warning: .*delay_ms.*1 session/);
});

it.each([
  [['--template-name', 'x'], /--template-name.*--template/],
  [['--template', 'tokenizer_config.json', '--to', 'sharegpt'], /sharegpt/],
  [['--template', 'tokenizer_config.json', '--date', '2025-13-01'], /--date.*2025-13-01/],
  [['--template', 'nothing.json'], /nothing\.json.*no such file/],
  [['--template', '.'], /tokenizer_config\.json in it/],
])('refuses %j', async (args, reason) => {
  const found = await data('format', join(FIXTURES, 'alpaca.json'), ...args, '-o', at('x.jsonl'));
  expect(found).toMatchObject({ code: 104, out: '' });
  expect(found.err).toMatch(reason);
});
