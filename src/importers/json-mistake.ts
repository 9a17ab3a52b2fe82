/** The next token of JSON: a text, another scalar, or a sign. Blanks before it are skipped. */
const TOKEN =
  /[ \t\n\r]*(?:("(?:[^"\\\t\n\r]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/y;

/** The rest of a text that ends within a token. */
const CUT_TOKEN = /^(?:"(?:[^"\\]|\\.)*\\?|[-+\w.]*)$/s;

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/** Returns the position of the first mistake of a text that is not JSON: the parser of the engine does not always report it. */
export function jsonMistake(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    const start = from + /^[ \t\n\r]*/.exec(text.slice(from, from + 10_000))![0].length;
    if (found === null) return CUT_TOKEN.test(text.slice(start)) ? text.length : start;
    const next = after(expected, found[1] !== undefined, found[3] ?? '', open);
    if (next === null) return start;
    expected = next;
    if (open.length === 0 && expected === 'comma or end') return start + found[0].trimStart().length;
  }
}

/** Returns what may follow a token; `null` if the token was not expected. Keeps the open brackets up to date. */
function after(expected: Expected, isText: boolean, sign: string, open: ('{' | '[')[]): Expected | null {
  if (expected === 'colon') return sign === ':' ? 'value' : null;
  if (sign === '}' || sign === ']') {
    const isOpen = open.at(-1) === (sign === '}' ? '{' : '[');
    const mayEnd = expected === 'comma or end' || expected === (sign === '}' ? 'key or end' : 'value or end');
    if (!isOpen || !mayEnd) return null;
    open.pop();
    return 'comma or end';
  }
  if (expected === 'comma or end') {
    if (sign !== ',') return null;
    return open.at(-1) === '{' ? 'key' : 'value';
  }
  if (expected === 'key' || expected === 'key or end') return isText ? 'colon' : null;
  if (sign === '{' || sign === '[') {
    open.push(sign);
    return sign === '{' ? 'key or end' : 'value or end';
  }
  return sign === '' ? 'comma or end' : null;
}
