import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** The places that give parsed JSON a type without a check, and why none is needed. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'src/version.ts': 'package.json of goodput itself',
  'src/workload/session-table.ts': 'text that the same object wrote into memory',
  'src/client/connection/secret-redactor.ts': 'copy of a value of that type',
  'src/render/page/browser/main.ts': 'data in the page that the script is part of',
  'src/view/browser/list.ts': 'answer of the server that sent the page',
  'src/view/browser/live.ts': 'answer of the server that sent the page',
};

/** Functions that take any value and check it, or return what is of the right kind in it. */
const CHECKS = ['decode', 'asObject', 'objectOf', 'isDeepStrictEqual'];

/** Files that cast values which are no documents. */
const CASTS = [
  'src/record/samples-jsonl.ts',
  'src/render/run-page/request-charts.ts',
  'src/render/run-page/run-page.ts',
  'src/scenario/keys/simulator-keys.ts',
  'src/schemas/summary.ts',
  'src/view/browser/list.ts',
];

/** Returns the text from an opening bracket to the closing one. */
function call(text: string, from: number): string {
  let depth = 0;
  for (let k = from; k < text.length; k++) {
    if (text[k] === '(') depth++;
    if (text[k] === ')' && --depth === 0) return text.slice(from, k + 1);
  }
  return text.slice(from);
}

/** Returns true if parsed JSON becomes `unknown`, goes to a check, or is not used. */
function isChecked(text: string, at: number, parse: string): boolean {
  const before = text.slice(0, at);
  const after = text.slice(at + parse.length + call(text, at + parse.length).length);
  if (/^[\s)]*as (?!unknown\b)/.test(after)) return false;
  if (/^[\s)]*as unknown\b/.test(after)) return true;
  const checked = new RegExp(String.raw`\b(?:${CHECKS.join('|')})\((?:\w+, )?$`);
  if (checked.test(before) || /\bString\($/.test(before)) return true;
  // `const value: unknown = `, or `value = ` after `let value: unknown;`.
  if (/\b(?:const|let) \w+: unknown = (?:await )?$/.test(before)) return true;
  const [, name] = /\n\s*(\w+) = $/.exec(before) ?? [];
  if (name !== undefined) return new RegExp(String.raw`\blet ${name}: unknown;`).test(before);
  if (/\breturn $/.test(before)) {
    const signatures = [...before.matchAll(/\): ([^\n{]+) \{\n/g)];
    return /^(?:Promise<)?unknown>?$/.test(signatures.at(-1)?.[1] ?? '');
  }
  // A statement of its own only tests whether the text is JSON.
  return /\{\n\s*$/.test(before) && after.startsWith(';');
}

/** Returns the places of a source that give parsed JSON a type without a check. */
function unchecked(text: string): string[] {
  return ['JSON.parse', '.json'].flatMap((parse) => {
    const found: string[] = [];
    for (let at = text.indexOf(`${parse}(`); at !== -1; at = text.indexOf(`${parse}(`, at + 1)) {
      const line = text.slice(text.lastIndexOf('\n', at) + 1, text.indexOf('\n', at)).trim();
      const isComment = /^(?:\*|\/\/|\/\*)/.test(line);
      if (!isComment && !isChecked(text, at, parse)) found.push(line);
    }
    return found;
  });
}

const sources = ['src', 'examples'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name)),
);

it('no source gives parsed JSON a type without a check', () => {
  const found = sources
    .map((path) => ({ path: relative(ROOT, path), lines: unchecked(readFileSync(path, 'utf8')) }))
    .filter(({ lines }) => lines.length > 0);
  expect(found.filter(({ path }) => !(path in EXCEPTIONS))).toEqual([]);
  // An exception that is not needed any more goes.
  expect(found.map(({ path }) => path).toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted());
});

it('no source casts a document by way of unknown', () => {
  const found = sources.filter((path) => /\bas unknown as\b/.test(readFileSync(path, 'utf8')));
  expect(found.map((path) => relative(ROOT, path)).toSorted()).toEqual(CASTS);
});

it.each([
  'const { a } = JSON.parse(text) as { a: string };',
  'const { a }: Stored = JSON.parse(text);',
  'const a = JSON.parse(text);',
  'const a = (JSON.parse(await readFile(join(dir, name))) as Stored).a;',
  'function read(text: string): Stored {\n  return JSON.parse(text);\n}',
  'let a: Stored;\ntry {\n  a = JSON.parse(text);\n}',
  'keep(JSON.parse(text));',
  '({ entries } = (await answer.json()) as { entries: Entry[] });',
])('the walk finds %s', (text) => {
  expect(unchecked(text)).toHaveLength(1);
});

it.each([
  'const a = decode(STORED, JSON.parse(text));',
  'const a: unknown = JSON.parse(text);',
  'const a = JSON.parse(text) as unknown;',
  'function read(text: string): unknown {\n  return JSON.parse(text);\n}',
  'let a: unknown;\ntry {\n  a = JSON.parse(text);\n}',
  'try {\n  JSON.parse(text);\n  return true;\n}',
  '// JSON.parse(text) takes 8 µs.',
])('the walk accepts %s', (text) => {
  expect(unchecked(text)).toEqual([]);
});
