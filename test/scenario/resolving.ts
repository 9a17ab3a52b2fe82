import { GoodputError } from '../../src/errors.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';

type Environment = Record<string, string>;

export const FILE = 'some/chat.yaml';

export function resolve(text: string | null, flags: Flags = {}, env: Environment = {}) {
  return resolveScenario({ file: text === null ? null : { path: FILE, text }, env, flags });
}

/** Returns the lines of the error that these sources cause; fails if they cause none. */
export function mistakes(text: string | null, flags: Flags = {}, env: Environment = {}): string[] {
  try {
    resolve(text, flags, env);
  } catch (error) {
    if (error instanceof GoodputError && error.kind === 'usage') return error.message.split('\n');
    throw error;
  }
  throw new Error('no mistake was found');
}

const MARK = '¦';

/** Removes the marks from a text and returns their positions as `line:column`: the oracle of positions. */
export function marked(text: string): { text: string; places: string[] } {
  const places: string[] = [];
  const lines = text.split('\n').map((line, row) => {
    let clean = line;
    for (let at = clean.indexOf(MARK); at !== -1; at = clean.indexOf(MARK)) {
      places.push(`${row + 1}:${at + 1}`);
      clean = clean.slice(0, at) + clean.slice(at + 1);
    }
    return clean;
  });
  return { text: lines.join('\n'), places };
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Returns a pattern for a line that starts with the first part and contains the others in order; `…` separates parts. */
export const inOrder = (parts: string): RegExp =>
  new RegExp(`^${parts.split(/ ?… ?/).map(escaped).join('.*')}`);
