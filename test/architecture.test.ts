import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMON, MODULES } from '../tools/modules.ts';

/** Packages that open sockets, and Node's own: whoever has none of them cannot reach the network. */
const NETWORK = /^(undici|(node:)?(net|http|https|http2|tls|dgram|dns))(\/.*)?$/;
/** `view` only listens, on 127.0.0.1. */
const MAY_REACH_NETWORK = /^(client|simulator|view|ranks\/meeting|cli\/collector)(\/|$)/;

const SRC = join(import.meta.dirname, '..', 'src');

interface Import {
  from: string;
  to: string;
  file: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The module of a file: its folder below `src/`, or its name if it is right under `src/`. */
function moduleOf(path: string): string {
  const parts = relative(SRC, path).split(sep);
  return parts.length === 1 ? parts[0]! : parts.slice(0, -1).join('/');
}

/** Returns what a file imports when it is loaded; imports of types and dynamic imports load nothing. */
function importedAtLoad(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^(import|export) type [^;]*;$/gm, '');
  return [...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/gm)].map((match) => match[1]!);
}

function loads(file: string): string[] {
  return importedAtLoad(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(file), specifier));
}

/** Returns the files and packages that loading `entry` loads. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of importedAtLoad(file)) if (!specifier.startsWith('.')) packages.add(specifier);
    loads(file).forEach(visit);
  };
  visit(entry);
  return { files, packages };
}

/** Returns the nodes of one cycle in order, the first repeated at the end; empty if there is none. */
function cycleOf(arrows: readonly (readonly [from: string, to: string])[]): string[] {
  const targets = Map.groupBy(arrows, ([from]) => from);
  const finished = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] => {
    const at = path.indexOf(node);
    if (at !== -1) return [...path.slice(at), node];
    if (finished.has(node)) return [];
    for (const [, to] of targets.get(node) ?? []) {
      const cycle = visit(to, [...path, node]);
      if (cycle.length > 0) return cycle;
    }
    finished.add(node);
    return [];
  };
  for (const node of targets.keys()) {
    const cycle = visit(node, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

/** Every import, also of types, also dynamic ones, also by `process.getBuiltinModule`, and files named by `new URL(…, import.meta.url)`. */
function importsOf(file: string): { modules: Import[]; packages: string[] } {
  const text = readFileSync(file, 'utf8');
  const specifiers = [
    ...text.matchAll(/\b(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/g),
    ...text.matchAll(/\bimport\s*\(\s*'([^']+)'/g),
    ...text.matchAll(/\bgetBuiltinModule\s*\(\s*'([^']+)'/g),
    ...text.matchAll(/^\s*import\s+'([^']+)'/gm),
    ...text.matchAll(/new URL\(\s*[`']([^`'$]+)/g),
  ].map((match) => match[1]!);
  const own = specifiers.filter((specifier) => specifier.startsWith('.'));
  return {
    modules: own.map((specifier) => ({
      from: moduleOf(file),
      to: moduleOf(join(dirname(file), specifier)),
      file: relative(SRC, file),
    })),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  };
}

const files = sources(SRC);

describe('the modules of src/', () => {
  it('import only what tools/modules.ts allows', () => {
    const forbidden = files
      .flatMap((file) => importsOf(file).modules)
      // `../../package.json` is outside src/.
      .filter(({ from, to }) => from !== to && !to.startsWith('..'))
      .filter(({ from, to }) => {
        const allowed = MODULES[from]?.imports ?? [];
        return !(allowed.includes('*') || allowed.includes(to) || COMMON.includes(to));
      })
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(forbidden).toEqual([]);
  });

  it('are exactly those of the table', () => {
    expect([...new Set(files.map(moduleOf))].toSorted()).toEqual(Object.keys(MODULES).toSorted());
    const named = Object.values(MODULES).flatMap(({ imports }) => imports);
    expect(named.filter((name) => name !== '*' && !(name in MODULES))).toEqual([]);
  });

  it('have no import cycle, of types neither', () => {
    const arrows = files
      .flatMap((file) => importsOf(file).modules)
      .filter(({ from, to }) => from !== to && !to.startsWith('..'));
    expect(cycleOf(arrows.map(({ from, to }) => [from, to]))).toEqual([]);
  });

  it('have no cycle of files that load each other', () => {
    const arrows = files.flatMap((file) => [...loads(file)].map((to) => [file, to] as const));
    expect(cycleOf(arrows).map((file) => relative(SRC, file))).toEqual([]);
    expect(
      cycleOf([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'b'],
      ]),
    ).toEqual(['b', 'c', 'b']);
  });

  it('reach the network only through the client, the simulator, the meeting of ranks and the sender of metrics', () => {
    const offenders = files
      .filter((file) => !MAY_REACH_NETWORK.test(moduleOf(file)))
      .filter((file) => importsOf(file).packages.some((name) => NETWORK.test(name)))
      .map((file) => relative(SRC, file));
    expect(offenders).toEqual([]);
  });

  it('load a command only when it runs: help needs none of the heavy packages', () => {
    const { files, packages } = loadedBy(join(SRC, 'cli', 'main.ts'));
    expect([...packages].filter((name) => !name.startsWith('node:')).toSorted()).toEqual([
      'chalk',
      'commander',
    ]);
    const ofCommands = ['commands', 'options'].map((folder) => join(SRC, 'cli', folder));
    const others = [...files].filter((file) => !ofCommands.some((folder) => file.startsWith(folder)));
    expect(others.length).toBeLessThan(20);
    // The same walk from the command finds what help does without.
    expect([...loadedBy(join(SRC, 'cli', 'handlers', 'run.ts')).packages]).toEqual(
      expect.arrayContaining(['undici/lib/dispatcher/client.js', 'zod', 'yaml', 'hdr-histogram-js']),
    );
  });

  // `{}['constructor']` is a function: what a server, a file or a user names is looked up in a Map.
  it('have no table for any string that is an object', () => {
    const table =
      /^\s*(?:export )?const (\w+): (?:Readonly<|Partial<)*Record<string, (?!unknown)[^;]*?= \{\s*[\w'"[]/gm;
    const counting = /^(?!.*(?:outcomes|tokenSources|sums|missed|local)\[).*\[[\w.]+\] \?\? 0\) \+/gm;
    const found = files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [table, counting].flatMap((pattern) =>
        [...text.matchAll(pattern)].map(([line]) => `${relative(SRC, file)}: ${line.trim()}`),
      );
    });
    expect(found).toEqual([]);
    expect('const WAYS: Readonly<Record<string, number>> = {\n  a: 1,\n};').toMatch(table);
    expect('  finish[sample.finish] = (finish[sample.finish] ?? 0) + 1;').toMatch(counting);
  });

  // A getter of node:http loads the undici inside Node: 30 ms of CPU time in every thread (`client/http/headers.ts`).
  it('read node:http without its getters', () => {
    const importing = files.filter((file) => importedAtLoad(file).includes('node:http'));
    expect(importing.map((file) => relative(SRC, file))).toEqual([]);
  });

  it('are walked for real: the walk sees imports that are there', () => {
    const seen = files.flatMap((file) => importsOf(file).modules).map(({ from, to }) => `${from} > ${to}`);
    for (const arrow of ['load > units.ts', 'cli/handlers > multi-run', 'run > client', 'bin.ts > cli'])
      expect(seen).toContain(arrow);
    // `getBuiltinModule` counts too.
    expect(importsOf(join(SRC, 'simulator', 'server', 'limited-server.ts')).packages).toContain('node:http');
    expect(importsOf(join(SRC, 'client', 'http', 'headers.ts')).packages).toEqual(['node:http']);
  });
});
