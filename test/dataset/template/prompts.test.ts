import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_TURN, type Session, type Turn } from '../../../src/dataset/model/session.ts';
import { PromptWriter } from '../../../src/dataset/template/prompts.ts';
import { type ModelTemplates, readTemplates } from '../../../src/dataset/template/read-template.ts';
import { strftime } from '../../../src/dataset/template/strftime.ts';
import { CHATML, LLAMA3, MISTRAL, TOOLS } from './well-known-templates.ts';

const NOON = new Date(2025, 6, 4, 12, 5, 9);

const model = (template: string): ModelTemplates => ({
  path: 'tokenizer_config.json',
  templates: new Map([['default', template]]),
  tokens: { bos_token: '<s>', eos_token: '</s>' },
  addsBos: null,
});

const session = (...turns: Partial<Turn>[]): Session => ({
  session: null,
  timestamp_ms: null,
  tags: {},
  turns: turns.map((turn) => Object.assign({}, EMPTY_TURN, turn)),
});

const user = (content: unknown) => ({ role: 'user', content });

/** The prompts of a session. */
const prompts = (template: string, given: Session): unknown[] =>
  new PromptWriter(model(template), null, NOON)
    .write(given)
    .map(({ turns }) => turns[0]!.messages![0]!['content']);

const TWO_TURNS = session(
  { messages: [user(' Where? ')], reference: 'Here.' },
  { messages: [user('When?')], reference: 'Now.' },
);

describe('the prompt of each turn has the conversation up to there', () => {
  it('ChatML', () => {
    const first = '<|im_start|>user\n Where? <|im_end|>\n';
    expect(prompts(CHATML, TWO_TURNS)).toEqual([
      `${first}<|im_start|>assistant\n`,
      `${first}<|im_start|>assistant\nHere.<|im_end|>\n<|im_start|>user\nWhen?<|im_end|>\n<|im_start|>assistant\n`,
    ]);
  });

  it('Llama 3', () => {
    const header = (role: string): string => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
    expect(prompts(LLAMA3, TWO_TURNS)).toEqual([
      `<s>${header('user')}Where?<|eot_id|>${header('assistant')}`,
      `<s>${header('user')}Where?<|eot_id|>${header('assistant')}Here.<|eot_id|>${header('user')}When?<|eot_id|>${header('assistant')}`,
    ]);
  });

  it('Mistral', () => {
    expect(prompts(MISTRAL, TWO_TURNS)).toEqual([
      '<s>[INST]  Where?  [/INST]',
      '<s>[INST]  Where?  [/INST]Here.</s>[INST] When? [/INST]',
    ]);
  });
});

describe('tools', () => {
  const tools = [{ type: 'function', function: { name: 'weather' } }];
  const called = {
    role: 'assistant',
    content: null,
    tool_calls: [{ type: 'function', function: { name: 'weather', arguments: '{"city": "Köln"}' } }],
  };
  const head =
    '<|im_start|>system\nBe brief.\nToday: 04 Jul 2025\n<tools>\n[{"type": "function", "function": {"name": "weather"}}]\n</tools><|im_end|>\n<|im_start|>user\nRain?<|im_end|>\n';

  it('are values of the template, as JSON with the spaces of Python; arguments of calls are objects', () => {
    const given = session(
      { messages: [{ role: 'system', content: 'Be brief.' }, user('Rain?')], tools, reference: called },
      { messages: [{ role: 'tool', content: 'yes' }], tools },
    );
    expect(prompts(TOOLS, given)).toEqual([
      `${head}<|im_start|>assistant\n`,
      `${head}<|im_start|>assistant\n<tool_call>{\n  "name": "weather",\n  "arguments": {\n    "city": "Köln"\n  }\n}</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>yes</tool_response><|im_end|>\n<|im_start|>assistant\n`,
    ]);
  });

  it('of the body count too, and fields of the chat API are not kept', () => {
    const body = {
      functions: [{ name: 'weather' }],
      temperature: 0,
      chat_template_kwargs: { enable_thinking: false },
    };
    const given = session({
      messages: [{ role: 'system', content: 'Be brief.' }, user('Rain?')],
      body,
      output_tokens: 9,
    });
    const [written] = new PromptWriter(model(TOOLS), null, NOON).write(given);
    expect(written!.turns[0]).toMatchObject({
      messages: [{ role: 'user', content: `${head}<|im_start|>assistant\n<think>\n\n</think>\n\n` }],
      body: { temperature: 0 },
      output_tokens: 9,
      tools: null,
    });
  });

  it('are written with the template tool_use, if there is one', () => {
    const both: ModelTemplates = {
      ...model('plain'),
      templates: new Map([
        ['default', 'plain'],
        ['tool_use', 'with tools'],
      ]),
    };
    const given = session({ messages: [user('a')] }, { messages: [user('b')], tools });
    const contents = (name: string | null): unknown[] =>
      new PromptWriter(both, name, NOON).write(given).map(({ turns }) => turns[0]!.messages![0]!['content']);
    expect(contents(null)).toEqual(['plain', 'with tools']);
    expect(contents('tool_use')).toEqual(['with tools', 'with tools']);
    expect(() => contents('tool_us')).toThrow(/tool_us".*tool_use/);
  });
});

describe('a session', () => {
  it('becomes one request for each turn, with its name, number, answer and tags', () => {
    const given: Session = { ...TWO_TURNS, session: 's1', timestamp_ms: 5, tags: { source: 'a.jsonl' } };
    expect(new PromptWriter(model(CHATML), null, NOON).write(given)).toMatchObject([
      {
        session: null,
        timestamp_ms: 5,
        tags: { source: 'a.jsonl', session: 's1', turn: '0' },
        turns: [{ reference: 'Here.' }],
      },
      { session: null, timestamp_ms: null, tags: { turn: '1' }, turns: [{ reference: 'Now.' }] },
    ]);
  });

  it('has its text parts joined', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(prompts('{{ messages[0].content }}', session({ messages: [user(parts)] }))).toEqual(['ab']);
  });

  it.each([
    [MISTRAL, session({ messages: [{ role: 'system', content: 'x' }, user('Hi')] }), /alternate/],
    [CHATML, session({ input_tokens: 5 }), /length/],
    [CHATML, session({ messages: [user([{ type: 'image_url' }])] }), /images/],
    ['{{ messages[0].content.nothing() }}', session({ messages: [user('Hi')] }), /Hi.*tokenizer_config/],
  ])('that cannot be written is an error with the reason: %#', (template, given, reason) => {
    expect(() => prompts(template, given)).toThrow(reason);
  });

  it('begins with the bos_token if the template writes it', () => {
    const withBos = new PromptWriter(model(LLAMA3), null, NOON);
    withBos.write(TWO_TURNS);
    const without = new PromptWriter(model(CHATML), null, NOON);
    without.write(TWO_TURNS);
    expect([withBos.prompts, withBos.withBos, without.withBos]).toEqual([2, 2, 0]);
  });
});

