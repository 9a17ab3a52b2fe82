/** Leaf value of a document: a string, number, `true`, `false` or `null`, with its position. */
export interface Scalar {
  kind: 'string' | 'number' | 'other';
  /** Keys and indices from the root. */
  path: readonly string[];
  /** Range of its characters, without the quotes of a string. */
  start: number;
  end: number;
}

/** Deeper documents get no template. */
const MAX_DEPTH = 16;

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BARE = /[^,\]}: \t\r\n]+/y;

/**
 * Returns the leaf values of a document in order.
 * @param json a document that `JSON.parse` accepts
 * @returns `null` if it is nested too deeply
 */
export function scalarsOf(json: string): Scalar[] | null {
  const scalars: Scalar[] = [];
  let at = 0;

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(json)?.[0] ?? '';
    at += found.length;
    return found;
  };

  const members = (path: readonly string[], close: string): boolean => {
    for (let index = 0; ; index++) {
      take(SPACE);
      if (json[at] === close) break;
      if (json[at] === ',') {
        at++;
        take(SPACE);
      }
      let key = String(index);
      if (close === '}') {
        key = String(JSON.parse(take(STRING)));
        take(SPACE);
        at++;
      }
      if (!value([...path, key])) return false;
    }
    at++;
    return true;
  };

  const value = (path: readonly string[]): boolean => {
    take(SPACE);
    const first = json[at];
    if (first === '{' || first === '[') {
      at++;
      return path.length < MAX_DEPTH && members(path, first === '{' ? '}' : ']');
    }
    const start = at;
    if (first === '"') {
      take(STRING);
      scalars.push({ kind: 'string', path, start: start + 1, end: at - 1 });
      return true;
    }
    const isNumber = first === '-' || (first !== undefined && first >= '0' && first <= '9');
    // An empty match would repeat forever.
    if (take(BARE) === '') return false;
    scalars.push({ kind: isNumber ? 'number' : 'other', path, start, end: at });
    return true;
  };

  return value([]) ? scalars : null;
}
