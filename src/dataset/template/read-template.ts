import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { didYouMean, GoodputError } from '../../errors.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';

/** The chat templates of a model, and what its tokenizer_config.json says about special tokens. */
export interface ModelTemplates {
  /** The file that the templates are from. */
  path: string;
  /** The texts by name; a single template is `default`. */
  templates: ReadonlyMap<string, string>;
  /** Special tokens by key, such as `bos_token`. */
  tokens: Readonly<Record<string, unknown>>;
  /** True if the tokenizer begins every text with the `bos_token`; `null`: unknown. */
  addsBos: boolean | null;
}

const CONFIG = 'tokenizer_config.json';
const SINGLE = 'chat_template.jinja';
const MORE = 'additional_chat_templates';

/**
 * Reads the chat templates of a tokenizer_config.json, or a `.jinja` file with the special tokens of the tokenizer_config.json next to it.
 * `chat_template.jinja` next to a tokenizer_config.json overrides it, as in transformers.
 * @throws {GoodputError} kind `usage` if a file cannot be read, or there is no template
 */
export async function readTemplates(path: string): Promise<ModelTemplates> {
  const text = await textOf(path);
  if (text === null) throw new GoodputError('usage', `cannot read the template ${path}: no such file`);
  const folder = dirname(path);
  if (!path.endsWith('.json')) {
    const config = join(folder, CONFIG);
    const found = await textOf(config);
    return {
      path,
      templates: new Map([['default', text]]),
      ...tokensOf(found === null ? {} : json(found, config)),
    };
  }
  const config = json(text, path);
  const single = join(folder, SINGLE);
  const templates = await filesOf(single, join(folder, MORE));
  if (templates.size > 0) return { path: single, templates, ...tokensOf(config) };
  const own = templatesIn(config['chat_template'], path);
  if (own.size > 0) return { path, templates: own, ...tokensOf(config) };
  throw new GoodputError('usage', `${path}: has no "chat_template", and there is no ${SINGLE} next to it`, {
    hint: `Name the ${CONFIG} of a chat model, or a .jinja file.`,
  });
}

/**
 * Returns the text of a template: the named one, `tool_use` for a conversation with tools, else `default`.
 * @throws {GoodputError} kind `usage` if there is none
 */
export function selectTemplate(
  { path, templates }: ModelTemplates,
  name: string | null,
  hasTools: boolean,
): { name: string; text: string } {
  const wanted = name ?? (hasTools && templates.has('tool_use') ? 'tool_use' : 'default');
  const text = templates.get(wanted);
  if (text !== undefined) return { name: wanted, text };
  const names = [...templates.keys()];
  const meant = didYouMean(wanted, names);
  throw new GoodputError(
    'usage',
    name === null
      ? `${path}: has several templates and none is the default`
      : `${path}: has no template ${JSON.stringify(name)}${meant === null ? '' : ` (did you mean ${meant}?)`}`,
    { hint: `Choose one with --template-name: ${names.join(', ')}.` },
  );
}

/** Returns the text of a file; `null` if there is none. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw new GoodputError('usage', `cannot read the template ${path}: ${reasonOf(error)}`, {
      ...(codeOf(error) === 'EISDIR' ? { hint: `Name the ${CONFIG} in it.` } : {}),
      cause: error,
    });
  }
}

function json(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GoodputError('usage', `${path}: invalid JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new GoodputError('usage', `${path}: not a ${CONFIG}: expected an object`);
}

/** Returns the templates of the `.jinja` files next to a tokenizer_config.json. */
async function filesOf(single: string, more: string): Promise<Map<string, string>> {
  const files = (await readdir(more).catch(() => [])).filter((file) => file.endsWith('.jinja')).sort();
  const paths = [
    { name: 'default', path: single },
    ...files.map((file) => ({ name: basename(file, '.jinja'), path: join(more, file) })),
  ];
  const templates = new Map<string, string>();
  for (const { name, path } of paths) {
    const text = await textOf(path);
    if (text !== null) templates.set(name, text);
  }
  return templates;
}

/** Returns the templates of the key `chat_template`: a text, a list of `{name, template}`, or texts by name. */
function templatesIn(value: unknown, path: string): Map<string, string> {
  if (value === undefined || value === null) return new Map();
  if (typeof value === 'string') return new Map([['default', value]]);
  const pairs: unknown[][] = Array.isArray(value)
    ? (value as readonly Record<string, unknown>[]).map((each) => [each?.['name'], each?.['template']])
    : Object.entries(value);
  if (pairs.every(([name, text]) => typeof name === 'string' && typeof text === 'string'))
    return new Map(pairs as [string, string][]);
  throw new GoodputError('usage', `${path}: "chat_template" is neither a text nor a list of named templates`);
}

/** Returns the special tokens, each a text or an object with its `content`. */
function tokensOf(config: Readonly<Record<string, unknown>>): Pick<ModelTemplates, 'tokens' | 'addsBos'> {
  const { add_bos_token } = config;
  const tokens = Object.entries(config).flatMap(([key, value]) => {
    const isObject = typeof value === 'object' && value !== null;
    const content = isObject && 'content' in value ? value.content : value;
    return key.endsWith('_token') && typeof content === 'string' ? [[key, content] as const] : [];
  });
  return {
    tokens: Object.fromEntries(tokens),
    addsBos: typeof add_bos_token === 'boolean' ? add_bos_token : null,
  };
}
