import { readFile } from 'node:fs/promises';
import { didYouMean, type Failed, GoodputError, type Result } from '../errors.ts';
import { randomStream } from '../random.ts';
import { reasonOf } from '../system-errors.ts';
import type { Prompt } from './prompt.ts';

/** The content of one line of a prompt file. */
export interface PromptEntry {
  prompt: Prompt;
  /** `null`: the scenario's output length applies. */
  maxTokens: number | null;
}

const MISTAKES_SHOWN = 20;
const KEYS = ['prompt', 'messages', 'max_tokens'];

/**
 * Reads JSON Lines: `{"prompt": "…"}` or `{"messages": [{"role": "user", "content": "…"}]}`, each with an optional
 * `max_tokens`. Blank lines are skipped, and other keys (ids, labels of a data set) are ignored.
 * @throws {GoodputError} kind `usage` that lists the mistakes (the first 20) as `file:line`
 */
export function parsePrompts(text: string, file: string): PromptEntry[] {
  const entries: PromptEntry[] = [];
  const mistakes: string[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const entry = parseEntry(line);
    if (entry.ok) entries.push(entry.value);
    else mistakes.push(`${file}:${index + 1}: ${entry.problem}`);
  }
  if (mistakes.length > MISTAKES_SHOWN) {
    const more = mistakes.length - MISTAKES_SHOWN;
    mistakes.splice(MISTAKES_SHOWN, more, `${file}: and ${more} more ${more === 1 ? 'mistake' : 'mistakes'}`);
  }
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'), { hint: FORMAT_HINT });
  if (entries.length === 0)
    throw new GoodputError('usage', `${file}: contains no prompt`, { hint: FORMAT_HINT });
  return entries;
}

const FORMAT_HINT =
  'Each line of a prompt file is one JSON object: {"prompt": "…"} or {"messages": […]}, with an optional "max_tokens".';

const wrong = (problem: string): Failed => ({ ok: false, problem });

function parseEntry(line: string): Result<PromptEntry> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return wrong(`invalid JSON: ${(error as SyntaxError).message}`);
  }
  if (!isObject(value)) return wrong('expected an object with "prompt" or "messages"');
  const maxTokens = value['max_tokens'] ?? null;
  if (!(maxTokens === null || isWholeAtLeastOne(maxTokens))) {
    return wrong(`"max_tokens" is ${JSON.stringify(maxTokens)}; expected a whole number, at least 1`);
  }
  // A misspelt limit would change the measurement unnoticed; any other unknown key has no effect.
  const misspelt = Object.keys(value).find((key) => key !== 'max_tokens' && /max.*tok/i.test(key));
  if (misspelt !== undefined) return wrong(`unknown key "${misspelt}"; did you mean "max_tokens"?`);
  const prompt = parsePrompt(value);
  return prompt.ok ? { ok: true, value: { prompt: prompt.value, maxTokens } } : prompt;
}

function parsePrompt(value: Record<string, unknown>): Result<Prompt> {
  const { prompt, messages } = value;
  if (prompt !== undefined && messages !== undefined)
    return wrong('has both "prompt" and "messages"; expected one');
  if (prompt !== undefined) {
    if (typeof prompt !== 'string') return wrong('"prompt" is not text');
    return prompt === '' ? wrong('"prompt" is empty') : { ok: true, value: { kind: 'text', text: prompt } };
  }
  if (messages === undefined) return wrong(missingPrompt(Object.keys(value)));
  if (!Array.isArray(messages) || messages.length === 0) return wrong('"messages" is not a list of messages');
  const checked: Record<string, unknown>[] = [];
  for (const message of messages as readonly unknown[]) {
    if (!isObject(message)) return wrong(`messages[${checked.length}] is not an object`);
    if (typeof message['role'] !== 'string') return wrong(`messages[${checked.length}] has no "role"`);
    checked.push(message);
  }
  return { ok: true, value: { kind: 'messages', messages: checked } };
}

function missingPrompt(keys: readonly string[]): string {
  for (const key of keys) {
    const meant = didYouMean(key, KEYS);
    if (meant !== null && meant !== key) return `unknown key "${key}"; did you mean "${meant}"?`;
  }
  return 'has neither "prompt" nor "messages"';
}

function isWholeAtLeastOne(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws {GoodputError} kind `usage` if the file cannot be read, or as `parsePrompts` */
export async function readPrompts(path: string): Promise<PromptEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new GoodputError('usage', `cannot read the prompt file ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return parsePrompts(text, path);
}

/**
 * Returns a function from a request's number to the index of its prompt, among `count`. Every pass through the file has a different
 * order, so a file sorted by length causes no trend in the measurement, and no prompt repeats before all have been used.
 */
export function promptOrder(seed: number, count: number): (i: number) => number {
  const order = new Uint32Array(count);
  let shuffled = -1;
  return (i) => {
    const pass = Math.floor(i / count);
    if (pass !== shuffled) {
      shuffle(order, seed, pass);
      shuffled = pass;
    }
    return order[i % count]!;
  };
}

/** Fisher–Yates. */
function shuffle(order: Uint32Array, seed: number, pass: number): void {
  const random = randomStream(seed, 'prompt order', pass);
  for (let k = 0; k < order.length; k++) order[k] = k;
  for (let k = order.length - 1; k > 0; k--) {
    const other = random.below(k + 1);
    const value = order[k]!;
    order[k] = order[other]!;
    order[other] = value;
  }
}
