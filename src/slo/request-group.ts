import { mistake, type Reading, wrong } from './condition.ts';

/**
 * The group of a gate, `by turn=1`, and the names of groups.
 *
 *     group = key "=" name
 *     key   = word                                         turn, model, input_tokens, output_tokens or a tag
 *     name  = word
 *     word  = text without blanks, quotes, commas and signs of comparison / a JSON string
 */

/** Requests of a run that have a value in common. */
export interface RequestGroup {
  key: string;
  /** The value in common: `1`, `lora-a`, `128–255`. */
  name: string;
}

/** The keys with a meaning of their own; every other key is the name of a tag. */
export const GROUP_KEYS = ['turn', 'model', 'source', 'language', 'input_tokens', 'output_tokens'] as const;

/** Name of the group of the requests without a value. */
export const NO_GROUP = '(none)';

/** Returns the group of a number of tokens, between two powers of two: `0`, `1`, `2–3`, `128–255`. */
export function tokenRange(tokens: number): string {
  if (tokens < 2) return String(tokens);
  const low = 2 ** Math.floor(Math.log2(tokens));
  return `${low}–${2 * low - 1}`;
}

/** Returns true for a key whose groups are numbers or ranges of numbers. */
export const isNumberKey = (key: string): boolean => key === 'turn' || isTokenKey(key);

/** Returns true for a key whose groups are ranges of tokens. */
export const isTokenKey = (key: string): boolean => key === 'input_tokens' || key === 'output_tokens';

const WORD = String.raw`"(?:[^"\\]|\\.)*"|[^\s"=,<>!≤≥]+`;
const GROUP = new RegExp(String.raw`\bby\b(?:\s*(${WORD}))?(\s*=(?:\s*(${WORD}))?)?`);
const PLAIN = new RegExp(String.raw`^[^\s"=,<>!≤≥]+$`);

/** Splits the text of a gate into the group and the rest, in which blanks replace the group so that offsets remain the same. */
export function splitGroup(text: string): { rest: string; group: Reading<RequestGroup> | null } {
  const found = GROUP.exec(text);
  if (found === null) return { rest: text, group: null };
  const { index } = found;
  const rest = text.slice(0, index) + ' '.repeat(found[0].length) + text.slice(index + found[0].length);
  const bad = (message: string, offset = index) => wrong(mistake(offset, 'group', message));
  if (/[<>=!≤≥]/.test(text.slice(0, index)))
    return { rest, group: bad('a group stands before the comparison, like "attainment by turn=1 >= 90%"') };
  const second = rest.search(/\bby\b/);
  if (second !== -1) return { rest, group: bad('one group per gate: omit the second "by"', second) };
  return { rest, group: readGroup(found) };
}

function readGroup({ index, 0: whole, 1: key, 3: name }: RegExpExecArray): Reading<RequestGroup> {
  const bad = (message: string, offset: number) => wrong(mistake(offset, 'group', message));
  if (key === undefined)
    return bad(
      `no group after "by": write it like "by turn=1", with ${GROUP_KEYS.join(', ')} or a tag`,
      index,
    );
  if (name === undefined)
    return bad(`no group of ${key}: write it like "by ${key}=${exampleName(key)}"`, index + whole.length);
  const at = index + whole.length - name.length;
  const words = [textOf(key), textOf(name)] as const;
  if (words[0] === null || words[1] === null) {
    const [text, offset] = words[0] === null ? [key, index + whole.indexOf(key)] : [name, at];
    return bad(`cannot read ${text}: a text in quotes is written as in JSON`, offset);
  }
  const canonical = canonicalName(words[0], words[1], at);
  return canonical.ok ? { ok: true, value: { key: words[0], name: canonical.value } } : canonical;
}

const exampleName = (key: string): string =>
  key === 'turn' ? '1' : isTokenKey(key) ? '128-255' : key === 'language' ? 'en' : 'NAME';

/** Returns the text of a word; `null` if its quotes hold no JSON string. */
function textOf(word: string): string | null {
  if (!word.startsWith('"')) return word;
  try {
    const text: unknown = JSON.parse(word);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

/** Checks the name of a turn or of a range of tokens, which a hyphen may join too. */
function canonicalName(key: string, name: string, offset: number): Reading<string> {
  const bad = (message: string) => wrong(mistake(offset, 'group', message));
  if (key === 'turn') {
    if (/^\d{1,15}$/.test(name)) return { ok: true, value: String(Number(name)) };
    return bad(`invalid turn "${name}": turns are numbers from 0, like turn=1`);
  }
  if (!isTokenKey(key) || name === NO_GROUP) return { ok: true, value: name };
  const [, low] = /^(\d{1,15})(?:[-–]\d{1,15})?$/.exec(name) ?? [];
  const hint = 'tokens are grouped by powers of two, like 128-255';
  if (low === undefined) return bad(`invalid range of tokens "${name}": ${hint}`);
  const range = tokenRange(Number(low));
  if (name.replace('-', '–') === range) return { ok: true, value: range };
  return bad(`no group "${name}" of ${key}: ${hint}; did you mean ${range.replace('–', '-')}?`);
}

/** Returns the text of a group, which `splitGroup` reads as the same: `by turn=1`. */
export const formatGroup = ({ key, name }: RequestGroup): string => `by ${wordOf(key)}=${wordOf(name)}`;

const wordOf = (text: string): string => (PLAIN.test(text) ? text : JSON.stringify(text));
