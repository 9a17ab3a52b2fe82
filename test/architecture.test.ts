import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The arrows between the rooms of `src/`: who may import whom. A new arrow is a decision, and is made here.
 * Files right under `src/` are rooms of their own.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'units.ts': [],
  'errors.ts': [],
  'random.ts': [],
  // How many tokens: asked for by the workload, and drawn as the natural length of simulated answers.
  'lengths.ts': ['random.ts'],
  // What a count of tokens can be, wherever it comes from.
  'token-counts.ts': [],
  'sample.ts': ['token-counts.ts', 'units.ts'],
  // What may go wrong on purpose: said in a scenario, done by the simulator, known to the audit of its truth.
  'faults.ts': ['units.ts', 'errors.ts'],
  metrics: ['sample.ts', 'units.ts', 'errors.ts'],
  // Takes secrets out of texts.
  'redaction.ts': [],
  scenario: ['metrics', 'redaction.ts', 'faults.ts', 'lengths.ts', 'sample.ts', 'units.ts', 'errors.ts'],
  workload: ['scenario', 'lengths.ts', 'random.ts', 'units.ts', 'errors.ts'],
  plan: ['workload', 'scenario', 'sample.ts', 'random.ts', 'units.ts', 'errors.ts'],
  load: ['plan', 'sample.ts', 'units.ts', 'errors.ts'],
  client: ['redaction.ts', 'sample.ts', 'token-counts.ts', 'units.ts', 'errors.ts'],
  record: ['sample.ts', 'units.ts', 'errors.ts'],
  run: [
    'scenario',
    'workload',
    'plan',
    'load',
    'client',
    'record',
    'tokenize',
    'metrics',
    'lengths.ts',
    'sample.ts',
    'units.ts',
    'errors.ts',
  ],
  // Counts what servers did not, after a run.
  tokenize: ['sample.ts', 'errors.ts'],
  // Asks an endpoint what it is; measures nothing.
  probe: ['scenario', 'workload', 'client', 'metrics', 'sample.ts', 'units.ts', 'errors.ts'],
  // Pure mathematics of intervals and tests.
  statistics: ['random.ts'],
  analysis: ['statistics', 'metrics', 'record', 'faults.ts', 'sample.ts', 'units.ts', 'errors.ts'],
  verdict: ['analysis', 'statistics', 'metrics', 'sample.ts', 'units.ts', 'errors.ts'],
  // The search for the highest good load, driven by probes that others carry out.
  capacity: ['analysis', 'statistics', 'metrics', 'sample.ts', 'units.ts', 'errors.ts'],
  // Scored runs, set against each other.
  compare: [
    'verdict',
    'analysis',
    'statistics',
    'scenario',
    'metrics',
    'record',
    'sample.ts',
    'units.ts',
    'errors.ts',
  ],
  // Several runs in one: which, in which order, and what they show together.
  sweep: ['verdict', 'random.ts'],
  render: [
    'capacity',
    'sweep',
    'calibrate',
    'compare',
    'probe',
    'statistics',
    'verdict',
    'analysis',
    'metrics',
    'sample.ts',
    'units.ts',
    'errors.ts',
  ],
  // Measures goodput itself, by runs like any other; where they go is given to it.
  calibrate: ['run', 'scenario', 'workload', 'record', 'analysis', 'sample.ts', 'units.ts', 'errors.ts'],
  simulator: ['faults.ts', 'lengths.ts', 'units.ts', 'errors.ts', 'random.ts'],
  // Where the two sides meet without a socket: the plan and the client's rules on the simulated engine's own clock.
  simulate: [
    'scenario',
    'workload',
    'plan',
    'client',
    'record',
    'run',
    'simulator',
    'sample.ts',
    'units.ts',
    'errors.ts',
  ],
  cli: ['*'],
  // The library face and the entry of the bin.
  'index.ts': ['*'],
  'bin.ts': ['cli'],
};

/** Packages that open sockets, and Node's own: whoever has none of them cannot reach the network. */
const NETWORK = /^(undici|(node:)?(net|http|https|http2|tls|dgram|dns)(\/.*)?)$/;
const MAY_REACH_NETWORK = new Set(['client', 'simulator']);

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

const roomOf = (path: string): string => relative(SRC, path).split(sep)[0]!;

/** Files and packages that loading `entry` loads at once: imports of types and dynamic ones load nothing. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(file, 'utf8').replaceAll(/^(import|export) type [^;]*;$/gm, '');
    for (const [, specifier] of text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/gm)) {
      if (specifier!.startsWith('.')) visit(join(dirname(file), specifier!));
      else packages.add(specifier!);
    }
  };
  visit(entry);
  return { files, packages };
}

/** Every import, also of types, also dynamic ones, and files named by `new URL(…, import.meta.url)`. */
function importsOf(file: string): { rooms: Import[]; packages: string[] } {
  const text = readFileSync(file, 'utf8');
  const specifiers = [
    ...text.matchAll(/\b(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'/g),
    ...text.matchAll(/\bimport\s*\(\s*'([^']+)'/g),
    ...text.matchAll(/^\s*import\s+'([^']+)'/gm),
    ...text.matchAll(/new URL\(\s*[`']([^`'$]+)/g),
  ].map((match) => match[1]!);
  const own = specifiers.filter((specifier) => specifier.startsWith('.'));
  return {
    rooms: own.map((specifier) => ({
      from: roomOf(file),
      to: roomOf(join(dirname(file), specifier)),
      file: relative(SRC, file),
    })),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  };
}

const files = sources(SRC);

describe('the rooms of src/', () => {
  it('import only along the way of the data', () => {
    const forbidden = files
      .flatMap((file) => importsOf(file).rooms)
      // `../../package.json` lies outside src/.
      .filter(({ from, to }) => from !== to && to !== '..')
      .filter(({ from, to }) => {
        const allowed = MAY_IMPORT[from];
        return allowed === undefined || !(allowed.includes('*') || allowed.includes(to));
      })
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(forbidden).toEqual([]);
  });

  it('are all known here', () => {
    const rooms = new Set(files.map(roomOf));
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  it('reach the network only through the client and the simulator', () => {
    const offenders = files
      .filter((file) => !MAY_REACH_NETWORK.has(roomOf(file)))
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
    // What a command is, is told in a small file each; what it does is not among these.
    const others = [...files].filter((file) => !file.startsWith(join(SRC, 'cli', 'commands')));
    expect(others.length).toBeLessThan(16);
    // The same walk from the command finds what help does without.
    expect([...loadedBy(join(SRC, 'cli', 'run.ts')).packages]).toEqual(
      expect.arrayContaining(['undici', 'zod', 'yaml', 'hdr-histogram-js']),
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

  it('are walked for real: the walk sees imports that are there', () => {
    const seen = files.flatMap((file) => importsOf(file).rooms).map(({ from, to }) => `${from} > ${to}`);
    for (const arrow of ['load > units.ts', 'cli > render', 'run > client', 'bin.ts > cli'])
      expect(seen).toContain(arrow);
  });
});
