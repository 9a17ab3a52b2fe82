/** A string, number, `true`, `false` or `null` of a document, or the place of one. */
export interface Scalar {
  kind: 'string' | 'number' | 'other';
  /** Keys and indices from the root. */
  path: readonly string[];
  /** From its first character up to the one behind its last, without the quotes of a string. */
  start: number;
  end: number;
}

/** Deeper documents are not worth a template. */
const MAX_DEPTH = 16;

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BARE = /[^,\]}: \t\r\n]+/y;

/**
 * The values of a document at which nothing hangs any more, in their order; keys are none.
 * @param json a document that `JSON.parse` accepts
 * @returns `null` where it is nested too deep
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
        key = JSON.parse(take(STRING)) as string;
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
    // An empty match would never end.
    if (take(BARE) === '') return false;
    scalars.push({ kind: isNumber ? 'number' : 'other', path, start, end: at });
    return true;
  };

  return value([]) ? scalars : null;
}