it('the date is in English, whatever the language of the system', () => {
  // 2025-07-04 was a Friday.
  expect(strftime(NOON, '%A %a %d %e %B %b %m %Y %y %H %I %p %M %S %% %Q')).toBe(
    'Friday Fri 04  4 July Jul 07 2025 25 12 12 PM 05 09 % %Q',
  );
});

describe('the files of a model', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goodput-template-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Reads the templates of a folder with these files. */
  async function read(name: string, files: Record<string, unknown>): Promise<ModelTemplates> {
    const inside = await mkdtemp(join(folder, 'model-'));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(inside, path, '..'), { recursive: true });
      await writeFile(join(inside, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return readTemplates(join(inside, name));
  }
  const entries = ({ templates }: ModelTemplates): unknown => Object.fromEntries(templates);
  const CONFIG = 'tokenizer_config.json';

  it('one template; tokens as texts and as objects', async () => {
    const found = await read(CONFIG, {
      [CONFIG]: {
        chat_template: 'a',
        bos_token: '<s>',
        eos_token: { content: '</s>', lstrip: false },
        pad_token: null,
        add_bos_token: true,
      },
    });
    expect(entries(found)).toEqual({ default: 'a' });
    expect(found).toMatchObject({ tokens: { bos_token: '<s>', eos_token: '</s>' }, addsBos: true });
    expect(Object.keys(found.tokens)).toHaveLength(2);
  });

  it('named templates', async () => {
    const list = [
      { name: 'default', template: 'a' },
      { name: 'tool_use', template: 'b' },
    ];
    expect(entries(await read(CONFIG, { [CONFIG]: { chat_template: list } }))).toEqual({
      default: 'a',
      tool_use: 'b',
    });
  });

  it('files next to the config override it', async () => {
    const found = await read(CONFIG, {
      [CONFIG]: { chat_template: 'a', bos_token: '<s>' },
      'chat_template.jinja': 'b',
      'additional_chat_templates/tool_use.jinja': 'c',
    });
    expect(entries(found)).toEqual({ default: 'b', tool_use: 'c' });
    expect(found.tokens).toEqual({ bos_token: '<s>' });
  });

  it('a .jinja file has the tokens of the config next to it', async () => {
    const found = await read('my.jinja', { 'my.jinja': 'a', [CONFIG]: { bos_token: '<s>' } });
    expect(entries(found)).toEqual({ default: 'a' });
    expect(found.tokens).toEqual({ bos_token: '<s>' });
    expect((await read('my.jinja', { 'my.jinja': 'a' })).tokens).toEqual({});
  });

  it.each([
    [{ [CONFIG]: { bos_token: '<s>' } }, /chat_template/],
    [{ [CONFIG]: '{' }, /invalid JSON/],
    [{ [CONFIG]: { chat_template: [{ name: 'default' }] } }, /named templates/],
    [{}, /no such file/],
  ])('mistakes are named: %j', async (files, reason) => {
    await expect(read(CONFIG, files)).rejects.toThrow(reason);
  });
});
