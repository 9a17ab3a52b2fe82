import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GoodputError } from '../../errors.ts';

/** `.ts` in a checkout, `.js` in the installed package. */
const HERE = fileURLToPath(import.meta.url);
const ENDING = extname(HERE);
const CHARTS = new URL(`browser/main${ENDING}`, import.meta.url);

const IMPORT = /^import\s[^;]*?\bfrom\s*'([^']+)';?[ \t]*$/gm;
const TYPE_IMPORT = /^import type\s[^;]*;[ \t]*$/gm;

/**
 * Returns the script of a page, by default the one that draws charts: the browser's files in the order of their imports, in one function. No bundler is needed because the files
 * import each other by name, and a test checks that no two of them declare the same name.
 */
export function pageScript(entry: URL = CHARTS): string {
  return `(()=>{'use strict';\n${browserFiles(entry)
    .map(({ code }) => code)
    .join('\n')}\n})();`;
}

/** Returns the files of the browser, each after those that it imports, without types, imports and exports. */
export function browserFiles(entry: URL = CHARTS): { path: string; code: string }[] {
  const files: { path: string; code: string }[] = [];
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const source = readFileSync(path, 'utf8').replaceAll(TYPE_IMPORT, '');
    for (const [, specifier] of source.matchAll(IMPORT)) {
      if (!specifier!.startsWith('.'))
        throw new GoodputError('defect', `${path} imports the package ${specifier}`);
      visit(join(dirname(path), specifier!));
    }
    files.push({ path, code: withoutModuleSyntax(withoutTypes(source)) });
  };
  visit(fileURLToPath(entry));
  return files;
}

const withoutModuleSyntax = (code: string): string =>
  code
    .replaceAll(IMPORT, '')
    .replaceAll(/^export \{\};?$/gm, '')
    .replaceAll(/^export (?=const|function|async function|class|let)/gm, '')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{2,}/g, '\n');

/** Removes types. Node warns that the function is experimental, which says nothing to a user. */
function withoutTypes(source: string): string {
  if (ENDING !== '.ts') return source;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Returns uPlot as it is published: a script that declares `uPlot`, and its style sheet. */
export function chartLibrary(): { script: string; style: string } {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot'));
  return {
    script: readFileSync(join(folder, 'uPlot.iife.min.js'), 'utf8').trimEnd(),
    style: readFileSync(join(folder, 'uPlot.min.css'), 'utf8').trimEnd(),
  };
}
