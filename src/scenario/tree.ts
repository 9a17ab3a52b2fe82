import { SIMULATED } from './endpoint-keys.ts';
import { replacedBy } from './layers.ts';
import type { Assignment, Layer } from './layers.ts';
import { SCENARIO_KEYS } from './keys.ts';
import { isMap, valueAt } from './map.ts';
import type { Tree } from './map.ts';
import type { Path } from './problem.ts';

/** Sets a value below maps, making those that lack. A part of the way that is no map stays: it is a mistake of its own. */
function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let map = tree;
  for (const step of path.slice(0, -1)) {
    const next = (map[step] ??= {});
    if (!isMap(next)) return;
    map = next;
  }
  map[path.at(-1)!] = value;
}

function deleteAt(tree: Tree, path: readonly string[]): void {
  const parent = valueAt(tree, path.slice(0, -1));
  if (isMap(parent)) delete parent[path.at(-1)!];
}

/** The file with the environment and the flags laid over it, and who set what. */
export class Layers {
  /** Without defaults. */
  readonly tree: Tree;
  readonly #set = new Map<string, Assignment>();

  constructor(file: Tree) {
    this.tree = structuredClone(file);
    // The word alone is short for a map, which other sources may add to.
    if (this.tree['endpoint'] === SIMULATED) this.tree['endpoint'] = { url: SIMULATED };
  }

  apply(layer: Layer): void {
    for (const assignment of layer.assignments) {
      for (const path of replacedBy(assignment)) this.remove(path.split('.'));
    }
    for (const assignment of layer.assignments) this.set(assignment);
  }

  set(assignment: Assignment): void {
    const { path, written } = assignment;
    if (path[0] === 'endpoint' && path[1] === 'headers') this.#removeHeader(path[2]!);
    setAt(this.tree, path, written);
    this.#set.set(key(path), assignment);
  }

  remove(path: readonly string[]): void {
    deleteAt(this.tree, path);
    for (const known of this.#set.keys()) {
      if (known === key(path) || known.startsWith(`${key(path)}\0`)) this.#set.delete(known);
    }
  }

  /** Whether the value at a path is the file's own. */
  isOfFile(path: Path): boolean {
    return this.setBy(path) === null && valueAt(this.tree, path) !== undefined;
  }

  /** Who set the value at a path from outside the file; `null`: the file, or nobody. */
  setBy(path: Path): Assignment | null {
    for (let length = path.length; length > 0; length--) {
      const assignment = this.#set.get(key(path.slice(0, length)));
      if (assignment !== undefined) return assignment;
    }
    return null;
  }

  /** Names of headers are the same in any case. */
  #removeHeader(name: string): void {
    const headers = valueAt(this.tree, ['endpoint', 'headers']);
    if (!isMap(headers)) return;
    for (const other of Object.keys(headers)) {
      if (other.toLowerCase() === name) this.remove(['endpoint', 'headers', other]);
    }
  }
}

const key = (path: Path): string => path.join('\0');

/**
 * Every default that holds, in the order of the schema; what was written keeps its text. `endpointDeclared`: a file says
 * what to measure, so a URL that lacks there is a mistake and not the embedded endpoint.
 */
export function withDefaults(tree: Tree, endpointDeclared: boolean): Tree {
  const full = structuredClone(tree);
  const endpoint = (full['endpoint'] ??= {});
  if (isMap(endpoint) && !endpointDeclared) endpoint['url'] ??= SIMULATED;
  const simulated = valueAt(full, ['endpoint', 'url']) === SIMULATED;
  for (const { path, fallback, unless } of SCENARIO_KEYS) {
    if (fallback === undefined || (path.startsWith('simulator.') && !simulated)) continue;
    const steps = path.split('.');
    const section = valueAt(full, steps.slice(0, -1));
    // A section that is optional by itself, like a prefix, brings its defaults only where it is there.
    const optional = path.startsWith('workload.prefix.');
    if (optional ? !isMap(section) : section !== undefined && !isMap(section)) continue;
    if (valueAt(full, steps) !== undefined) continue;
    if (unless.some((other) => valueAt(full, other.split('.')) !== undefined)) continue;
    setAt(full, steps, fallback);
  }
  return inOrder(full, '');
}

function inOrder(tree: Tree, prefix: string): Tree {
  const rank = new Map(SCENARIO_KEYS.map(({ path }, at) => [path, at]));
  const position = (name: string): number => rank.get(prefix + name) ?? Infinity;
  const names = Object.keys(tree).sort((a, b) =>
    position(a) === position(b) ? 0 : position(a) - position(b),
  );
  return Object.fromEntries(
    names.map((name) => {
      const value = tree[name];
      const section =
        isMap(value) && SCENARIO_KEYS.some(({ path, info }) => path === prefix + name && info === null);
      return [name, section ? inOrder(value, `${prefix}${name}.`) : value];
    }),
  );
}
