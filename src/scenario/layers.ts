import { SIMULATED } from './keys/endpoint-keys.ts';
import { replacedBy } from './outside.ts';
import type { Assignment, Layer } from './outside.ts';
import { isMap, setAt, valueAt } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import type { Path } from './keys/problem.ts';
import { refersToEnvironment } from './secrets.ts';

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
    // The word alone is short for a map, which other sources may add to; so is a reference that may turn out to be it.
    const endpoint = this.tree['endpoint'];
    if (typeof endpoint === 'string' && (endpoint === SIMULATED || refersToEnvironment(endpoint))) {
      this.tree['endpoint'] = { url: endpoint };
    }
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
