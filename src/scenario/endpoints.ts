import { didYouMean } from '../errors.ts';
import type { ScenarioFile } from './file.ts';
import { keysBelow } from './keys/keys.ts';
import { isMap, valueAt, type Tree } from './keys/map.ts';
import type { Path } from './keys/problem.ts';

/** Keys of an entry of `endpoints:` in addition to those of `endpoint:`. */
const OWN_KEYS = ['name', 'simulator', 'hardware', 'price'] as const;

/** The name becomes part of a folder's name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** Returns the names of the endpoints that a file compares; empty if it has no `endpoints:`. An unreadable name becomes its position. */
export function endpointNames({ tree }: Pick<ScenarioFile, 'tree'>): string[] {
  const entries = tree['endpoints'];
  return Array.isArray(entries)
    ? entries.map((entry, k) =>
        isMap(entry) && typeof entry['name'] === 'string' ? entry['name'] : `${k + 1}`,
      )
    : [];
}

/**
 * Returns the file as it would be with only one of its `endpoints:`: the entry is merged over `endpoint:`, `simulator:`, `hardware:`,
 * `model:` and `price:`, which apply to all. Positions in the text do not change. A file without `endpoints:` is returned as it is.
 */
export function viewOfEndpoint(file: ScenarioFile, at: number): ScenarioFile {
  const { endpoints, ...rest } = file.tree;
  if (endpoints === undefined) return file;
  const mistakes = [...file.mistakes, ...wrongList(file, endpoints)];
  const entries = Array.isArray(endpoints) ? endpoints : [];
  const entry: unknown = entries[Math.min(at, entries.length - 1)];
  if (!isMap(entry)) return { ...file, tree: rest, mistakes, broken: true };
  const { simulator } = entry;
  // Unknown keys are reported once, with the mistakes of all entries.
  const keys = keysBelow('endpoint');
  const { model, ...settings } = Object.fromEntries(
    Object.entries(entry).filter(([key]) => keys.includes(key)),
  );
  // `model` is the model to request, or a map of facts about it, which may hold that name.
  const { name, ...facts }: Tree = isMap(model) ? model : { name: model };
  const common = rest['endpoint'];
  const tree: Tree = {
    ...rest,
    endpoint: {
      ...(isMap(common) ? common : typeof common === 'string' ? { url: common } : {}),
      ...settings,
      ...(name === undefined ? {} : { model: name }),
    },
    ...(simulator === undefined ? {} : { simulator: merged(rest['simulator'], simulator) }),
    ...statements(rest, { ...entry, model: isMap(model) ? facts : undefined }),
  };
  return {
    ...file,
    tree,
    mistakes,
    locate: (path, side, within) => file.locate(placeOf(path, entry, at, rest), side, within),
  };
}

/** Merges the entry's engine and cost over the common ones, key by key, unless the entry names its own preset. */
function merged(common: unknown, own: unknown): unknown {
  if (!isMap(common) || !isMap(own) || own['preset'] !== undefined) return own;
  const result: Tree = { ...common };
  for (const [key, value] of Object.entries(own)) {
    const before = result[key];
    result[key] = isMap(before) && isMap(value) ? { ...before, ...value } : value;
  }
  return result;
}

/** The sections that state facts → the key that replaces all keys of the common section, and the common keys that it leaves. */
const STATEMENTS: Readonly<Record<string, { by: string; except: readonly string[] }>> = {
  hardware: { by: 'accelerator', except: [] },
  model: { by: 'config', except: [] },
  price: { by: 'input', except: ['output', 'currency', 'per'] },
};

/** Returns the facts that an entry states, merged key by key over the common ones; another accelerator or model has none of those. */
function statements(common: Tree, entry: Tree): Tree {
  const stated = Object.entries(STATEMENTS).flatMap(([section, { by, except }]) => {
    const [all, own] = [common[section], entry[section]];
    if (own === undefined) return [];
    if (!isMap(own) || !isMap(all)) return [[section, own] as const];
    const kept = Object.entries(all).filter(([key]) => own[by] === undefined || except.includes(key));
    return [[section, { ...Object.fromEntries(kept), ...own }] as const];
  });
  return Object.fromEntries(stated);
}

function placeOf(path: Path, entry: Tree, at: number, common: Tree): Path {
  const [section, ...below] = path;
  if (Object.hasOwn(STATEMENTS, String(section))) {
    const isOwn = valueAt(entry, path) !== undefined || valueAt(common, path) === undefined;
    return isMap(entry[section!]) && isOwn ? ['endpoints', at, ...path] : path;
  }
  if (section === 'endpoint' && below[0] === 'model' && isMap(entry['model']))
    return ['endpoints', at, 'model', 'name'];
  if (section !== 'endpoint' && section !== 'simulator') return path;
  const within = section === 'endpoint' ? below : [section, ...below];
  const written = valueAt(entry, within.slice(0, section === 'endpoint' ? 1 : 2)) !== undefined;
  return written || below.length === 0 ? ['endpoints', at, ...within] : path;
}

type Mistake = ScenarioFile['mistakes'][number];

function wrongList(file: ScenarioFile, endpoints: unknown): Mistake[] {
  const found: Mistake[] = [];
  const report = (path: Path, message: string): void => {
    found.push({ position: file.locate(path, 'key'), message: `${path.join('.')}: ${message}` });
  };
  if (!Array.isArray(endpoints) || endpoints.length < 2) {
    report(
      ['endpoints'],
      'not a list of endpoints to compare; expected two or more, each with a name: - { name: blue, url: … }',
    );
    return found;
  }
  const known = [...OWN_KEYS, ...keysBelow('endpoint')];
  const names = new Set<string>();
  for (const [k, entry] of (endpoints as unknown[]).entries()) {
    if (!isMap(entry)) {
      report(['endpoints', k], 'not an endpoint; expected a map like { name: blue, url: … }');
      continue;
    }
    const { name } = entry;
    if (typeof name !== 'string' || !NAME.test(name))
      report(
        ['endpoints', k, ...(name === undefined ? [] : ['name'])],
        'missing or invalid endpoint name; expected letters, digits, dots and dashes, like blue',
      );
    else if (names.has(name)) report(['endpoints', k, 'name'], `duplicate endpoint name "${name}"`);
    else names.add(name);
    for (const key of Object.keys(entry)) {
      if (known.includes(key)) continue;
      const meant = didYouMean(key, known);
      report(
        ['endpoints', k, key],
        `unknown key; expected one of ${known.join(', ')}${meant === null ? '' : `; did you mean ${meant}?`}`,
      );
    }
  }
  return found;
}
